package tests

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/security"
)

// werkzeugSecurity answers with what a function of Werkzeug gives.
const werkzeugSecurity = `
from werkzeug.security import generate_password_hash, check_password_hash, safe_join

def answer(q):
    if q["function"] == "generate":
        return generate_password_hash(q["password"], q["method"], q["salt_length"])
    if q["function"] == "check":
        return check_password_hash(q["hash"], q["password"])
    return safe_join(q["directory"], *q["parts"])
`

type question map[string]any

// livePasswords are such that JSON carries them.
var livePasswords = []string{"", "secret", "pässwörd☃", "a$b:c", "pa\x00ss", "\U0001f9ea", string(make([]byte, 100))}

func TestLivePasswordHashes(t *testing.T) {
	werkzeug := startPython(t, werkzeugSecurity, "werkzeug")
	for _, method := range []string{
		"scrypt", "scrypt:1024:4:2", "scrypt:512:1:3", "pbkdf2:sha256:1000", "pbkdf2:sha1:100", "pbkdf2:sha224:100", "pbkdf2:sha384:100", "pbkdf2:sha512:100",
		"pbkdf2:md5:100", "pbkdf2:sha512_256:100", "pbkdf2:sha3_224:100", "pbkdf2:sha3_256:100", "pbkdf2:sha3_384:100", "pbkdf2:sha3_512:100",
	} {
		for i, password := range livePasswords {
			var theirs string
			werkzeug.ask(t, question{"function": "generate", "password": password, "method": method, "salt_length": 1 + i*7}, &theirs)
			assert.True(t, security.CheckPasswordHash(theirs, password), "%s %q", theirs, password)
			assert.False(t, security.CheckPasswordHash(theirs, password+"x"), "%s %q", theirs, password)
			assert.False(t, security.NeedsRehash(theirs, method), "%s", theirs)

			ours, err := security.GeneratePasswordHash(password, method)
			require.NoError(t, err)
			for candidate, want := range map[string]bool{password: true, password + "x": false} {
				var ok bool
				werkzeug.ask(t, question{"function": "check", "hash": ours, "password": candidate}, &ok)
				assert.Equal(t, want, ok, "%s %q", ours, candidate)
			}
		}
	}
}

func TestLiveSafeJoin(t *testing.T) {
	werkzeug := startPython(t, werkzeugSecurity, "werkzeug")
	parts := []string{"", "a", "a/b", "a/", "/", "/a", "//a", ".", "..", "../a", "./..", "a/..", "a/../..", "a/../b", "a//b", "...", "..a", "a/...", `a\b`, `..\a`, "c:/x", "nul.txt", "\n", "é"}
	for _, directory := range []string{"", ".", "/", "/srv", "/srv/", "rel", "//host"} {
		for _, first := range parts {
			for _, second := range parts {
				var want *string
				werkzeug.ask(t, question{"function": "join", "directory": directory, "parts": []string{first, second}}, &want)
				got, ok := security.SafeJoin(directory, first, second)
				if assert.Equal(t, want != nil, ok, "%q %q %q", directory, first, second) && ok {
					assert.Equal(t, *want, got)
				}
			}
		}
	}
}
