package tests

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
)

// exposedApp has a rule of each kind that can lead to a redirect. hooked says
// whether requests take the way with a Context.
func exposedApp(hooked bool) *retort.App {
	app, _ := hookedApp()
	if !hooked {
		app = retort.New("exposed")
		app.Logger = slog.New(slog.DiscardHandler)
	}
	app.Get("/")(func() string { return "root" })
	app.Get("/dir/")(func() string { return "dir" })
	app.Get("/a/b")(func() string { return "ab" })
	app.Get("/user/<name>")(func(name string) string { return name })
	app.Get("/int/<int:n>")(func(int) string { return "int" })
	app.Get("/path/<path:p>")(func(p string) string { return p })
	app.Get("/branch/<path:p>/")(func(p string) string { return p })
	app.Get("/<name>/<other>/")(func(name, other string) string { return name + other })
	app.AddURLRule("/old/<path:p>", "old", nil, retort.RedirectTo("/<p>"))
	app.AddURLRule("/bare/<path:p>", "bare", nil, retort.RedirectTo("<p>"))
	page := func(page string) string { return page }
	app.AddURLRule("/pages/", "page", page, retort.Default("page", "first"))
	app.AddURLRule("/pages/<path:page>", "page", page)
	return app
}

// badInput is what a client may send. want lists the statuses that are right;
// what net/http refuses itself is a 400 of its own.
type badInput struct {
	name string
	head string // the request line and the fields, without the empty line
	want []int
}

// get is a GET for the target.
func get(name, target string, want ...int) badInput {
	return badInput{name, "GET " + target + " HTTP/1.1\r\nHost: example.com", want}
}

// host is a GET with this line for the Host field.
func host(name, line string, want ...int) badInput {
	return badInput{name, "GET /dir HTTP/1.1\r\n" + line + "X-End: 1", want}
}

func badPaths() []badInput {
	slashes, long := strings.Repeat("/", 5000), strings.Repeat("a", 64<<10)
	return []badInput{
		get("a NUL", "/%00", 404), get("a NUL in a value", "/user/%00", 200), get("a raw NUL", "/\x00", 400),
		get("control bytes", "/user/%01%1b%7f", 200), get("a raw control byte", "/\x01", 400), get("a raw tab", "/a\tb", 400),
		get("a line break", "/user/%0d%0aSet-Cookie:%20a=1", 200), get("a line break before a slash", "/x/%0d%0aSet-Cookie:%20a=1", 308),
		get("invalid UTF-8", "/user/%ff%fe", 200), get("invalid UTF-8 before a slash", "/x/%ff", 308), get("raw invalid UTF-8", "/user/\xff", 200),
		get("an overlong slash", "/user/%c0%af", 200), get("a surrogate", "/user/%ed%a0%80", 200),
		get("half an escape", "/user/%", 400), get("no escape", "/user/%zz", 400),
		get("an encoded slash in a segment", "/user/a%2Fb", 404), get("an encoded slash in a path", "/path/a%2Fb", 200),
		get("a dot segment", "/..", 404), get("dot segments in a value", "/path/../../etc/passwd", 200), get("an encoded dot segment", "/dir/%2e%2e", 308, 404),
		get("an encoded letter", "/di%72", 308), get("an encoded question mark", "/dir%3f", 404), get("a space", "/dir%20", 404), get("a raw space", "/dir x", 400),
		get("a raw fragment", "/dir#top", 400, 404), get("a semicolon", "/dir;x", 404),
		get("a long path", "/"+long, 404), get("a long value", "/user/"+long, 200), get("a long value before a slash", "/x/"+long, 308), get("a long number", "/int/"+strings.Repeat("9", 64<<10), 404),
		get("only slashes", slashes, 200), get("slashes in front", slashes+"a/b", 200), get("slashes between", "/a"+slashes+"b", 308), get("slashes at the end", "/dir"+slashes, 308),
		get("slashes in a value", "/path/a"+slashes+"b", 200), get("thousands of segments", "/path"+strings.Repeat("/x", 5000), 200), get("thousands of segments that nothing matches", strings.Repeat("/x", 5000), 404),
		get("a slash is missing in a query", "/dir?next=//evil.test&x=%0d%0a", 308),
	}
}

func lurePaths() []badInput {
	var list []badInput
	for _, path := range []string{
		"//evil.test", "//evil.test/", "//evil.test/dir", "///evil.test/x", "//evil.test//x", "/\\evil.test", "/\\evil.test/x", "/%5Cevil.test/x",
		"/%2F/evil.test/x", "/%2Fevil.test/x", "//%5Cevil.test/x", "/\\/evil.test/x", "/.//evil.test/x", "/..//evil.test/x", "/%2e%2e//evil.test/x",
		"//evil.test/%2e%2e", "//evil.test/%2e%2e/x", "//evil.test:80/x", "//a:b@evil.test/x", "//[::1]/x", "/%09/evil.test/x", "/%20/evil.test/x",
		"/http:%2F%2Fevil.test/x", "/http://evil.test/x", "/@evil.test/x", "/.evil.test/x", "/:80@evil.test/x", "/x/\\\\evil.test", "/x/%5C%5Cevil.test",
		"/branch//evil.test", "/branch/\\evil.test", "/branch/%2Fevil.test", "/branch/..//evil.test",
		"/old/x", "/old//evil.test", "/old/%2Fevil.test", "/old/\\evil.test", "/old/%5Cevil.test", "/old/%5C/evil.test", "/old/x//evil.test", "/old/%09/evil.test",
		"/bare/x", "/bare//evil.test", "/bare/%2Fevil.test", "/bare/\\evil.test", "/bare/http:%2F%2Fevil.test", "/bare/http://evil.test/x", "/bare/javascript:alert(1)", "/bare/..%2F..%2F%2Fevil.test", "/bare/%20http:%2F%2Fevil.test", "/bare/%09%2F%2Fevil.test", "/bare/?%2F%2Fevil.test",
		"/pages/first", "/pages//first", "/%2Fpages/first", "//evil.test/pages/first",
	} {
		list = append(list, get("the lure "+path, path, 200, 308, 404))
	}
	return list
}

func badLines() []badInput {
	line := func(name, line string, want ...int) badInput {
		return badInput{name, line + "\r\nHost: example.com", want}
	}
	return []badInput{
		line("an unknown method", "FOO /dir/ HTTP/1.1", 405), line("a method in lower case", "get /dir/ HTTP/1.1", 405), line("a method with a dash", "M-SEARCH /dir/ HTTP/1.1", 405),
		line("a method that is no token", "G@T / HTTP/1.1", 400), line("a long method", strings.Repeat("X", 64<<10)+" / HTTP/1.1", 405), line("an unknown method where nothing is", "FOO /nowhere HTTP/1.1", 404),
		line("OPTIONS for the server", "OPTIONS * HTTP/1.1", 200, 404), line("another method for the server", "GET * HTTP/1.1", 400), line("TRACE", "TRACE / HTTP/1.1", 405),
		line("CONNECT to a host", "CONNECT example.com:443 HTTP/1.1", 400, 405), line("CONNECT to a path", "CONNECT /dir HTTP/1.1", 400, 405),
		line("an absolute target", "GET http://example.com/dir HTTP/1.1", 308), line("an absolute target without a path", "GET http://example.com HTTP/1.1", 200),
		line("an absolute target over TLS", "GET https://example.com/dir HTTP/1.1", 308), line("an absolute target with another scheme", "GET ftp://example.com/dir HTTP/1.1", 308, 400),
		line("an absolute target without a host", "GET http:///dir HTTP/1.1", 308, 400), line("an opaque target", "GET http:dir HTTP/1.1", 400), line("a mail address", "GET mailto:a@b HTTP/1.1", 400),
		line("a target without a slash", "GET dir HTTP/1.1", 400), line("a target that is a host", "GET example.com HTTP/1.1", 400), line("a target that is a query", "GET ?dir HTTP/1.1", 400),
		line("an absolute target with a name and password", "GET http://a:b@example.com/dir HTTP/1.1", 308, 400), line("no version", "GET /", 400),
	}
}

func badHosts() []badInput {
	return []badInput{
		host("no Host", "", 400), host("an empty Host", "Host: \r\n", 308, 400), host("two Hosts", "Host: example.com\r\nHost: evil.test\r\n", 400),
		{"no Host in HTTP/1.0", "GET /dir HTTP/1.0", []int{308}},
		host("a Host with a path", "Host: example.com/evil.test\r\n", 400), host("a Host with a backslash", "Host: example.com\\evil\r\n", 400),
		host("a Host with a user", "Host: example.com@evil.test\r\n", 400), host("a Host with a space", "Host: a b\r\n", 400), host("a Host with a comma", "Host: a,b\r\n", 400),
		host("a Host with markup", "Host: <script>\r\n", 400), host("a Host with a quote", "Host: a\"b\r\n", 400), host("a Host with a question mark", "Host: a?b\r\n", 400), host("a Host with a hash", "Host: a#b\r\n", 400),
		host("a Host with an escape", "Host: a%00b\r\n", 400), host("a Host that is not ASCII", "Host: \xff\xfe\r\n", 400), host("a Host with a NUL", "Host: a\x00b\r\n", 400),
		host("a port that is no number", "Host: example.com:abc\r\n", 400), host("a port that is too large", "Host: example.com:99999\r\n", 400), host("two ports", "Host: example.com:1:2\r\n", 400), host("only a port", "Host: :80\r\n", 400), host("no port after the colon", "Host: example.com:\r\n", 308, 400),
		host("half an IPv6 address", "Host: [::1\r\n", 400), host("text after an IPv6 address", "Host: [::1]evil.test\r\n", 400), host("no address in brackets", "Host: []\r\n", 400),
		host("a dot in front", "Host: .0\r\n", 308, 400), host("two dots", "Host: a..b\r\n", 308, 400), host("bad punycode", "Host: xn--a-ecp.ru-\r\n", 308, 400),
		host("a long Host", "Host: "+strings.Repeat("a", 64<<10)+"\r\n", 308, 400),
		host("an IPv6 address", "Host: [::1]:8080\r\n", 308), host("a Host in capitals", "Host: EXAMPLE.COM\r\n", 308), host("a default port", "Host: example.com:80\r\n", 308), host("an underscore", "Host: my_host\r\n", 308),
	}
}

func allBadInput() []badInput {
	list := append(badPaths(), lurePaths()...)
	return append(append(list, badLines()...), badHosts()...)
}

// checkAnswer holds for every answer to whatever input: it is no failure of the
// server, and a Location stays on the host that was asked.
func checkAnswer(t *testing.T, status int, header http.Header, hostAsked string) {
	t.Helper()
	assert.True(t, status >= 200 && status < 500, "status %d", status)
	for name, values := range header {
		for _, v := range values {
			assert.False(t, strings.ContainsAny(v, "\r\n\x00"), "%s: %q", name, v)
		}
	}
	location, ok := header["Location"]
	if !ok {
		return
	}
	u, err := url.Parse(location[0])
	require.NoError(t, err)
	rest, absolute := strings.CutPrefix(location[0], u.Scheme+"://"+u.Host)
	if u.Scheme != "" || absolute && u.Host != "" {
		assert.Contains(t, []string{"http", "https"}, u.Scheme, "Location: %s", location[0])
		assert.Equal(t, strings.TrimSuffix(strings.ToLower(hostAsked), ":80"), strings.TrimSuffix(u.Host, ":80"), "Location: %s", location[0])
	}
	assert.Nil(t, u.User, "Location: %s", location[0])
	if !absolute {
		rest = location[0]
	}
	assert.NotRegexp(t, `^[/\\][/\\]`, rest, "Location: %s", location[0])
	assert.NotContains(t, location[0], `\`)
}

// hostOf is the host that the head of a request asks for.
func hostOf(head string) string {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head + "\r\n\r\n")))
	if err != nil {
		return ""
	}
	return r.Host
}

func TestBadInputIsAnsweredOverASocket(t *testing.T) {
	for _, hooked := range []bool{false, true} {
		server := httptest.NewUnstartedServer(exposedApp(hooked))
		var complaints lockedBuffer
		server.Config.ErrorLog = log.New(&complaints, "", 0)
		server.Start()
		defer server.Close()
		for _, c := range allBadInput() {
			t.Run(fmt.Sprintf("%s, hooks %v", c.name, hooked), func(t *testing.T) {
				res := exchange(t, server.Listener.Addr(), c.head)
				assert.Contains(t, c.want, res.StatusCode)
				checkAnswer(t, res.StatusCode, res.Header, hostOf(c.head))
			})
		}
		assert.NotContains(t, complaints.String(), "panic")
	}
}

// exchange sends a head and reads the whole response.
func exchange(t *testing.T, addr net.Addr, head string) *http.Response {
	t.Helper()
	conn, err := net.Dial(addr.Network(), addr.String())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(waitTime)))
	_, err = io.WriteString(conn, head+"\r\nConnection: close\r\n\r\n")
	require.NoError(t, err)
	method, _, _ := strings.Cut(head, " ")
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	require.NoError(t, err)
	_, err = io.ReadAll(res.Body)
	require.NoError(t, err)
	return res
}

// lockedBuffer is a buffer for the log of a server.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// TestBadInputIsAnsweredWithoutAServer also goes through App.Call, and in debug
// mode, where a 404 explains itself.
func TestBadInputIsAnsweredWithoutAServer(t *testing.T) {
	for _, hooked := range []bool{false, true} {
		app := exposedApp(hooked)
		app.Config.Set("DEBUG", hooked)
		for _, c := range allBadInput() {
			for name, enter := range map[string]door{"App.ServeHTTP": handlerDoor, "App.Call": gatewayServerDoor} {
				t.Run(fmt.Sprintf("%s, %s, hooks %v", c.name, name, hooked), func(t *testing.T) {
					r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(c.head + "\r\n\r\n")))
					if err != nil {
						assert.Contains(t, c.want, 400, "net/http refuses it: %v", err)
						return
					}
					checkEntered(t, app, r, enter)
				})
			}
		}
	}
}

// gatewayServerDoor is App.Call behind a server, which refuses some requests by
// itself.
func gatewayServerDoor(app *retort.App, r *http.Request) *answer {
	w := newRecorder(r)
	gateway.ToHandler(app).ServeHTTP(w, r)
	return w.answer()
}

// checkEntered is checkAnswer for a door.
func checkEntered(t *testing.T, app *retort.App, r *http.Request, enter door) {
	t.Helper()
	host, got := r.Host, new(answer)
	if assert.NotPanics(t, func() { got = enter(app, r) }) {
		checkAnswer(t, got.status, got.header, host)
	}
}

// FuzzRequest: whatever net/http hands over, the app answers, without a panic,
// with a status below 500, and sends nobody to another host.
func FuzzRequest(f *testing.F) {
	for _, c := range allBadInput() {
		if len(c.head) < 1000 {
			f.Add(c.head)
		}
	}
	apps := []*retort.App{exposedApp(false), exposedApp(true)}
	f.Fuzz(func(t *testing.T, head string) {
		for _, app := range apps {
			r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head + "\r\n\r\n")))
			if err != nil {
				return
			}
			checkEntered(t, app, r, handlerDoor)
		}
	})
}
