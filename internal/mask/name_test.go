package mask

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestName(t *testing.T) {
	for _, name := range []string{
		"password", "PASSWORD", "Password", "db_password", "dbPassword", "DB-PASSWORD", "pass_word", "passwd", "pwd", "DbPwd", "pass", "pw",
		"secret", "SECRET_KEY", "SecretKey", "secretkey", "client-secret", "token", "access_token", "accessToken", "X-CSRF-Token", "tokens",
		"key", "apiKey", "APIKey", "APIKEY", "X-Api-Key", "api key", "userKey2", "Keys", "private", "PrivateKey", "auth", "Authorization",
		"Proxy-Authorization", "oauth2", "Cookie", "Set-Cookie", "session", "SESSION_ID", "sid", "credentials", "aws.credential", "csrf", "xsrf",
		"jwt", "otp", "PIN", "salt", "dsn", "signature", "Sig", "cvv", "paſsword_token", "ключ_token",
	} {
		assert.True(t, Name(name), name)
	}
	for _, name := range []string{
		"", "user", "author", "authors", "AuthorName", "monkey", "Turkey", "keyboard", "keynote", "passenger", "compass", "bypass", "id", "title",
		"pinned", "spin", "side", "design", "assignee", "privately", "Host", "User-Agent", "Accept", "path", "page", "_", "-", "signal",
	} {
		assert.False(t, Name(name), name)
	}
}

func TestCredential(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		want        bool
	}{
		{"password", "word", true},
		{"password", "abc", false},
		{"pin", "1234", true},
		{"key", "title", false},
		{"sort_key", "created", false},
		{"key", "8f2c1a90b7", true},
		{"session", "manager", false},
		{"sid", "abcdef", true},
		{"title", "8f2c1a90b7", false},
	} {
		assert.Equal(t, tt.want, Credential(tt.name, tt.value), "%s=%s", tt.name, tt.value)
	}
}
