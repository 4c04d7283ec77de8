package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

// ask serves one request to the named program on a real socket and gives what
// came back, as bytes less Date, and what was logged.
func ask(t *testing.T, name, path string) (reply, logged string) {
	t.Helper()
	p, err := choose([]string{name}, nil, nil)
	require.NoError(t, err)
	var log bytes.Buffer
	srv, err := gateway.MakeServer("127.0.0.1:0", p.app, gateway.AccessLog(io.Discard), gateway.Logger(plain(&log)))
	require.NoError(t, err)
	defer srv.Close()
	served := make(chan error, 1)
	go func() { served <- srv.HandleRequest() }()

	conn, err := net.Dial("tcp", srv.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\n\r\n")
	require.NoError(t, err)
	all, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.NoError(t, <-served)
	return regexp.MustCompile(`(Date|Expires): [^\r]+\r\n`).ReplaceAllString(string(all), ""), log.String()
}

// plain logs the message and the error of each record, one a line.
func plain(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.MessageKey || a.Key == "error" {
			return a
		}
		return slog.Attr{}
	}}))
}

func TestPrograms(t *testing.T) {
	for _, tt := range []struct {
		name, program, path, want string
	}{
		{"the smallest callable", "hello", "/", "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nHello, WSGI!\n"},
		{"it answers every path", "hello", "/anything", "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nHello, WSGI!\n"},
		{"the first path", "paths", "/", "HTTP/1.1 200 OK\r\nContent-Length: 15\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nThe front page\n"},
		{"the second path", "paths", "/about?x=1", "HTTP/1.1 200 OK\r\nContent-Length: 16\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nAbout this site\n"},
		{"another path", "paths", "/nope", "HTTP/1.1 404 Not Found\r\nContent-Length: 17\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nNothing at /nope\n"},
		{"a view of the framework", "framework", "/", "HTTP/1.1 200 OK\r\nContent-Length: 78\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n\r\n<link rel=stylesheet href=/static/style.css>\n<h1>GET through a framework</h1>\n"},
		{"no view of the framework", "framework", "/nope", "HTTP/1.1 404 Not Found\r\nContent-Length: 19\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n\r\n<h1>Not Found</h1>\n"},
		{"no file of the framework", "framework", "/static/nope.css", "HTTP/1.1 404 Not Found\r\nContent-Length: 19\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n\r\n<h1>Not Found</h1>\n"},
		{"a file in front of the framework", "framework", "/static/style.css", "HTTP/1.1 200 OK\r\nAccept-Ranges: bytes\r\nCache-Control: max-age=43200, public\r\nContent-Length: 34\r\nContent-Type: text/css; charset=utf-8\r\nEtag: \"wzsdm-0bf4d668930b5ab1d543ab1d43785e7c\"\r\nConnection: close\r\n\r\nbody { font-family: sans-serif; }\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			reply, logged := ask(t, tt.program, tt.path)
			assert.Equal(t, tt.want, reply)
			assert.Empty(t, logged)
		})
	}
}

func TestMistakes(t *testing.T) {
	failed := "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 26\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n500 Internal Server Error\n"
	for program, why := range map[string]error{"silent": gateway.ErrNotStarted, "twice": gateway.ErrAlreadyStarted} {
		t.Run(program, func(t *testing.T) {
			reply, logged := ask(t, program, "/")
			assert.Equal(t, failed, reply)
			assert.Equal(t, `msg="gateway: the app failed" error="`+why.Error()+"\"\n", logged)
		})
	}
}

// The file is compiled in this directory's place in the module, without being
// written there.
func TestTextInsteadOfBytesDoesNotCompile(t *testing.T) {
	source, err := filepath.Abs("testdata/text.go.txt")
	require.NoError(t, err)
	here, err := os.Getwd()
	require.NoError(t, err)
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(here, "text", "text.go"): source}})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "overlay.json")
	require.NoError(t, os.WriteFile(file, overlay, 0o600))

	out, err := exec.Command("go", "build", "-o", os.DevNull, "-overlay", file, "./text").CombinedOutput()
	require.Error(t, err)
	_, message, ok := strings.Cut(string(out), ".go.txt:")
	require.True(t, ok, string(out))
	assert.Equal(t, `9:9: cannot use "Hello, WSGI!\n" (constant of type string) as gateway.Body value in return statement: `+
		"string does not implement gateway.Body (missing method Chunks)\n", message)
}

func TestMenu(t *testing.T) {
	var out bytes.Buffer
	p, err := choose(nil, strings.NewReader("paths\n"), &out)
	require.NoError(t, err)
	assert.Equal(t, "paths", p.name)
	assert.Equal(t, `hello      the smallest callable
paths      two paths, and 404 for the others
framework  a class with a wsgi_app, files from static/ in front of it
silent     mistake: start_response is not called
twice      mistake: start_response is called twice
which one? `, out.String())

	_, err = choose(nil, strings.NewReader(""), io.Discard)
	require.EqualError(t, err, "no program chosen: EOF")
	_, err = choose([]string{"nope"}, nil, nil)
	require.EqualError(t, err, `there is no program "nope"`)
}

func TestRunServes(t *testing.T) {
	r, w := io.Pipe()
	go func() { _ = run([]string{"hello"}, nil, w, "127.0.0.1:0") }() // it ends with the test
	line := make([]byte, 64)
	n, err := r.Read(line)
	require.NoError(t, err)
	_, url, ok := strings.Cut(strings.TrimSpace(string(line[:n])), " on ")
	require.True(t, ok)
	res, err := http.Get(url)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	assert.Equal(t, "Hello, WSGI!\n", string(body))
}
