//go:build retort_dev

package live

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const html = "<!doctype html><title>x</title><body>x</body></html>\n"

// site is a server with live refresh.
type site struct {
	*httptest.Server
	t    *testing.T
	live *Live
}

func serve(t *testing.T, h http.HandlerFunc) *site {
	t.Setenv(EnvLive, "")
	l := New(Options{})
	s := &site{httptest.NewServer(l.Handler(h)), t, l}
	t.Cleanup(s.Close)
	return s
}

// reply is an answer, read.
type reply struct {
	*http.Response
	body string
}

// get asks as a browser does that navigates. Fields are name, value pairs; an
// empty value takes a field away.
func (s *site) get(path string, fields ...string) reply {
	s.t.Helper()
	return s.do("GET", path, fields...)
}

func (s *site) do(method, path string, fields ...string) reply {
	s.t.Helper()
	r, err := http.NewRequest(method, s.URL+path, nil)
	require.NoError(s.t, err)
	r.Header.Set("Sec-Fetch-Dest", "document")
	r.Header.Set("Accept-Encoding", "identity")
	for i := 0; i < len(fields); i += 2 {
		if fields[i+1] == "" {
			r.Header.Del(fields[i])
		} else {
			r.Header.Set(fields[i], fields[i+1])
		}
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(s.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(s.t, err)
	return reply{res, string(body)}
}

// element is the script element of the page that is made now.
func (s *site) element() string { return element(s.live.Script(), "") }

// with is the page with it.
func (s *site) with(page string) string {
	return strings.Replace(page, "</body>", s.element()+"</body>", 1)
}

func html200(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, html)
}

func TestAPageGetsTheScript(t *testing.T) {
	s := serve(t, html200)
	got := s.get("/")
	assert.Equal(t, s.with(html), got.body)
	assert.Equal(t, []string{"Sec-Fetch-Dest"}, got.Header["Vary"])
	assert.Regexp(t, `<script src="/__retort__/live\.js\?b=[A-Z0-9]+\.0" defer></script></body>`, got.body)
	assert.Equal(t, s.with(html), s.get("/", "Sec-Fetch-Dest", "iframe").body)
	script := s.get(s.live.Script(), "Sec-Fetch-Dest", "script")
	assert.Equal(t, "text/javascript; charset=utf-8", script.Header.Get("Content-Type"))
	before := s.live.Script()
	s.live.Refresh("templates/x.html")
	assert.NotEqual(t, before, s.live.Script())
	assert.Equal(t, s.with(html), s.get("/").body)
}

func TestRequestsWhoseAnswersStayAsTheyAre(t *testing.T) {
	s := serve(t, html200)
	for _, tt := range []struct {
		name, method string
		fields       []string
	}{
		{"of a script", "GET", []string{"Sec-Fetch-Dest", "empty"}},
		{"of no browser", "GET", []string{"Sec-Fetch-Dest", ""}},
		{"of a form", "POST", nil},
		{"for a part", "GET", []string{"Range", "bytes=0-3"}},
		{"through a proxy", "GET", []string{"X-Forwarded-For", "127.0.0.1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := s.do(tt.method, "/", tt.fields...)
			assert.Equal(t, html, got.body)
			assert.EqualValues(t, len(html), got.ContentLength)
		})
	}
	head := s.do("HEAD", "/")
	assert.Empty(t, head.body)
}

func TestAnswersThatStayAsTheyAre(t *testing.T) {
	const text = "<html><body>x</body></html>"
	for _, tt := range []struct {
		name   string
		status int
		fields []string
	}{
		{"an error", 404, nil},
		{"a redirect", 302, []string{"Location", "/x"}},
		{"a part", 206, []string{"Content-Range", "bytes 0-1/5"}},
		{"plain text", 200, []string{"Content-Type", "text/plain"}},
		{"XHTML", 200, []string{"Content-Type", "application/xhtml+xml"}},
		{"UTF-16", 200, []string{"Content-Type", "text/html; charset=UTF-16LE"}},
		{"another coding", 200, []string{"Content-Encoding", "br"}},
		{"a download", 200, []string{"Content-Disposition", `Attachment; filename="x.html"`}},
		{"what must not be changed", 200, []string{"Cache-Control", "private, No-Transform"}},
		{"what has a digest", 200, []string{"Content-Digest", "sha-256=:x:"}},
		{"a policy against scripts", 200, []string{"Content-Security-Policy", "script-src 'none'"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				w.Header().Set("Last-Modified", "Fri, 20 Nov 2026 10:00:00 GMT")
				w.Header().Set("ETag", `"x"`)
				for i := 0; i < len(tt.fields); i += 2 {
					w.Header().Set(tt.fields[i], tt.fields[i+1])
				}
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, text)
			})
			got := s.get("/")
			assert.Equal(t, text, got.body)
			assert.Equal(t, tt.status, got.StatusCode)
			assert.Equal(t, `"x"`, got.Header.Get("ETag"))
			assert.NotEmpty(t, got.Header.Get("Last-Modified"))
		})
	}
}

func TestAnswersWithoutABody(t *testing.T) {
	for _, status := range []int{204, 205, 304} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
		})
		got := s.get("/")
		assert.Equal(t, status, got.StatusCode)
		assert.Empty(t, got.body)
	}
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	assert.Empty(t, s.get("/").body)
	s = serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(200)
	})
	assert.Equal(t, s.element(), s.get("/").body, "an empty page may be full the next time")
}

func TestTheTypeIsFoundAsNetHTTPDoes(t *testing.T) {
	for _, tt := range []struct{ name, body, typ string }{
		{"a page", "<!doctype html><body></body>", "text/html; charset=utf-8"},
		{"a long page", "<!doctype html><body>" + strings.Repeat("x", 3000) + "</body>", "text/html; charset=utf-8"},
		{"a text", "just a text </body>", "text/plain; charset=utf-8"},
		{"a long text", strings.Repeat("text ", 1000), "text/plain; charset=utf-8"},
	} {
		for _, size := range []int{1, 7, 600, 10000} {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				for rest := tt.body; rest != ""; {
					n, err := io.WriteString(w, rest[:min(size, len(rest))])
					assert.NoError(t, err)
					rest = rest[n:]
				}
			})
			got := s.get("/")
			assert.Equal(t, tt.typ, got.Header.Get("Content-Type"), tt.name)
			want := tt.body
			if strings.HasPrefix(tt.typ, "text/html") {
				want = s.with(want)
			}
			assert.Equal(t, want, got.body, tt.name)
		}
	}
}

func TestAnAnnouncedLengthGrows(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Accept-Ranges", "bytes")
		w.Header().Set("Content-Length", strconv.Itoa(len(html)))
		html200(w, r)
		_, err := io.WriteString(w, "too much")
		assert.Equal(t, http.ErrContentLength, err)
	})
	got := s.get("/")
	assert.Equal(t, s.with(html), got.body)
	assert.EqualValues(t, len(got.body), got.ContentLength)
	assert.Empty(t, got.Header["Accept-Ranges"])
}

func TestAPageThatIsCutShortStaysSo(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, "<body>half")
	})
	s.Config.ErrorLog = nil
	r, err := http.NewRequest("GET", s.URL, nil)
	require.NoError(t, err)
	r.Header.Set("Sec-Fetch-Dest", "document")
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	assert.Equal(t, io.ErrUnexpectedEOF, err)
	assert.Equal(t, "<body>half", string(body))
}

func TestAPanicBeforeTheFirstByteLeavesTheAnswerOpen(t *testing.T) {
	l := New(Options{})
	inner := l.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<p>held, for its type")
		panic("view")
	}))
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Sec-Fetch-Dest", "document")
	r.RemoteAddr, r.Host = "127.0.0.1:4000", "localhost"
	assert.PanicsWithValue(t, "view", func() { inner.ServeHTTP(w, r) })
	assert.Empty(t, w.Body.String())
}

func TestAStreamArrivesAsItIsWritten(t *testing.T) {
	next := make(chan string)
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		for text := range next {
			_, _ = io.WriteString(w, text)
			assert.NoError(t, http.NewResponseController(w).Flush())
		}
	})
	r, err := http.NewRequest("GET", s.URL, nil)
	require.NoError(t, err)
	r.Header.Set("Sec-Fetch-Dest", "document")
	go func() { next <- "<body>0\n" }()
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	lines := bufio.NewReader(res.Body)
	for i := range 3 {
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		assert.Contains(t, line, strconv.Itoa(i))
		next <- fmt.Sprintf("%d\n", i+1)
	}
	next <- "</body></html>"
	close(next)
	rest, err := io.ReadAll(lines)
	require.NoError(t, err)
	assert.Equal(t, "3\n"+s.element()+"</body></html>", string(rest))
}

func TestFilesAndReaders(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.html")
	require.NoError(t, os.WriteFile(file, []byte(html), 0o644))
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) })
	got := s.get("/page.html")
	assert.Equal(t, s.with(html), got.body)
	assert.EqualValues(t, len(got.body), got.ContentLength)
	assert.Empty(t, got.Header["Last-Modified"], "the page is newer than its file")
	require.NoError(t, os.WriteFile(file, []byte("text"), 0o644))
	s = serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		n, err := w.(io.ReaderFrom).ReadFrom(strings.NewReader("text"))
		assert.NoError(t, err)
		assert.EqualValues(t, 4, n)
	})
	assert.Equal(t, "text", s.get("/").body)
	s = serve(t, func(w http.ResponseWriter, _ *http.Request) {
		n, err := w.(io.ReaderFrom).ReadFrom(strings.NewReader(html))
		assert.NoError(t, err)
		assert.EqualValues(t, len(html), n)
	})
	assert.Equal(t, s.with(html), s.get("/").body)
}

func TestInformationalAnswersAndTakenConnections(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</x.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		html200(w, r)
	})
	assert.Equal(t, s.with(html), s.get("/").body)
	s = serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if assert.NoError(t, err) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
			_ = conn.Close()
		}
		_, err = w.Write([]byte("x"))
		assert.Error(t, err)
	})
	assert.Equal(t, "hi", s.get("/").body)
	s = serve(t, func(w http.ResponseWriter, r *http.Request) {
		html200(w, r)
		_, _, err := http.NewResponseController(w).Hijack()
		assert.EqualError(t, err, "live: the connection cannot be taken over: a page has begun or ended on it")
	})
	assert.Equal(t, s.with(html), s.get("/").body)
}

func TestAWriterThatIsKept(t *testing.T) {
	var kept http.ResponseWriter
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { kept = w; html200(w, r) })
	s.get("/")
	_, err := kept.Write([]byte("x"))
	assert.Equal(t, errOver, err)
	assert.Equal(t, errOver, http.NewResponseController(kept).Flush())
}

func TestConditionalRequests(t *testing.T) {
	const tag, date = `"v1"`, "Fri, 20 Nov 2026 10:00:00 GMT"
	modified, _ := http.ParseTime(date)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", tag)
		http.ServeContent(w, r, "x.html", modified, bytes.NewReader([]byte(html)))
	})
	first := s.get("/")
	own := first.Header.Get("ETag")
	assert.Equal(t, `"v1;`+s.live.hub.State()+`"`, own)
	assert.Empty(t, first.Header["Last-Modified"])

	again := s.get("/", "If-None-Match", `"other, tag", W/`+own)
	assert.Equal(t, 304, again.StatusCode, "the browser has the page with this script")
	assert.Equal(t, own, again.Header.Get("ETag"))
	assert.Empty(t, again.Header["Last-Modified"])

	for name, fields := range map[string][]string{
		"a page without the script": {"If-None-Match", tag},
		"a page of a date":          {"If-Modified-Since", date},
		"a page of another start":   {"If-None-Match", `"v1;OTHER.0"`},
		"any page":                  {"If-None-Match", "*"},
		"nonsense":                  {"If-None-Match", `"`},
	} {
		got := s.get("/", fields...)
		assert.Equal(t, 200, got.StatusCode, name)
		assert.Equal(t, s.with(html), got.body, name)
	}
	s.live.Refresh("x.html")
	assert.Equal(t, 200, s.get("/", "If-None-Match", own).StatusCode)
	assert.Equal(t, 304, s.get("/", "If-None-Match", tag, "Sec-Fetch-Dest", "empty").StatusCode)
}

func TestEntityTags(t *testing.T) {
	assert.Equal(t, []string{`"a"`, `W/"b, c"`, `""`}, entityTags(`"a", W/"b, c","" , "open`))
	assert.Empty(t, entityTags("x, y"))
	for _, bad := range []string{"", "x", `x"`, `"x`, `"a"b"`} {
		assert.Empty(t, tagWith(bad, "s"), bad)
	}
	assert.Equal(t, `W/"a;s"`, tagWith(`W/"a"`, "s"))
	assert.Equal(t, `W/"a"`, tagWithout(`W/"a;s"`, "s"))
}

func TestPolicies(t *testing.T) {
	const policyField, report = "Content-Security-Policy", "Content-Security-Policy-Report-Only"
	for _, tt := range []struct {
		name  string
		h     http.Header
		nonce string
		ok    bool
	}{
		{"none", http.Header{}, "", true},
		{"of other things", http.Header{policyField: {"img-src 'none'; frame-ancestors 'none'"}}, "", true},
		{"this server", http.Header{policyField: {"Default-Src 'SELF'"}}, "", true},
		{"all servers", http.Header{policyField: {"default-src *"}}, "", true},
		{"its scheme", http.Header{policyField: {"default-src http:"}}, "", true},
		{"its name", http.Header{policyField: {"script-src http://localhost:5000; connect-src localhost:5000"}}, "", true},
		{"a nonce", http.Header{policyField: {"script-src 'nonce-r4nd+/=' 'strict-dynamic'"}}, "r4nd+/=", true},
		{"a nonce for elements", http.Header{policyField: {"script-src 'none'; script-src-elem 'nonce-a'"}}, "a", true},
		{"the first directive counts", http.Header{policyField: {"script-src 'self'; script-src 'none'"}}, "", true},
		{"two that agree", http.Header{policyField: {"script-src 'nonce-a', script-src 'self'"}}, "a", true},
		{"two that agree, in two fields", http.Header{policyField: {"script-src 'self'", "script-src 'nonce-a'"}}, "a", true},
		{"two nonces", http.Header{policyField: {"script-src 'nonce-a', script-src 'nonce-b'"}}, "", false},
		{"no scripts", http.Header{policyField: {"default-src 'none'"}}, "", false},
		{"an empty list", http.Header{policyField: {"script-src"}}, "", false},
		{"no connections", http.Header{policyField: {"default-src 'none'; script-src 'self'"}}, "", false},
		{"no connections beside a nonce", http.Header{policyField: {"script-src 'nonce-a'; connect-src https://api.test"}}, "", false},
		{"other servers", http.Header{policyField: {"script-src https://cdn.test"}}, "", false},
		{"hashes", http.Header{policyField: {"script-src 'sha256-x'"}}, "", false},
		{"only what is trusted loads", http.Header{policyField: {"script-src 'self' 'strict-dynamic'"}}, "", false},
		{"a nonce that is none", http.Header{policyField: {`script-src 'nonce-a"b'`}}, "", false},
		{"a sandbox", http.Header{policyField: {"sandbox allow-scripts"}}, "", false},
		{"an open sandbox", http.Header{policyField: {"sandbox allow-scripts allow-same-origin"}}, "", true},
		{"one that reports", http.Header{report: {"script-src 'none'"}}, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			nonce, ok := scriptNonce(tt.h, &http.Request{Host: "localhost:5000"})
			assert.Equal(t, tt.ok, ok)
			assert.Equal(t, tt.nonce, nonce)
		})
	}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(policyField, "script-src 'nonce-a'")
		html200(w, r)
	})
	assert.Contains(t, s.get("/").body, ` defer nonce="a"></script></body>`)
}

func TestItCanBeSwitchedOff(t *testing.T) {
	next := http.HandlerFunc(html200)
	for _, l := range []*Live{New(Options{Off: true}), off(t, "0"), off(t, "False"), off(t, "off"), off(t, "no")} {
		assert.Empty(t, l.Script())
		l.Refresh("x")
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/__retort__/live.js", nil)
		r.Header.Set("Sec-Fetch-Dest", "document")
		r.RemoteAddr, r.Host = "127.0.0.1:4000", "localhost"
		l.Handler(next).ServeHTTP(w, r)
		assert.Equal(t, html, w.Body.String())
	}
	assert.NotEmpty(t, off(t, "1").Script())
}

func off(t *testing.T, value string) *Live {
	t.Setenv(EnvLive, value)
	return New(Options{})
}

func TestOthersGetNoScript(t *testing.T) {
	var log []string
	l := New(Options{Hosts: []string{"dev.test"}, Log: func(line string) { log = append(log, line) }})
	h := l.Handler(http.HandlerFunc(html200))
	ask := func(path, peer, host string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Sec-Fetch-Dest", "document")
		r.RemoteAddr, r.Host = peer, host
		h.ServeHTTP(w, r)
		return w
	}
	assert.Equal(t, html, ask("/", "10.0.0.2:4000", "localhost").Body.String())
	assert.Equal(t, html, ask("/", "127.0.0.1:4000", "evil.test").Body.String())
	assert.Empty(t, log, "pages are for everybody")
	assert.Equal(t, 404, ask("/__retort__/events", "127.0.0.1:4000", "evil.test").Code)
	assert.Equal(t, []string{"Live refresh: 127.0.0.1:4000 got 404 for /__retort__/events: its Host is not one of this machine"}, log)
	assert.NotEqual(t, html, ask("/", "127.0.0.1:4000", "dev.test").Body.String())
}

func TestAnotherStartHasAnotherState(t *testing.T) {
	assert.NotEqual(t, New(Options{}).Script(), New(Options{}).Script())
}

func TestACompressedPagePasses(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, html)
		_ = z.Close()
	})
	got := s.get("/", "Accept-Encoding", "gzip")
	z, err := gzip.NewReader(strings.NewReader(got.body))
	require.NoError(t, err)
	text, err := io.ReadAll(z)
	require.NoError(t, err)
	assert.Equal(t, html, string(text))
}

func TestDeadlinesReachTheConnection(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		assert.NoError(t, http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Minute)))
		html200(w, r)
	})
	assert.Equal(t, s.with(html), s.get("/").body)
}
