//go:build !race

// The race detector has sync.Pool forget what it is given, now and then.

package signing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSigningASessionAllocatesLittle(t *testing.T) {
	s := sessions(t, "key")
	value := map[string]any{"user_id": 42, "name": "bob"}
	token, err := s.Dumps(value)
	require.NoError(t, err)
	dumps := testing.AllocsPerRun(100, func() { _, _ = s.Dumps(value) })
	assert.LessOrEqual(t, dumps, 6.0)
	var got map[string]any
	loads := testing.AllocsPerRun(100, func() { _, _ = s.Loads(token, &got, time.Hour) })
	assert.LessOrEqual(t, loads, 10.0)
}
