package retort_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

func TestConfigDescribe(t *testing.T) {
	t.Setenv("RETORT_PREFERRED_URL_SCHEME", "https")
	app := appIn(t, "config.toml", "PAGE_SIZE = 20\nNAME = 'x \"y\"'\n")
	c := app.Config
	c.FromFile("config.toml")
	c.FromPrefixedEnv()
	c.Update(map[string]any{
		"SECRET_KEY": []byte("hush"), "SECRET_KEY_FALLBACKS": []string{"hush"}, "API_KEY": "hush", "DB_PASSWORD": "hush", "SMTP_TOKEN": "hush",
		"DATABASE_URL": "postgres://me:hush@db/x", "MYSQL": "me:hush@tcp(db)/x", "MAIL": "me@example.com", "PAGE": "https://example.com/@me",
		"QUERY_URL": "postgres://db/x?user=me&password=hush&sslmode=off", "LIBPQ": "host=db user=me password='hu sh' port=1", "ODBC": "Server=db;Pwd=hush;",
		"DB":  map[string]any{"host": "h", "password": "hush", "replicas": []any{"postgres://me:hush@b/x", map[string]string{"pwd": "hush"}}},
		"BOX": struct{ s string }{"hush"}, "POINTER": &struct{ S string }{"hush"}, "SINCE": time.Unix(0, 0).UTC(), "KEYBOARD": "us",
	})
	entries := make(map[string]retort.ConfigEntry)
	for _, e := range c.Describe() {
		entries[e.Key] = e
	}
	for key, want := range map[string]string{
		"PAGE_SIZE": "20 config.toml:1:1", "NAME": `"x \"y\"" config.toml:2:1`,
		"PREFERRED_URL_SCHEME":       `"https" RETORT_PREFERRED_URL_SCHEME in the environment`,
		"PERMANENT_SESSION_LIFETIME": "744h0m0s default", "SERVER_NAME": "unset default", "TESTING": "false default",
	} {
		assert.Equal(t, want, entries[key].Value+" "+entries[key].Origin.String(), key)
	}
	for key, want := range map[string]string{
		"SECRET_KEY": "[hidden]", "SECRET_KEY_FALLBACKS": "[hidden]", "API_KEY": "[hidden]", "DB_PASSWORD": "[hidden]", "SMTP_TOKEN": "[hidden]",
		"DATABASE_URL": `"postgres://me:xxxxx@db/x"`, "MYSQL": `"[hidden]"`, "MAIL": `"me@example.com"`, "PAGE": `"https://example.com/@me"`,
		"QUERY_URL": `"postgres://db/x?user=me&password=[hidden]&sslmode=off"`, "LIBPQ": `"host=db user=me password=[hidden] port=1"`, "ODBC": `"Server=db;Pwd=[hidden];"`,
		"DB":  `{host: "h", password: [hidden], replicas: ["postgres://me:xxxxx@b/x", {pwd: [hidden]}]}`,
		"BOX": "struct { s string }", "POINTER": "*struct { S string }", "SINCE": "1970-01-01 00:00:00 +0000 UTC", "KEYBOARD": `"us"`,
	} {
		assert.Equal(t, want, entries[key].Value, key)
		assert.True(t, strings.HasPrefix(entries[key].Origin.File, "/") || entries[key].Origin.File[1] == ':', "the file is absolute")
		assert.Regexp(t, `configdescribe_test\.go:\d+$`, entries[key].Origin.String(), key)
	}
	for _, k := range retort.ConfigKeys() {
		assert.Equal(t, k.Doc, entries[k.Name].Doc)
	}
}

func TestPrintingAConfigShowsNoSecrets(t *testing.T) {
	app := quiet()
	app.Config.Set("SECRET_KEY", "hush")
	app.Config.Set("PAGE_SIZE", 20)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "config", app.Config)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "config", app.Config)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%q"} {
		text := fmt.Sprintf(verb, app.Config)
		assert.True(t, strings.HasPrefix(text, `Config{APPLICATION_ROOT: "/", `), verb)
		assert.Contains(t, text, "PAGE_SIZE: 20, ")
		assert.Contains(t, text, "SECRET_KEY: [hidden], ")
		log.WriteString(text)
	}
	fmt.Fprintf(&log, "%+v", *app.Config)
	fmt.Fprintf(&log, "%+v %#v", app, app)
	assert.NotContains(t, log.String(), "hush")
}
