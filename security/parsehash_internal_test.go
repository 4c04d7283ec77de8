package security

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzParseHash: a stored hash can be anything. What is read of it is in bounds,
// and reads the same when it is written again.
func FuzzParseHash(f *testing.F) {
	for _, hash := range []string{
		"$$", "scrypt$a$00", "scrypt:16:1:1$$00ff", "pbkdf2:sha256:10$a$0a", "pbkdf2$a$", "argon2id$a$00",
		"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
	} {
		f.Add(hash)
	}
	f.Fuzz(func(t *testing.T, hash string) {
		h, err := parseHash(hash)
		if err != nil {
			return
		}
		var cost int
		switch m := h.method.(type) {
		case scryptMethod:
			cost = m.n * m.r * m.p
			require.LessOrEqual(t, cost, 1<<22)
		case pbkdf2Method:
			cost = m.iterations
			require.LessOrEqual(t, cost, 10_000_000)
		case argon2idMethod:
			cost = m.memory * m.time
			require.LessOrEqual(t, cost, 1<<22)
			require.LessOrEqual(t, m.memory, 1<<19)
		}
		require.Positive(t, cost)
		written := h.method.format(h.salt, h.key)
		again, err := parseHash(written)
		require.NoError(t, err, "%q", written)
		assert.Equal(t, h.method, again.method)
		assert.Equal(t, string(h.salt), string(again.salt))
		assert.Equal(t, string(h.key), string(again.key))
		if cost <= 1<<10 {
			key, err := h.method.derive("secret", h.salt)
			require.NoError(t, err)
			assert.NotEmpty(t, key)
		}
	})
}
