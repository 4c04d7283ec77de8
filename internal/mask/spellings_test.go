package mask

import (
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A value is hidden in every way in which Go programs, browsers and drivers are
// apt to write it.
func TestASecretIsFoundHoweverItIsWritten(t *testing.T) {
	for _, secret := range []string{"s3cret-value", "pa ss&w=rd+!", `a"quote\n'1`, "x(1)*2'y z", "Zo\u00eb+K\u00f6y/9=", "p@ss/w?rd#1"} {
		s := secrets(secret)
		inner, err := json.Marshal(secret)
		require.NoError(t, err)
		outer, err := json.Marshal(string(inner))
		require.NoError(t, err)
		var array [64]byte
		n := copy(array[:], secret)
		var page strings.Builder
		require.NoError(t, template.Must(template.New("").Parse("{{.}}")).Execute(&page, secret))
		for name, text := range map[string]string{
			"as it is":               secret,
			"bytes":                  fmt.Sprintf("%v", []byte(secret)),
			"bytes in a struct":      fmt.Sprintf("%+v", struct{ A []byte }{[]byte(secret)}),
			"bytes in Go":            fmt.Sprintf("%#v", []byte(secret)),
			"an array in Go":         fmt.Sprintf("%v", array[:n]),
			"hexadecimal":            fmt.Sprintf("%x", secret),
			"with spaces":            fmt.Sprintf("% x", secret),
			"in quotes":              fmt.Sprintf("%q", secret),
			"in quotes twice":        fmt.Sprintf("%q", fmt.Sprintf("%q", secret)),
			"in JSON":                string(inner),
			"in JSON in JSON":        string(outer),
			"in a page":              page.String(),
			"in a query":             url.QueryEscape(secret),
			"in a query twice":       url.QueryEscape(url.QueryEscape(secret)),
			"in a path":              url.PathEscape(secret),
			"as a script escapes it": escapedByScript(secret),
			"in a URL":               (&url.URL{Scheme: "smb", User: url.UserPassword("ada", secret), Host: "db"}).User.String(),
		} {
			masked := s.Values(text)
			assert.Contains(t, masked, Hidden, "%q %s: %s", secret, name, text)
			assert.Less(t, len(strings.ReplaceAll(masked, Hidden, "")), 20, "%q %s: %s", secret, name, masked)
		}
	}
	array := secrets("[byte]9")
	text, err := json.Marshal([7]byte([]byte("[byte]9")))
	require.NoError(t, err)
	assert.Equal(t, "["+Hidden+"]", array.Values(string(text)))
}

func TestWhatAScriptLeavesAsItIs(t *testing.T) {
	assert.Equal(t, "a%20b!'()*~-_.%2B%C3%A9%25", escapedByScript("a b!'()*~-_.+é%"))
}

func TestPasswordsInNamesOfDataSources(t *testing.T) {
	_, badPort := url.Parse(fmt.Sprintf("postgres://ada:%s@db/notes", "hunter2/x")) // not escaped
	require.Error(t, badPort)
	var e *url.Error
	require.True(t, errors.As(badPort, &e))
	for _, tt := range [][2]string{
		{"ada:hunter2@tcp(db:3306)/notes", "ada:[hidden]@tcp(db:3306)/notes"},
		{"open ada:hunt@er2@unix(/run/db.sock)/notes: refused", "open ada:[hidden]@unix(/run/db.sock)/notes: refused"},
		{"postgres://ada:hunter2/x@db/notes", "postgres://ada:[hidden]@db/notes"},
		{"postgres://ada:hunt@er2@db/notes", "postgres://ada:[hidden]@db/notes"},
		{"redis://:hunter2@db:6379", "redis://:[hidden]@db:6379"},
		{badPort.Error(), `parse "postgres://ada:[hidden]@db/notes": invalid port ":[hidden]" after host`},
		{e.Err.Error(), `invalid port ":[hidden]" after host`},
		{"fatal: https://ghp_0123456789abcdefghij@github.com/a/b", "fatal: https://[hidden]@github.com/a/b"},
		{"http://localhost:5000/users/@ada", "http://localhost:5000/users/@ada"},
		{"http://localhost:80/,http://ada:hunter2@db/", "http://localhost:80/,http://ada:[hidden]@db/"},
		{"see main.go:12 f(x) by ada@example.test (she)", "see main.go:12 f(x) by ada@example.test (she)"},
	} {
		assert.Equal(t, tt[1], new(Secrets).Text(tt[0]))
		assert.Equal(t, tt[1], new(Secrets).Source(tt[0]))
	}
}

func TestAddWithin(t *testing.T) {
	for text, hidden := range map[string][]string{
		"postgres://ada:hunter2@db/notes":                       {"hunter2"},
		"postgres://ada:hun%20ter2@db/notes":                    {"hun ter2", "hun%20ter2"},
		"postgres://ada:hunter2/rest7@db/notes":                 {"hunter2/rest7", "hunter2", "rest7"},
		"ada:hunter2@tcp(db)/notes":                             {"hunter2"},
		"host=db user=ada password=hunter2 sslmode=disable":     {"hunter2"},
		"host=db password='hunter2' application_name=notes1234": {"hunter2"},
	} {
		s := new(Secrets)
		s.AddWithin(text)
		for _, h := range hidden {
			assert.Equal(t, "- "+Hidden+" -", s.Values("- "+h+" -"), text)
		}
		assert.Equal(t, "ada db notes1234 disable", s.Values("ada db notes1234 disable"), text)
	}
	s := new(Secrets)
	s.AddEnviron([]string{"DATABASE_URL=postgres://ada:hunter2@db/notes", "LS_COLORS=*.tar=01;31:*.key=0012345678:", "HERE=http://localhost:8080/@ada"})
	assert.Equal(t, "[hidden] 01;31 8080/ ada db", s.Values("hunter2 01;31 8080/ ada db"))
}

// A panic indents the lines of its message, so that those of a key come one by one.
func TestAKeyOfSeveralLines(t *testing.T) {
	key := "-----BEGIN PRIVATE KEY-----\nMIIEvgIBADANBgkqhkiG9w0\r\nBAQEFAASCBKgwggSkAgEAAoI\nshort\n-----END PRIVATE KEY-----\n"
	s := secrets(key)
	assert.Equal(t, "-----BEGIN PRIVATE KEY-----\n\t[hidden]\n\t[hidden]\n\tshort", s.Values("-----BEGIN PRIVATE KEY-----\n\tMIIEvgIBADANBgkqhkiG9w0\n\tBAQEFAASCBKgwggSkAgEAAoI\n\tshort"))
}
