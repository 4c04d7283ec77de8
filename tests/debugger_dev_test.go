//go:build retort_dev

package tests

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/serving/debug"
)

// The secrets that must never be seen. They are made here, away from the frames
// whose source the page shows.
const (
	secretKey     = "k1-of-sessions-0001"
	fallbackKey   = "k2-of-sessions-0002"
	paymentKey    = "k3-of-payments-0003"
	databaseWord  = "k4-of-database-0004"
	environToken  = "k5-of-environ-00005"
	bearerToken   = "k6-of-bearer-000006"
	basicPassword = "k7-of-basic-0000007"
	headerKey     = "k8-of-header-000008"
	cookieToken   = "k9-of-cookie-000009"
	queryToken    = "ka-of-query-0000010"
	formPassword  = "kb-of-form-0000 011/%"
	sessionToken  = "kc-of-session-00012"
	sourceToken   = "kd-of-source-000013"
	resetToken    = "ke-of-path-00000014"
)

var everySecret = []string{secretKey, fallbackKey, paymentKey, databaseWord, environToken, bearerToken, basicPassword,
	headerKey, cookieToken, queryToken, formPassword, sessionToken, resetToken, sourceToken}

// leakyApp fails in ways that quote the secrets of the request and its own.
func leakyApp(t *testing.T, log *bytes.Buffer) *retort.App {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "templates"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "templates", "leak.html"),
		[]byte("<p>\n{{$apiToken := \""+sourceToken+"\"}}{{.nothing.at.all}}\n"), 0o600))
	t.Setenv("PAYMENT_TOKEN", environToken)
	app := retort.New("leaky", retort.RootPath(dir))
	app.Logger = slog.New(slog.NewTextHandler(log, nil))
	app.Config.Set("DEBUG", true)
	app.Config.Set("SECRET_KEY", secretKey)
	app.Config.Set("SECRET_KEY_FALLBACKS", []string{fallbackKey})
	app.Config.Set("PAYMENT_API_KEY", paymentKey)
	app.Config.Set("DATABASE_URL", "postgres://shop:"+databaseWord+"@db.test/shop")
	quote := func(c *retort.Context) error {
		c.Session().Set("accessToken", sessionToken)
		all := strings.Join(everySecret[:len(everySecret)-2], " ")
		return fmt.Errorf("of %s, %s and %s: %w", all, url.QueryEscape(formPassword),
			base64.StdEncoding.EncodeToString([]byte(secretKey)), errors.New(c.Request.Form().Get("password")))
	}
	post := retort.Methods("GET", "POST")
	app.Route("/returned", post)(quote)
	app.Route("/panicked", post)(func(c *retort.Context) string { panic(quote(c)) })
	app.Route("/template", post)(func(c *retort.Context) *retort.Response {
		_ = quote(c)
		return c.RenderTemplate("leak.html", map[string]any{"nothing": 1})
	})
	app.Route("/stream", post)(func(c *retort.Context) http.Handler {
		err := quote(c)
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(err) })
	})
	app.Route("/reset/<token>", post)(func(c *retort.Context, token string) error {
		return errors.Join(quote(c), errors.New("no user for "+token))
	})
	return app
}

// leak sends a request that is full of secrets.
func leak(t *testing.T, target, accept string) *http.Request {
	t.Helper()
	form := url.Values{"password": {formPassword}, "title": {"a title"}}
	r := httptest.NewRequest(http.MethodPost, target+"?access_token="+queryToken, strings.NewReader(form.Encode()))
	r.RemoteAddr, r.Host = "127.0.0.1:40000", "localhost:5000"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", accept)
	r.Header.Add("Authorization", "Bearer "+bearerToken)
	r.Header.Add("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("ada:"+basicPassword)))
	r.Header.Set("X-Api-Key", headerKey)
	r.AddCookie(&http.Cookie{Name: "auth_token", Value: cookieToken})
	return r
}

func TestTheDebuggerShowsNoSecrets(t *testing.T) {
	for _, path := range []string{"/returned", "/panicked", "/template", "/stream", "/reset/" + resetToken} {
		for _, accept := range []string{"text/html", "text/plain", "application/json"} {
			var log bytes.Buffer
			h := debug.Handler(leakyApp(t, &log), debug.Options{PIN: "off", Log: func(text string) { log.WriteString(text) }})
			res := httptest.NewRecorder()
			h.ServeHTTP(res, leak(t, path, accept))
			require.Equal(t, http.StatusInternalServerError, res.Code, path)
			for where, text := range map[string]string{"page": res.Body.String(), "log": log.String()} {
				for _, secret := range everySecret {
					for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
						assert.False(t, strings.Contains(text, form), "%s as %s: the %s has the secret %s", path, accept, where, form)
					}
				}
			}
			if accept == "text/html" {
				for _, want := range []string{"a title", "[hidden]", "PAYMENT_API_KEY", "postgres://shop:"} {
					assert.True(t, strings.Contains(res.Body.String(), want), "%s: the page lacks %q", path, want)
				}
			}
			assert.Equal(t, 1, strings.Count(log.String(), "exception on "), "%s: the failure is logged once", path)
		}
	}
}

// TestStrangersGetAPlain500: a request that the debugger is not for gets what
// it would get without one, and nothing of the failure.
func TestStrangersGetAPlain500(t *testing.T) {
	var log bytes.Buffer
	h := debug.Handler(leakyApp(t, &log), debug.Options{PIN: "off"})
	r := leak(t, "/returned", "text/html")
	r.Header.Set("X-Forwarded-For", "127.0.0.1")
	res := httptest.NewRecorder()
	h.ServeHTTP(res, r)
	assert.Equal(t, http.StatusInternalServerError, res.Code)
	assert.Equal(t, "Internal Server Error\n", res.Body.String())
}
