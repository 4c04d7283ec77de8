package tests

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
)

// door is a way into an app. A panic that leaves it is the caller's.
type door func(app *retort.App, r *http.Request) *answer

// handlerDoor is App.ServeHTTP.
func handlerDoor(app *retort.App, r *http.Request) *answer {
	w := newRecorder(r)
	app.ServeHTTP(w, r)
	return w.answer()
}

// gatewayDoor is App.Call under Lint. An error of it is panicked with, as a server
// would report it.
func gatewayDoor(app *retort.App, r *http.Request) *answer {
	env, err := gateway.NewEnviron(r)
	if err != nil {
		panic(err)
	}
	a := &answer{}
	body, err := gateway.Lint(app, gateway.LintOptions{Report: refuseFinding}).Call(env, func(status string, h gateway.Headers, _ error) (gateway.Write, error) {
		a.statusLine, a.header = status, h.HTTP()
		_, err := fmt.Sscan(status, &a.status)
		return nil, err
	})
	if err != nil {
		panic(err)
	}
	for chunk, err := range body.Chunks() {
		if err != nil {
			panic(err)
		}
		a.body = append(a.body, chunk...)
	}
	if err := body.Close(); err != nil {
		panic(err)
	}
	return a
}

// refuseFinding panics with what Lint has found, unless the recorded apps ask for
// it: methods that are none, a Content-Type beside a 204, entity tags and cookies
// of their own making.
func refuseFinding(f gateway.Finding) {
	switch f.Code {
	case "E04", "H06", "H12", "H14":
		return
	}
	panic(f.String())
}

// recorder is a ResponseWriter that keeps what net/http would send.
type recorder struct {
	header  http.Header
	sent    http.Header // the header when it left
	status  int
	body    bytes.Buffer
	flushed []string // the body so far at each flush
	head    bool
}

func newRecorder(r *http.Request) *recorder {
	return &recorder{header: make(http.Header), head: r.Method == http.MethodHead}
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	switch {
	case status < 100 || status > 999:
		panic(fmt.Sprintf("invalid status %d", status))
	case w.sent != nil || status < 200:
		return
	}
	w.status = status
	w.sent = w.header.Clone()
}

func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	switch {
	case w.head:
		return len(p), nil
	case w.status == http.StatusNoContent || w.status == http.StatusNotModified:
		return 0, http.ErrBodyNotAllowed
	}
	return w.body.Write(p)
}

func (w *recorder) Flush() {
	w.WriteHeader(http.StatusOK)
	w.flushed = append(w.flushed, w.body.String())
}

// answer is what was sent once the handler has returned.
func (w *recorder) answer() *answer {
	w.WriteHeader(http.StatusOK)
	return &answer{status: w.status, header: w.sent, body: w.body.Bytes()}
}

// httpRequest makes the request as net/http's server would: from its bytes.
func (q *request) httpRequest(jar *cookieJar, template *strings.Replacer) (*http.Request, error) {
	raw, err := q.bytes(jar, template)
	if err != nil {
		return nil, err
	}
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, err
	}
	r.RemoteAddr = "127.0.0.1:50000"
	if q.RemoteAddr != "" {
		r.RemoteAddr = q.RemoteAddr + ":50000"
	}
	if q.Scheme == "https" {
		r.TLS = new(tls.ConnectionState)
	}
	if q.ScriptName != "" {
		r = gateway.WithScriptName(r, q.ScriptName)
	}
	return r, nil
}

// bytes is the request as it crosses the wire.
func (q *request) bytes(jar *cookieJar, template *strings.Replacer) ([]byte, error) {
	host, version := "localhost", "HTTP/1.1"
	if len(q.Host) > 0 {
		if err := json.Unmarshal(q.Host, &host); err != nil {
			return nil, err
		}
	}
	var raw bytes.Buffer
	if string(q.Host) == "null" {
		version = "HTTP/1.0"
	}
	fmt.Fprintf(&raw, "%s %s %s\r\n", q.Method, q.Target, version)
	if string(q.Host) != "null" {
		fmt.Fprintf(&raw, "Host: %s\r\n", host)
	}
	sent := make(map[string]bool)
	for _, field := range q.Headers {
		sent[http.CanonicalHeaderKey(field[0])] = true
		fmt.Fprintf(&raw, "%s: %s\r\n", field[0], template.Replace(field[1]))
	}
	if cookies := jar.field(); !sent["Cookie"] && cookies != "" {
		fmt.Fprintf(&raw, "Cookie: %s\r\n", cookies)
	}
	q.writeBody(&raw, sent["Content-Length"])
	return raw.Bytes(), nil
}

func (q *request) writeBody(raw *bytes.Buffer, hasLength bool) {
	var body []byte
	switch {
	case q.Body != nil:
		body = []byte(*q.Body)
	case q.BodyB64 != nil:
		body = decodeBase64(*q.BodyB64)
	}
	withBody := len(body) > 0 || q.Method == "POST" || q.Method == "PUT" || q.Method == "PATCH"
	switch {
	case q.InputTerminated:
		fmt.Fprintf(raw, "Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body)
		return
	case withBody && !hasLength && !q.NoContentLength:
		fmt.Fprintf(raw, "Content-Length: %d\r\n", len(body))
	}
	raw.WriteString("\r\n")
	raw.Write(body)
}

// discard reads what a handler left of a body, as a server does.
func discard(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }
