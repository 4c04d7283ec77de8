//go:build retort_dev

package debug

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An application that takes a proxy's fields out of the header, as some middleware
// does, does not open the page to the clients of the proxy.
func TestWhoSeesThePageIsDecidedBeforeTheApplicationRuns(t *testing.T) {
	b := newBench(t, func(_ http.ResponseWriter, r *http.Request) {
		clear(r.Header)
		r.RemoteAddr, r.Host = "127.0.0.1:1", "localhost"
		panic("secret of the page")
	})
	r := request(http.MethodGet, "/", "", "X-Forwarded-For", "1.2.3.4", "Accept", "text/html")
	res, text := b.do(r)
	assert.Equal(t, http.StatusInternalServerError, res.StatusCode)
	assert.Equal(t, "Internal Server Error\n", text)
	assert.Contains(t, b.lines(), "the debugger shows nothing: it came through a proxy: it has the field X-Forwarded-For on / [GET]")
}

// What a client makes an error say moves no cursor and asks no terminal anything,
// in the log and in the text that curl shows.
func TestNoTextCommandsATerminal(t *testing.T) {
	const evil = "a\x1b]0;owned\a\x1b[2J\r\u202eb\u009b5n\nsecond\tline"
	b := newBench(t, func(_ http.ResponseWriter, r *http.Request) { panic(evil) })
	r := request(http.MethodGet, "/x", "", "Accept", "text/plain")
	r.URL.Path = "/\x1b[2J"
	_, text := b.do(r)
	for _, shown := range []string{text, b.log[0]} {
		for _, c := range []string{"\x1b", "\a", "\r", "\u202e", "\u009b"} {
			assert.NotContains(t, shown, c)
		}
		assert.Contains(t, shown, `a\x1b]0;owned\x07\x1b[2J\x0d\xe2\x80\xaeb\xc2\x9b5n`+"\n")
		assert.Contains(t, shown, "second\tline")
	}
}

// A message is apt to quote what the source beside it keeps.
func TestSecretsInTheSourceThatIsShownAreHiddenEverywhere(t *testing.T) {
	b := newBench(t, func(http.ResponseWriter, *http.Request) {
		apiToken := "tok-4711-abc"
		panic("denied: " + url.QueryEscape(apiToken+" "))
	})
	for _, accept := range []string{"text/html", "text/plain", "application/json"} {
		_, text := b.do(request(http.MethodGet, "/", "", "Accept", accept))
		contains(t, text, "denied: [hidden]")
	}
	assert.Contains(t, b.log[0], "denied: [hidden]")
}

// Of attempts that come at the same time no more are looked at than of those that
// come one after the other.
func TestManyPINsAtOnce(t *testing.T) {
	server := httptest.NewServer(newBench(t, explode).h)
	defer server.Close()
	var all sync.WaitGroup
	answers := make(chan string, 200)
	for range cap(answers) {
		all.Go(func() {
			res, err := http.Post(server.URL+pinPath, "application/json", strings.NewReader(`{"pin":"000-000-000"}`))
			if !assert.NoError(t, err) {
				return
			}
			defer res.Body.Close()
			text, err := io.ReadAll(res.Body)
			assert.NoError(t, err)
			answers <- string(text)
		})
	}
	all.Wait()
	close(answers)
	looked := 0
	for text := range answers {
		if !assert.ObjectsAreEqual(`{"auth":false,"exhausted":true,"message":"There were 10 wrong PINs: no more are accepted until you stop the server and start it again."}`+"\n", text) {
			looked++
		}
	}
	assert.Equal(t, maxFailures-1, looked, "the tenth says that it was the last")
	res, err := http.Post(server.URL+pinPath, "application/json", strings.NewReader(`{"pin":"123-456-789"}`))
	require.NoError(t, err)
	_ = res.Body.Close()
	assert.Equal(t, http.StatusForbidden, res.StatusCode, "the right one comes too late")
}

// A PIN that stands in a URL would be kept by logs and histories.
func TestAPINInAURLIsNone(t *testing.T) {
	b := newBench(t, explode)
	for _, r := range []*http.Request{
		request(http.MethodGet, pinPath+"?pin=123-456-789", ""),
		request(http.MethodHead, pinPath+"?pin=123-456-789", ""),
		request(http.MethodPost, pinPath+"?pin=123-456-789", "", "Content-Type", "application/x-www-form-urlencoded"),
		request(http.MethodPost, pinPath+"?pin=123-456-789", "{}", "Content-Type", "application/json"),
		request(http.MethodPut, pinPath, `{"pin":"123-456-789"}`, "Content-Type", "application/json"),
		request(http.MethodPost, pinPath, `{"pin":"123-456-789"}`, "Content-Type", "text/plain"),
		request(http.MethodPost, pinPath, "pin=123-456-789", "Content-Type", "text/plain"),
		request(http.MethodPost, pinPath, "pin=123-456-789"),
		request(http.MethodPost, pinPath, `[{"pin":"123-456-789"}]`, "Content-Type", "application/json"),
	} {
		res, _ := b.do(r)
		assert.GreaterOrEqual(t, res.StatusCode, 400, "%s %s %v", r.Method, r.URL, r.Header)
		assert.Empty(t, res.Cookies())
	}
	for _, line := range b.log {
		assert.NotContains(t, line, "123")
	}
}

// No other origin tries a PIN or reads a page, whichever way its browser tells.
func TestNoOtherOriginIsHeard(t *testing.T) {
	b := newBench(t, explode)
	_, id := b.page()
	for name, fields := range map[string][]string{
		"another site":                   {"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.test"},
		"another port of this machine":   {"Sec-Fetch-Site", "same-site", "Origin", "http://localhost:8000"},
		"an old browser":                 {"Origin", "https://evil.test"},
		"an old browser on another port": {"Origin", "http://localhost:8000"},
		"a page without an origin":       {"Origin", "null"},
		"a name below this one":          {"Sec-Fetch-Site", "same-site", "Origin", "http://evil.localhost:5000"},
	} {
		r := request(http.MethodPost, pinPath, `{"pin":"123-456-789"}`, append([]string{"Content-Type", "application/json"}, fields...)...)
		res, _ := b.do(r)
		assert.Equal(t, http.StatusForbidden, res.StatusCode, name)
		assert.Empty(t, res.Cookies(), name)
		if fields[0] == "Sec-Fetch-Site" {
			res, text := b.do(request(http.MethodGet, faultPath+id, "", fields...))
			assert.Equal(t, http.StatusForbidden, res.StatusCode, name)
			assert.NotContains(t, text, "broke", name)
		}
	}
	res, _ := b.do(request(http.MethodPost, pinPath, `{"pin":"123-456-789"}`, "Content-Type", "application/json", "Sec-Fetch-Site", "same-origin", "Origin", "http://localhost:5000"))
	assert.Equal(t, http.StatusOK, res.StatusCode, "none of those was an attempt")
}
