package security_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/security"
)

// replay counts the cases of a section of compat.json for which holds is true.
// All must hold.
func replay[T any](t *testing.T, section string, holds func(c T) bool) {
	t.Helper()
	var file struct {
		Sections map[string]struct{ Cases []json.RawMessage }
	}
	dir := os.Getenv("RETORT_ORACLE_DIR")
	if dir == "" {
		dir = filepath.Join("..", "tests", "testdata", "oracle")
	}
	data, err := os.ReadFile(filepath.Join(dir, "compat.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &file))

	cases, held := file.Sections[section].Cases, 0
	for _, raw := range cases {
		var c T
		require.NoError(t, json.Unmarshal(raw, &c))
		if assert.True(t, holds(c), "%s", raw) {
			held++
		}
	}
	fmt.Printf("compat.json %s: %d of %d cases hold\n", section, held, len(cases))
	assert.NotEmpty(t, cases)
}

// TestReplayPasswordHash: a hash for which Werkzeug raises an error is nobody's.
func TestReplayPasswordHash(t *testing.T) {
	replay(t, "password_hash", func(c struct {
		Hash, Password string
		OK             any
	}) bool {
		return security.CheckPasswordHash(c.Hash, c.Password) == (c.OK == true)
	})
}

// TestReplayPasswordHashError: a salt without a byte cannot be asked for, so
// that its error needs no code.
func TestReplayPasswordHashError(t *testing.T) {
	replay(t, "password_hash_error", func(c struct {
		Method     string
		SaltLength int `json:"salt_length"`
	}) bool {
		_, err := security.GeneratePasswordHash("secret", c.Method)
		return err != nil || c.SaltLength < 1
	})
}

func TestReplaySafeJoin(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the recording was made on a POSIX system")
	}
	replay(t, "safe_join", func(c struct {
		Directory string
		Parts     []string
		Out       *string
	}) bool {
		joined, ok := security.SafeJoin(c.Directory, c.Parts...)
		return ok == (c.Out != nil) && (!ok || joined == *c.Out)
	})
}
