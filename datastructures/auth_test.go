package datastructures_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/datastructures"
)

func TestAuthorization(t *testing.T) {
	basic := datastructures.ParseAuthorization("BASIC dTpwOnE=")
	assert.Equal(t, "basic", basic.Type())
	assert.Equal(t, "u", basic.Username())
	assert.Equal(t, "p:q", basic.Password(), "only the first colon counts")
	assert.False(t, basic.HasToken())
	assert.Equal(t, "Basic dTpwOnE=", basic.String())

	bearer := datastructures.ParseAuthorization("bearer abc==")
	assert.Equal(t, "abc==", bearer.Token())
	assert.Equal(t, "Bearer abc==", bearer.String())
	assert.Equal(t, bearer, datastructures.BearerAuthorization("abc=="))

	digest := datastructures.ParseAuthorization(`Digest username="M", nc=1, flag`)
	assert.Equal(t, map[string]string{"username": "M", "nc": "1", "flag": ""}, digest.Parameters())
	assert.Equal(t, "Digest username=M, nc=1, flag", digest.String())
	_, ok := digest.Lookup("zz")
	assert.False(t, ok)
	assert.Equal(t, "Scram-Sha-256 x", datastructures.ParseAuthorization("SCRAM-SHA-256 x").String())
}

func TestAuthorizationThatIsNone(t *testing.T) {
	for _, field := range []string{"", "Basic x", "Basic /////w==", "Basic dTpwOnE", "Basic dTpwO"} {
		a := datastructures.ParseAuthorization(field)
		assert.Nil(t, a, field)
		assert.Equal(t, "", a.Type()+a.Token()+a.Username()+a.Password()+a.String())
		assert.Empty(t, a.Parameters())
	}
}

func TestWWWAuthenticate(t *testing.T) {
	w := datastructures.NewWWWAuthenticate("Digest")
	field := ""
	w.OnUpdate(func() { field = w.String() })
	w.Set("realm", "r").Set("algorithm", "SHA-256").Set("nonce", `a"`)
	assert.Equal(t, `Digest realm="r", algorithm=SHA-256, nonce="a\""`, field)
	w.Delete("nonce")
	assert.Equal(t, `Digest realm="r", algorithm=SHA-256`, field)
	assert.Equal(t, "r", w.Get("realm"))

	w.SetToken("t")
	assert.Equal(t, "Digest t", field)
	assert.True(t, w.HasToken())
	w.Set("realm", "x")
	assert.False(t, w.HasToken())

	assert.Equal(t, "Basic realm=staff", datastructures.NewWWWAuthenticate("basic").Set("realm", "staff").String())
	assert.Equal(t, "Negotiate", datastructures.NewWWWAuthenticate("negotiate").String())
	assert.Nil(t, datastructures.ParseWWWAuthenticate(""))
	parsed := datastructures.ParseWWWAuthenticate(`Bearer realm="a b", error=invalid_token`)
	assert.Equal(t, "bearer", parsed.Type())
	assert.Equal(t, map[string]string{"realm": "a b", "error": "invalid_token"}, parsed.Parameters())
}

func FuzzAuthorization(f *testing.F) {
	f.Add("Basic dXNlcjpwYXNz", "user", "pass:word")
	f.Add(`Digest a="b, c", d`, "", "")
	f.Fuzz(func(t *testing.T, field, username, password string) {
		if a := datastructures.ParseAuthorization(field); a != nil {
			assert.Equal(t, strings.ToLower(a.Type()), a.Type())
			assert.False(t, a.HasToken() && len(a.Parameters()) > 0)
		}
		_ = datastructures.ParseWWWAuthenticate(field)
		if strings.Contains(username, ":") || !utf8.ValidString(username) || !utf8.ValidString(password) {
			return
		}
		a := datastructures.ParseAuthorization(datastructures.BasicAuthorization(username, password).String())
		require.NotNil(t, a)
		assert.Equal(t, []string{username, password}, []string{a.Username(), a.Password()}, "what was written is read")
	})
}
