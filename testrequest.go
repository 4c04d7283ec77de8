package retort

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/internal/urlmap"
)

// TestOption is an option of a request of a [TestClient] or of
// [App.TestRequestContext]. The set is closed: [JSON], [FormData] and what the
// functions WithQuery, WithHeader … and FollowRedirects give.
type TestOption interface{ applyTest(*testRequest) }

type testOption func(*testRequest)

func (f testOption) applyTest(q *testRequest) { f(q) }

// testRequest describes a request that is still to be built.
//
// Source: Werkzeug: test.py, EnvironBuilder.
type testRequest struct {
	method     string
	scheme     string
	host       string
	root       string // the script root, without a slash at its end
	url        url.URL
	header     http.Header
	body       []byte
	stream     io.Reader // the body when its length is not known
	remoteAddr string
	ctx        context.Context
	serverName string
	json       JSONProvider
	follow     bool
}

// newTestRequest gives the request that a client makes without being told more.
func newTestRequest(a *App, method string) *testRequest {
	s := a.settings()
	q := &testRequest{
		method:     method,
		scheme:     s.scheme,
		root:       strings.TrimRight(s.applicationRoot, "/"),
		url:        url.URL{Path: "/"},
		header:     http.Header{"User-Agent": {"retort-test"}},
		remoteAddr: "127.0.0.1",
		ctx:        context.Background(),
		serverName: s.serverName,
		json:       a.JSON,
	}
	q.host = q.site()
	return q
}

// site is the host of requests that are not for another.
func (q *testRequest) site() string { return cmp.Or(q.serverName, "localhost") }

func (q *testRequest) apply(opts []TestOption) {
	for _, opt := range opts {
		opt.applyTest(q)
	}
}

// setTarget reads a path with a query or a whole URL. Two slashes at the
// beginning are those of a path, as in a request line.
func (q *testRequest) setTarget(target string) {
	if target == "*" {
		q.url.Path = "*"
		return
	}
	target, _, _ = strings.Cut(target, "#")
	whole := strings.HasPrefix(target, "http://") || strings.HasPrefix(target, "https://")
	if !whole {
		target = "/" + strings.TrimPrefix(target, "/")
	}
	u, err := url.ParseRequestURI(quoteTarget(target))
	if err != nil {
		panic(fmt.Sprintf("retort: the test client cannot request %q: %v; a target is a path such as /notes?page=2, or a URL", target, err))
	}
	if whole {
		q.scheme, q.host = u.Scheme, u.Host
	}
	q.url.Path, q.url.RawPath = u.Path, u.RawPath
	if q.url.Path == "" {
		q.url.Path = "/"
	}
	q.addQuery(u.RawQuery)
}

// quoteTarget percent-encodes what cannot stand in a request line. Slashes at
// the beginning of a path are not the beginning of a host.
func quoteTarget(target string) string {
	path := strings.TrimLeft(target, "/")
	slashes := len(target) - len(path)
	if slashes == 0 {
		return urlmap.IRIToURI(target)
	}
	return target[:slashes-1] + urlmap.IRIToURI("/"+path)
}

func (q *testRequest) addQuery(raw string) {
	if q.url.RawQuery != "" && raw != "" {
		q.url.RawQuery += "&"
	}
	q.url.RawQuery += raw
}

// build gives the request as a server would hand it to the app.
func (q *testRequest) build() *http.Request {
	u := q.url
	r := &http.Request{
		Method:     q.method,
		URL:        &u,
		RequestURI: u.RequestURI(),
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     q.header.Clone(),
		Host:       q.host,
		RemoteAddr: peerAddr(q.remoteAddr),
		Body:       http.NoBody,
	}
	if u.Path != "*" {
		r.RequestURI = q.root + r.RequestURI
	}
	switch {
	case q.stream != nil:
		r.Body, r.ContentLength = io.NopCloser(q.stream), -1
		r.TransferEncoding = []string{"chunked"}
	case q.body != nil:
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(q.body)), int64(len(q.body))
		r.Header.Set("Content-Length", strconv.Itoa(len(q.body)))
	}
	if q.scheme == "https" {
		name, _ := splitHostPort(q.host)
		r.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: name}
	}
	return gateway.WithScriptName(r.WithContext(q.ctx), q.root)
}

// peerAddr gives an address the port that http.Request.RemoteAddr has.
func peerAddr(addr string) string {
	if _, err := netip.ParseAddr(addr); err == nil {
		return net.JoinHostPort(addr, "49152")
	}
	return addr
}

// splitHostPort gives the name in lower case and the port, "" without one.
func splitHostPort(host string) (name, port string) {
	u := url.URL{Host: host}
	return strings.ToLower(u.Hostname()), u.Port()
}

// name is the request in an error text: "GET /notes".
func (q *testRequest) name() string { return q.method + " " + q.url.RequestURI() }

// setBody makes data the body of the request.
func (q *testRequest) setBody(data []byte, contentType string) {
	if data == nil {
		data = []byte{}
	}
	q.body, q.stream = data, nil
	if contentType != "" {
		q.header.Set("Content-Type", contentType)
	}
}

// WithQuery adds to the query: names and values in pairs, in order; a slice
// repeats its name, nil is left out, anything else is printed as fmt.Sprint
// does.
//
//	client.Get("/search", retort.WithQuery("q", "a b", "page", 2)) // /search?q=a+b&page=2
//
// Source: Werkzeug: test.py, EnvironBuilder(query_string=…).
func WithQuery(pairs ...any) TestOption {
	if len(pairs)%2 != 0 {
		panic(fmt.Sprintf("retort: WithQuery takes names and values in pairs, but the last name, %q, has no value", fmt.Sprint(pairs[len(pairs)-1])))
	}
	var fields []string
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			panic(fmt.Sprintf("retort: WithQuery takes names and values in pairs: argument %d should be a name, and is the %T %v", i+1, pairs[i], pairs[i]))
		}
		fields = appendEncoded(fields, name, pairs[i+1])
	}
	return testOption(func(q *testRequest) { q.addQuery(strings.Join(fields, "&")) })
}

// WithHeader sets a field of the request, in the place of what was there under
// that name; several values are several field lines. Host sets the host.
func WithHeader(name string, values ...string) TestOption {
	return testOption(func(q *testRequest) {
		if strings.EqualFold(name, "Host") && len(values) > 0 {
			q.host = values[0]
			return
		}
		q.header[http.CanonicalHeaderKey(name)] = values
	})
}

// WithBody sets the body: a string, a []byte or an io.Reader. A reader that does
// not know its length (no method Len) is sent as it is read, without a
// Content-Length. contentType "" sets no Content-Type.
func WithBody(body any, contentType string) TestOption {
	return testOption(func(q *testRequest) {
		switch body := body.(type) {
		case string:
			q.setBody([]byte(body), contentType)
		case []byte:
			q.setBody(body, contentType)
		case io.Reader:
			q.setReader(body, contentType)
		default:
			panic(fmt.Sprintf("retort: WithBody takes a string, a []byte or an io.Reader, not a %T; retort.JSON{V: v} sends a value as JSON", body))
		}
	})
}

func (q *testRequest) setReader(body io.Reader, contentType string) {
	if _, sized := body.(interface{ Len() int }); !sized {
		q.setBody(nil, contentType)
		q.stream = body
		return
	}
	data, err := io.ReadAll(body)
	if err != nil {
		panic(fmt.Sprintf("retort: the body of the test request cannot be read: %v", err))
	}
	q.setBody(data, contentType)
}

// WithBasicAuth sends a user name and password (RFC 7617).
func WithBasicAuth(user, password string) TestOption {
	credentials := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
	return WithHeader("Authorization", "Basic "+credentials)
}

// WithCookie sends a cookie with this request only. value is sent as it is.
func WithCookie(name, value string) TestOption {
	return testOption(func(q *testRequest) { addCookie(q.header, name, value) })
}

// WithHost sets the host, with a port if it is to have one: the Host field.
func WithHost(host string) TestOption {
	return testOption(func(q *testRequest) { q.host = host })
}

// WithSubdomain sets the host to a subdomain of SERVER_NAME, or of localhost
// when that is not set; "" is that host itself.
//
//	app.Config.Set("SERVER_NAME", "example.com")
//	client.Get("/", retort.WithSubdomain("api")) // http://api.example.com/
//
// Source: Flask: testing.py, EnvironBuilder(subdomain=…).
func WithSubdomain(subdomain string) TestOption {
	host := subdomain + "."
	if subdomain == "" {
		host = ""
	}
	if host != "" && !validHost(host+"localhost") || strings.Contains("."+host, "..") || strings.Contains(host, ":") {
		panic(fmt.Sprintf("retort: WithSubdomain(%q): a subdomain is one or more labels of a host name, as in api or api.eu", subdomain))
	}
	return testOption(func(q *testRequest) { q.host = host + q.site() })
}

// WithScheme sets the scheme, "http" or "https"; "https" comes over TLS.
func WithScheme(scheme string) TestOption {
	return testOption(func(q *testRequest) { q.scheme = scheme })
}

// WithBaseURL sets scheme, host and script root: "https://example.com/app".
//
// Source: Werkzeug: test.py, EnvironBuilder(base_url=…).
func WithBaseURL(base string) TestOption {
	u, err := url.Parse(base)
	if err != nil || u.Scheme == "" || u.Host == "" {
		panic(fmt.Sprintf("retort: WithBaseURL(%q): a base URL has a scheme and a host, as in https://example.com/app", base))
	}
	return testOption(func(q *testRequest) {
		q.scheme, q.host, q.root = u.Scheme, u.Host, strings.TrimRight(u.Path, "/")
	})
}

// WithMethod sets the method; it is for [App.TestRequestContext], whose requests
// are GET requests otherwise.
func WithMethod(method string) TestOption {
	return testOption(func(q *testRequest) { q.method = method })
}

// WithRemoteAddr sets the address of the peer, with or without a port.
func WithRemoteAddr(addr string) TestOption {
	return testOption(func(q *testRequest) { q.remoteAddr = addr })
}

// WithContext sets the context of the request: cancelling it is a client that
// leaves.
func WithContext(ctx context.Context) TestOption {
	return testOption(func(q *testRequest) { q.ctx = ctx })
}
