//go:build retort_dev

package debug

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/fault"
)

// bench is a debugger around a handler, with its log.
type bench struct {
	t *testing.T
	h http.Handler

	mu  sync.Mutex
	log []string
}

func newBench(t *testing.T, next http.HandlerFunc, change ...func(*Options)) *bench {
	b := &bench{t: t}
	o := Options{PIN: "123-456-789", Log: func(text string) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.log = append(b.log, text)
	}}
	for _, f := range change {
		f(&o)
	}
	b.h = Handler(next, o)
	b.h.(*debugger).lock.wait = func(context.Context, time.Duration) {}
	return b
}

// lines are the first lines of what was logged.
func (b *bench) lines() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []string
	for _, text := range b.log {
		line, _, _ := strings.Cut(text, "\n")
		all = append(all, line)
	}
	return all
}

// request makes a request of this machine. Fields come as names and values.
func request(method, target, body string, fields ...string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.RemoteAddr, r.Host = "127.0.0.1:40000", "localhost:5000"
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	return r
}

func (b *bench) do(r *http.Request) (*http.Response, string) {
	b.t.Helper()
	rec := httptest.NewRecorder()
	b.h.ServeHTTP(rec, r)
	res := rec.Result()
	text, err := io.ReadAll(res.Body)
	require.NoError(b.t, err)
	return res, string(text)
}

// page gets the page of a failure and its id.
func (b *bench) page(fields ...string) (text, id string) {
	b.t.Helper()
	res, text := b.do(request(http.MethodGet, "/broken?a=1", "", append([]string{"Accept", "text/html"}, fields...)...))
	require.Equal(b.t, http.StatusInternalServerError, res.StatusCode)
	_, rest, ok := strings.Cut(text, `data-fault="`)
	require.True(b.t, ok, text)
	return text, rest[:32]
}

// contains and lacks are assertions whose failures do not print a whole page.
func contains(t *testing.T, text, part string) {
	t.Helper()
	assert.True(t, strings.Contains(text, part), "the page does not have %q", part)
}

func lacks(t *testing.T, text, part string) {
	t.Helper()
	assert.False(t, strings.Contains(text, part), "the page has %q", part)
}

func explode(http.ResponseWriter, *http.Request) {
	panic(fmt.Errorf("outer: %w", errors.New("it <b>broke</b>")))
}

func TestWhatWorksPassesUntouched(t *testing.T) {
	b := newBench(t, func(w http.ResponseWriter, r *http.Request) {
		assert.True(t, fault.Listening(r.Context()))
		w.Header().Set("X-Own", "1")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "tea")
	})
	res, text := b.do(request(http.MethodGet, "/__retort__/other", ""))
	assert.Equal(t, http.StatusTeapot, res.StatusCode)
	assert.Equal(t, http.Header{"X-Own": {"1"}}, res.Header)
	assert.Equal(t, "tea", text)
	assert.Empty(t, b.log)
}

func TestThePage(t *testing.T) {
	b := newBench(t, explode, func(o *Options) { o.Script = func() string { return liveScript } })
	text, id := b.page(customField, customValue)
	contains(t, text, "<h1>outer: it &lt;b&gt;broke&lt;/b&gt;</h1>")
	contains(t, text, "*errors.errorString")
	contains(t, text, "debug.explode")
	contains(t, text, "serving/debug/handler_test.go:")
	contains(t, text, `src="`+liveScript)
	contains(t, text, `action="/__retort__/pin"`)
	for _, secret := range []string{customField, customValue, "Goroutines</h2>"} {
		lacks(t, text, secret)
	}
	require.Equal(t, []string{"exception on /broken [GET]"}, b.lines())
	assert.Contains(t, b.log[0], "handler_test.go:")
	assert.NotEmpty(t, id)
}

func TestThePageIsProtected(t *testing.T) {
	b := newBench(t, explode)
	res, text := b.do(request(http.MethodGet, "/", "", "Accept", "text/html"))
	policy := res.Header.Get("Content-Security-Policy")
	_, rest, _ := strings.Cut(policy, "'nonce-")
	nonce, _, _ := strings.Cut(rest, "'")
	require.NotEmpty(t, nonce)
	contains(t, text, `<style nonce="`+nonce+`">`)
	assert.Contains(t, policy, "default-src 'none'")
	assert.Contains(t, policy, "frame-ancestors 'none'")
	assert.NotContains(t, policy, "unsafe")
	assert.Equal(t, "no-store", res.Header.Get("Cache-Control"))
	assert.Equal(t, "nosniff", res.Header.Get("X-Content-Type-Options"))
	_, again := b.do(request(http.MethodGet, "/", "", "Accept", "text/html"))
	lacks(t, again, nonce)
}

func TestTheFormThatTheClientLikes(t *testing.T) {
	b := newBench(t, explode)
	for _, tt := range []struct{ accept, want string }{
		{"", "text/html; charset=utf-8"},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"},
		{"application/json", "application/json"},
		{"application/json, text/plain, */*", "application/json"},
		{"application/json;q=0.1, text/html", "text/html; charset=utf-8"},
		{"text/plain", "text/plain; charset=utf-8"},
		{"*/*", "text/plain; charset=utf-8"},
		{"image/png", "text/plain; charset=utf-8"},
	} {
		r := request(http.MethodGet, "/", "")
		if tt.accept != "" {
			r.Header.Set("Accept", tt.accept)
		}
		res, _ := b.do(r)
		assert.Equal(t, tt.want, res.Header.Get("Content-Type"), tt.accept)
		assert.Equal(t, http.StatusInternalServerError, res.StatusCode, tt.accept)
		assert.Equal(t, "Accept", res.Header.Get("Vary"), tt.accept)
	}
}

func TestJSON(t *testing.T) {
	b := newBench(t, explode)
	_, text := b.do(request(http.MethodGet, "/x", "", "Accept", "application/json", customField, customValue))
	var d document
	require.NoError(t, json.Unmarshal([]byte(text), &d))
	assert.Equal(t, "outer: it <b>broke</b>", d.Error)
	assert.Equal(t, "*fmt.wrapError", d.Type)
	assert.Equal(t, "GET /x", d.Request)
	assert.Equal(t, []documentLink{{0, "*fmt.wrapError", "outer: it <b>broke</b>"}, {1, "*errors.errorString", "it <b>broke</b>"}}, d.Chain)
	require.NotEmpty(t, d.Frames)
	assert.Contains(t, d.Traceback, "handler_test.go")
	lacks(t, text, customValue)
	res, _ := b.do(request(http.MethodGet, d.Page, ""))
	assert.Equal(t, http.StatusOK, res.StatusCode)
}

func TestTheHeaderOfTheBrokenResponseIsForgotten(t *testing.T) {
	b := newBench(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Set-Cookie", "a=b")
		w.Header().Set("X-Request-Id", "changed")
		explode(w, r)
	})
	rec := httptest.NewRecorder()
	rec.Header().Set("X-Request-Id", "7")
	b.h.ServeHTTP(rec, request(http.MethodGet, "/", ""))
	assert.Equal(t, "7", rec.Header().Get("X-Request-Id"), "what stood there before is kept")
	assert.NotContains(t, rec.Header(), "Content-Encoding")
	assert.NotContains(t, rec.Header(), "Set-Cookie")
}

func TestAResponseThatHadBegunIsCutOff(t *testing.T) {
	for name, begin := range map[string]func(w http.ResponseWriter){
		"a byte":   func(w http.ResponseWriter) { _, _ = w.Write([]byte("x")) },
		"a string": func(w http.ResponseWriter) { _, _ = io.WriteString(w, "x") },
		"a status": func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK) },
		"a flush":  func(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() },
		"a copy":   func(w http.ResponseWriter) { _, _ = io.Copy(w, bytes.NewReader([]byte("x"))) },
	} {
		b := newBench(t, func(w http.ResponseWriter, r *http.Request) {
			begin(w)
			explode(w, r)
		})
		rec := httptest.NewRecorder()
		assert.PanicsWithValue(t, http.ErrAbortHandler, func() { b.h.ServeHTTP(rec, request(http.MethodGet, "/", "")) }, name)
		assert.LessOrEqual(t, rec.Body.Len(), 1, name)
		assert.Equal(t, []string{"exception on / [GET]", "the debugger shows nothing: the response had begun already on / [GET]"}, b.lines(), name)
	}
}

func TestAnInformationalAnswerBeginsNothing(t *testing.T) {
	b := newBench(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		explode(w, r)
	})
	server := httptest.NewServer(b.h)
	defer server.Close()
	res, err := http.Get(server.URL)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	assert.Equal(t, http.StatusInternalServerError, res.StatusCode)
}

func TestAnAbortGoesOn(t *testing.T) {
	for _, v := range []error{http.ErrAbortHandler, fmt.Errorf("client gone: %w", http.ErrAbortHandler)} {
		b := newBench(t, func(http.ResponseWriter, *http.Request) { panic(v) })
		assert.PanicsWithValue(t, http.ErrAbortHandler, func() { b.do(request(http.MethodGet, "/", "")) })
		assert.Empty(t, b.log)
	}
}

func TestAnyPanicIsShown(t *testing.T) {
	for want, v := range map[string]any{
		"a text": "a text", "42": 42, "called with nil argument": nil, "{1 2}": struct{ A, B int }{1, 2},
	} {
		b := newBench(t, func(http.ResponseWriter, *http.Request) { panic(v) })
		_, text := b.do(request(http.MethodGet, "/", "", "Accept", "text/plain"))
		contains(t, text, want)
	}
}

// strangers are requests that must not see anything.
var strangers = map[string]func(r *http.Request){
	"of another machine": func(r *http.Request) { r.RemoteAddr = "192.0.2.1:4000" },
	"of a unix socket":   func(r *http.Request) { r.RemoteAddr = "@" },
	"DNS rebinding":      func(r *http.Request) { r.Host = "evil.test:5000" },
	"a Host that begins": func(r *http.Request) { r.Host = "localhost.evil.test" },
	"no Host":            func(r *http.Request) { r.Host = "" },
	"X-Forwarded-For":    func(r *http.Request) { r.Header.Set("X-Forwarded-For", "127.0.0.1") },
	"Forwarded":          func(r *http.Request) { r.Header.Set("Forwarded", "for=127.0.0.1") },
	"Via":                func(r *http.Request) { r.Header.Set("Via", "1.1 proxy") },
	"X-Real-Ip":          func(r *http.Request) { r.Header.Set("X-Real-Ip", "127.0.0.1") },
}

func TestStrangersSeeNothing(t *testing.T) {
	for name, change := range strangers {
		b := newBench(t, explode)
		r := request(http.MethodGet, "/", "", "Accept", "text/html")
		change(r)
		res, text := b.do(r)
		assert.Equal(t, http.StatusInternalServerError, res.StatusCode, name)
		assert.Equal(t, "Internal Server Error\n", text, name)
		require.Len(t, b.log, 2, name)
		assert.Contains(t, b.log[1], "the debugger shows nothing: ", name)

		_, id := b.page()
		logged := len(b.log)
		for _, own := range []*http.Request{
			request(http.MethodGet, "/__retort__/fault/"+id, ""),
			request(http.MethodGet, "/__retort__/fault/"+id+"?part=private", ""),
			request(http.MethodPost, "/__retort__/pin", `{"pin":"123-456-789"}`, "Content-Type", "application/json"),
		} {
			change(own)
			res, text = b.do(own)
			assert.Equal(t, http.StatusNotFound, res.StatusCode, name)
			assert.Equal(t, "404 page not found\n", text, name)
			assert.Empty(t, res.Cookies(), name)
			logged++
			require.Len(t, b.log, logged, name)
		}
	}
}

func TestOtherSitesAreRefused(t *testing.T) {
	b := newBench(t, explode)
	_, id := b.page()
	for name, fields := range map[string][]string{
		"a page of another site":       {"Sec-Fetch-Site", "cross-site"},
		"another port of this machine": {"Sec-Fetch-Site", "same-site"},
		"an old browser":               {"Origin", "https://evil.test"},
		"a sandbox":                    {"Origin", "null"},
	} {
		r := request(http.MethodPost, "/__retort__/pin", "pin=123-456-789", append(fields, "Content-Type", "application/x-www-form-urlencoded")...)
		res, _ := b.do(r)
		assert.Equal(t, http.StatusForbidden, res.StatusCode, name)
		assert.Empty(t, res.Cookies(), name)
		if fields[0] == "Sec-Fetch-Site" {
			res, _ = b.do(request(http.MethodGet, "/__retort__/fault/"+id, "", fields...))
			assert.Equal(t, http.StatusForbidden, res.StatusCode, name)
		}
	}
	assert.Zero(t, b.h.(*debugger).lock.failures)
}

// enter sends a PIN as the page's script does.
func (b *bench) enter(pin string) (*http.Response, string) {
	b.t.Helper()
	body, err := json.Marshal(map[string]string{"pin": pin})
	require.NoError(b.t, err)
	return b.do(request(http.MethodPost, "/__retort__/pin", string(body), "Content-Type", "application/json", "Sec-Fetch-Site", "same-origin"))
}

func TestThePINOpensTheRest(t *testing.T) {
	b := newBench(t, explode)
	_, id := b.page(customField, customValue, "Authorization", bearer)
	private := "/__retort__/fault/" + id + "?part=private"

	res, _ := b.do(request(http.MethodGet, private, ""))
	assert.Equal(t, http.StatusForbidden, res.StatusCode)
	res, text := b.enter("000-000-000")
	assert.Equal(t, http.StatusForbidden, res.StatusCode)
	assert.JSONEq(t, `{"auth":false,"exhausted":false,"message":"This is not the PIN. The program printed it when it started."}`, text)
	assert.Empty(t, res.Cookies())

	res, text = b.enter("123-456-789")
	assert.Equal(t, http.StatusOK, res.StatusCode)
	assert.JSONEq(t, `{"auth":true,"exhausted":false,"message":"The PIN is right."}`, text)
	require.Len(t, res.Cookies(), 1)
	cookie := res.Cookies()[0].Name + "=" + res.Cookies()[0].Value

	res, text = b.do(request(http.MethodGet, private, "", "Cookie", cookie))
	assert.Equal(t, http.StatusOK, res.StatusCode)
	assert.Equal(t, "no-store", res.Header.Get("Cache-Control"))
	contains(t, text, customValue)
	contains(t, text, "Goroutines</h2>")
	lacks(t, text, bearer[7:])
	lacks(t, text, "<script")

	_, text = b.do(request(http.MethodGet, "/__retort__/fault/"+id, "", "Cookie", cookie))
	contains(t, text, customValue)
	lacks(t, text, `action="/__retort__/pin"`)

	res, _ = b.do(request(http.MethodGet, private, "", "Cookie", cookie[:len(cookie)-1]))
	assert.Equal(t, http.StatusForbidden, res.StatusCode)
	require.Len(t, res.Cookies(), 1, "a cookie that opens nothing is taken away")
	assert.Equal(t, -1, res.Cookies()[0].MaxAge)
}

func TestThePINWithoutAScript(t *testing.T) {
	b := newBench(t, explode)
	_, id := b.page()
	send := func(pin string) (*http.Response, string) {
		form := url.Values{"pin": {pin}, "fault": {id}}.Encode()
		return b.do(request(http.MethodPost, "/__retort__/pin", form, "Content-Type", "application/x-www-form-urlencoded", "Origin", "http://localhost:5000"))
	}
	res, text := send("1")
	assert.Equal(t, http.StatusForbidden, res.StatusCode)
	contains(t, text, "This is not the PIN.")
	contains(t, text, "<h1>outer: ")
	res, _ = send("123 456 789")
	assert.Equal(t, http.StatusSeeOther, res.StatusCode)
	assert.Equal(t, "/__retort__/fault/"+id, res.Header.Get("Location"))
	assert.Len(t, res.Cookies(), 1)
	id = `"><script>//evil.test`
	res, text = send("123456789")
	assert.Equal(t, http.StatusOK, res.StatusCode)
	assert.Equal(t, "The PIN is right.\n", text)
}

func TestWrongPINsInParallelLockTheDebugger(t *testing.T) {
	b := newBench(t, explode)
	_, id := b.page()
	var all sync.WaitGroup
	for range maxFailures {
		all.Go(func() { b.enter("000-000-000") })
	}
	all.Wait()
	res, text := b.enter("123-456-789")
	assert.Equal(t, http.StatusForbidden, res.StatusCode)
	assert.JSONEq(t, `{"auth":false,"exhausted":true,"message":"There were 10 wrong PINs: no more are accepted until you stop the server and start it again."}`, text)
	assert.Empty(t, res.Cookies())
	_, text = b.do(request(http.MethodGet, "/__retort__/fault/"+id, ""))
	contains(t, text, "There were 10 wrong PINs")
	lacks(t, text, `name="pin"`)
}

func TestAHostIsAllowed(t *testing.T) {
	b := newBench(t, explode, func(o *Options) { o.Hosts = []string{"dev.test"} })
	r := request(http.MethodGet, "/", "", "Accept", "text/html")
	r.Host = "dev.test:5000"
	_, text := b.do(r)
	contains(t, text, "<h1>outer: ")
}

func TestWithPINOffEverythingIsShown(t *testing.T) {
	b := newBench(t, explode, func(o *Options) { o.PIN = "off" })
	text, _ := b.page(customField, customValue)
	contains(t, text, customValue)
	lacks(t, text, `name="pin"`)
}

func TestTheDebuggersOwnURLs(t *testing.T) {
	b := newBench(t, explode)
	for _, tt := range []struct {
		name   string
		r      *http.Request
		status int
		allow  string
	}{
		{"a PIN by GET", request(http.MethodGet, "/__retort__/pin?pin=123-456-789", ""), http.StatusMethodNotAllowed, "POST"},
		{"a PIN as text", request(http.MethodPost, "/__retort__/pin", "123-456-789"), http.StatusUnsupportedMediaType, ""},
		{"a PIN that is no JSON", request(http.MethodPost, "/__retort__/pin", "{", "Content-Type", "application/json"), http.StatusBadRequest, ""},
		{"a PIN that is too long", request(http.MethodPost, "/__retort__/pin", `{"pin":"`+strings.Repeat("1", 2000), "Content-Type", "application/json"), http.StatusBadRequest, ""},
		{"a fault that is not there", request(http.MethodGet, "/__retort__/fault/x", ""), http.StatusNotFound, ""},
		{"no fault", request(http.MethodGet, "/__retort__/fault/", ""), http.StatusNotFound, ""},
		{"a fault by POST", request(http.MethodPost, "/__retort__/fault/x", ""), http.StatusMethodNotAllowed, "GET, HEAD"},
	} {
		res, _ := b.do(tt.r)
		assert.Equal(t, tt.status, res.StatusCode, tt.name)
		assert.Equal(t, tt.allow, strings.Join(res.Header.Values("Allow"), ", "), tt.name)
		assert.Empty(t, res.Cookies(), tt.name)
	}
	assert.Zero(t, b.h.(*debugger).lock.failures)
}

// A page that came by POST is not loaded again by itself: it would be sent twice.
func TestOnlyGETIsLoadedAgain(t *testing.T) {
	b := newBench(t, explode, func(o *Options) { o.Script = func() string { return liveScript } })
	_, text := b.do(request(http.MethodPost, "/", "", "Accept", "text/html"))
	lacks(t, text, liveScript)
}

// The field and the value of a request that need the PIN. They stand here, because
// the page shows the source of the tests that fail.
const (
	customField = "X-Custom"
	customValue = "only after the PIN"
	bearer      = "Bearer sesame-sesame"
	liveScript  = "/__retort__/live.js?b=7"
)

// hostile is what must not get out of the text it is in.
const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(2)>{{.}}</textarea></style>`

func TestNothingIsMarkup(t *testing.T) {
	b := newBench(t, func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		panic(errors.New(hostile))
	}, func(o *Options) { o.PIN = "off" })
	form := url.Values{hostile: {hostile}, "name": {hostile}}
	r := request(http.MethodPost, "/"+url.PathEscape(hostile)+"?"+form.Encode(), form.Encode(),
		"Content-Type", "application/x-www-form-urlencoded", "User-Agent", hostile, "Accept", "text/html", "Cookie", "name="+url.QueryEscape("cookie"+hostile))
	r.Header[`X-<script>alert(3)</script>`] = []string{hostile}
	res, text := b.do(r)
	assert.Equal(t, http.StatusInternalServerError, res.StatusCode)
	assert.Equal(t, 2, strings.Count(text, "<script"), "its own one")
	lacks(t, text, "<img")
	lacks(t, text, "alert(1)</script>")
	assert.Equal(t, 1, strings.Count(text, "</style>"))
	contains(t, text, "&lt;script&gt;alert(1)&lt;/script&gt;")
}

func TestTheLogIsOneLineForARequest(t *testing.T) {
	b := newBench(t, explode)
	r := request(http.MethodGet, "/", "")
	r.URL.Path = "/\x1b[31m\nroot logged in"
	b.do(r)
	assert.Equal(t, []string{`exception on /\x1b[31m\x0aroot logged in [GET]`}, b.lines())
}
