package retort_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The test client sees what a client of net/http's server sees.
func TestRecorderAgreesWithAServer(t *testing.T) {
	header := func(pairs ...string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			for i := 0; i < len(pairs); i += 2 {
				w.Header().Add(pairs[i], pairs[i+1])
			}
		}
	}
	status := func(code int) func(http.ResponseWriter) { return func(w http.ResponseWriter) { w.WriteHeader(code) } }
	write := func(s string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { _, _ = io.WriteString(w, s) }
	}
	flush := func(w http.ResponseWriter) { w.(http.Flusher).Flush() }
	noType := func(w http.ResponseWriter) { w.Header()["Content-Type"] = nil }
	copied := func(s string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { _, _ = io.Copy(w, struct{ io.Reader }{strings.NewReader(s)}) }
	}
	page, long := "<!doctype html><p>hi", strings.Repeat("long ", 1000)
	for name, steps := range map[string][]func(http.ResponseWriter){
		"nothing":                      {},
		"a status":                     {status(404)},
		"text":                         {write("hello")},
		"a page":                       {write(page)},
		"nothing written":              {write("")},
		"pieces":                       {write("hel"), write("lo")},
		"a page in pieces":             {write("<!doc"), write("type html><p>hi")},
		"2048 bytes":                   {write(long[:2048])},
		"2049 bytes":                   {write(long[:2049])},
		"2049 bytes in pieces":         {write(long[:2048]), write("x")},
		"much":                         {write(long)},
		"a type":                       {header("Content-Type", "text/x-own"), write("hello")},
		"no type":                      {noType, write(page)},
		"a type that came too late":    {write(page), header("Content-Type", "text/x-own")},
		"an encoding":                  {header("Content-Encoding", "gzip"), write("\x1f\x8b\x08")},
		"a flush before the body":      {flush, write(page)},
		"a flush after the body":       {write(page), flush},
		"a flush between":              {write("hel"), flush, write("lo")},
		"a length":                     {header("Content-Length", "5"), write("hello")},
		"fields":                       {header("X-A", "1", "X-A", "2", "Set-Cookie", "a=b"), write("hello")},
		"a field after the status":     {status(201), header("X-Late", "1"), write("hello")},
		"two statuses":                 {status(201), status(202)},
		"a 204":                        {status(204), write("hello")},
		"a 204 with a length":          {header("Content-Length", "5"), status(204)},
		"a 204 with a type":            {header("Content-Type", "text/x-own"), status(204)},
		"a 304":                        {header("ETag", `"x"`), status(304), write("hello")},
		"a 304 with a type and length": {header("Content-Type", "text/x-own", "Content-Length", "5"), status(304)},
		"a redirect":                   {header("Location", "/x"), status(302)},
		"a reader":                     {copied("hello")},
		"a long reader":                {copied(long)},
		"a reader after text":          {write("hello "), copied(page)},
		"a status of its own":          {status(299), write("hello")},
		"early hints":                  {header("Link", "</a.css>"), status(103), write("hello")},
	} {
		t.Run(name, func(t *testing.T) {
			app := quiet()
			app.Use(func(http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					for _, step := range steps {
						step(w)
					}
				})
			})
			server := httptest.NewUnstartedServer(app)
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.Start()
			defer server.Close()
			for _, method := range []string{"GET", "HEAD"} {
				want := ask(t, server, method)
				res := app.TestClient().Open(method, "/")
				got := fmt.Sprintln(res.Status, res.Header, res.Text)
				assert.Equal(t, want, got, method)
			}
		})
	}
}

// ask gives the response of a server in one text.
func ask(t *testing.T, server *httptest.Server, method string) string {
	t.Helper()
	r, err := http.NewRequest(method, server.URL, nil)
	require.NoError(t, err)
	r.Header.Set("Accept-Encoding", "identity")
	r.Close = true
	res, err := server.Client().Transport.RoundTrip(r)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	res.Header.Del("Date")
	res.Header.Del("Connection")
	return fmt.Sprintln(res.StatusCode, res.Header, string(body))
}
