package retort_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

// Whatever the type of a setting, and however deep in it: a secret in it is hidden
// when an error tells it.
func TestSecretsInSettingsOfAnyTypeAreHiddenInTheLog(t *testing.T) {
	type server struct {
		Host, Password string
		keys           [][]byte
		APIKey         [12]byte
		next           *server
	}
	app := retort.New("app")
	var log bytes.Buffer
	app.Logger = slog.New(slog.NewTextHandler(&log, nil))
	loop := &server{Password: "in-a-pointer-5"}
	loop.next = loop
	app.Config.Update(map[string]any{
		"SECRET_KEY":  "of-the-session-0",
		"SMTP":        server{Host: "mail.example.test", Password: "in-a-struct-1", keys: [][]byte{[]byte("in-bytes-2")}, APIKey: [12]byte([]byte("in-array-003"))},
		"LOOP":        loop,
		"STORES":      map[string]any{"first": map[string]string{"token": "in-a-map-4", "place": "somewhere-9"}, "second": []string{"ada:in-a-dsn-6@tcp(db)/x"}},
		"SIGNING_KEY": map[string]string{"2026": "in-a-group-7"},
		"DATABASE":    "host=db password=in-pairs-8",
	})
	secrets := []string{"of-the-session-0", "in-a-struct-1", "in-bytes-2", "in-array-003", "in-a-map-4", "in-a-pointer-5", "in-a-dsn-6", "in-a-group-7", "in-pairs-8"}
	plain := []string{"mail.example.test", "somewhere-9"}
	app.Get("/")(func() (string, error) { return "", errors.New(strings.Join(append(secrets, plain...), " and ")) })
	res := app.TestClient().Get("/")
	assert.Equal(t, http.StatusInternalServerError, res.Status)
	for _, secret := range secrets {
		assert.NotContains(t, log.String(), secret)
	}
	for _, word := range plain {
		assert.Contains(t, log.String(), word)
	}
}
