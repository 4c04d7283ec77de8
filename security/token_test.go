package security_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/security"
)

func TestToken(t *testing.T) {
	assert.Regexp(t, `^[A-Za-z0-9_-]{43}$`, security.Token(32))
	assert.Regexp(t, `^[A-Za-z0-9_-]{2}$`, security.Token(1))
	assert.NotEqual(t, security.Token(16), security.Token(16))
	assert.PanicsWithValue(t, "security: Token(0): a token has at least one byte; 32 is a good number", func() { security.Token(0) })
}
