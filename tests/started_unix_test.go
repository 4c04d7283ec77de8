//go:build unix

package tests

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/cli"
	"github.com/retort-go/retort/internal/fastcgi"
)

// startedVar is set for a program that a test starts as a web server does.
const startedVar = "RETORT_TEST_STARTED"

// runStarted is the main function of that program.
func runStarted() {
	app := retort.New("started")
	app.OnStartup(func(context.Context) error { fmt.Fprintln(os.Stderr, "up"); return nil })
	app.OnShutdown(func(context.Context) error { fmt.Fprintln(os.Stderr, "down"); return nil })
	app.Get("/<name>")(func(c *retort.Context, name string) string { return name + " below " + c.URLFor("/<name>", "name", "") })
	if err := app.Run(retort.RunOptions{OnReady: func(addr net.Addr) {
		fmt.Println("listening")
		_ = syscall.Kill(os.Getpid(), syscall.SIGTERM) // or it would for ever
	}, Log: io.Discard}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// started is this test as a program that a web server starts.
func started(t *testing.T, environ ...string) (_ *exec.Cmd, out, log *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self, "-test.run=^"+t.Name()+"$")
	out, log = new(bytes.Buffer), new(bytes.Buffer)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(environ, startedVar+"=1", "HOME="+t.TempDir()), out, log
	return cmd, out, log
}

var cgiRequest = []string{"GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET", "SCRIPT_NAME=/cgi-bin/app", "PATH_INFO=/x", "SERVER_PROTOCOL=HTTP/1.1"}

func TestRunAnswersByCGI(t *testing.T) {
	if os.Getenv(startedVar) != "" {
		runStarted()
	}
	cmd, out, log := started(t, cgiRequest...)
	require.NoError(t, cmd.Run(), log)
	assert.Regexp(t, "^Status: 200 OK\r\n(?s:.*)\r\n\r\nx below /cgi-bin/app/$", out.String())
	assert.Equal(t, "up\ndown\n", log.String())
}

// TestACommandLineByCGIIsNoneOfTheClient: Apache makes arguments of a query that
// has no "=".
func TestACommandLineByCGIIsNoneOfTheClient(t *testing.T) {
	if os.Getenv(startedVar) != "" {
		app := retort.New("started")
		app.Get("/x")(func() string { return "answered" })
		cli.Main(app)
	}
	for _, argument := range []string{"config", "routes", "__complete"} {
		cmd, out, log := started(t, append(cgiRequest[:len(cgiRequest):len(cgiRequest)], "QUERY_STRING="+argument)...)
		cmd.Args = append(cmd.Args, argument)
		require.NoError(t, cmd.Run(), log)
		assert.Regexp(t, "^Status: 200 OK\r\n(?s:.*)\r\n\r\nanswered$", out.String(), argument)
	}
}

func TestRunListensWhenItIsToldWhere(t *testing.T) {
	if os.Getenv(startedVar) != "" {
		runStarted()
	}
	cmd, out, log := started(t, append(cgiRequest[:len(cgiRequest):len(cgiRequest)], "RETORT_RUN_PORT=0")...)
	require.NoError(t, cmd.Run(), log)
	assert.Equal(t, "listening\n", out.String())
}

func TestRunAnswersByFastCGI(t *testing.T) {
	if os.Getenv(startedVar) != "" {
		runStarted()
	}
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) {
			addr := map[string]string{"unix": filepath.Join(openDir(t), "s"), "tcp": "127.0.0.1:0"}[network]
			l, err := net.Listen(network, addr)
			require.NoError(t, err)
			defer l.Close()
			socket, err := l.(interface{ File() (*os.File, error) }).File()
			require.NoError(t, err)
			defer socket.Close()
			cmd, out, log := started(t)
			cmd.Args[1] = "-test.run=^TestRunAnswersByFastCGI$"
			cmd.Stdin = socket
			require.NoError(t, cmd.Start())
			for i := range 3 {
				assert.Regexp(t, fmt.Sprintf("^Status: 200 OK\r\n(?s:.*)\r\n\r\n%d below /$", i), askFastCGI(t, l.Addr(), fmt.Sprint("/", i)))
			}
			require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
			require.NoError(t, cmd.Wait(), log)
			assert.Equal(t, "up\ndown\n", log.String())
			assert.Empty(t, out.String())
			conn, err := net.Dial(network, l.Addr().String())
			require.NoError(t, err, "the socket is the web server's")
			conn.Close()
		})
	}
}

// askFastCGI gives what a program answers to a GET.
func askFastCGI(t *testing.T, addr net.Addr, path string) string {
	t.Helper()
	conn, err := net.Dial(addr.Network(), addr.String())
	require.NoError(t, err)
	defer conn.Close()
	params := fastcgi.AppendPair(fastcgi.AppendPair(nil, "REQUEST_METHOD", "GET"), "PATH_INFO", path)
	request := fastcgi.AppendRecord(fastcgi.AppendBegin(nil, 1, fastcgi.Responder, false), fastcgi.Params, 1, params)
	request = fastcgi.AppendRecord(fastcgi.AppendRecord(request, fastcgi.Params, 1, nil), fastcgi.Stdin, 1, nil)
	_, err = conn.Write(request)
	require.NoError(t, err)
	var answer bytes.Buffer
	for in := bufio.NewReader(conn); ; {
		var head [fastcgi.HeaderLen]byte
		_, err := io.ReadFull(in, head[:])
		require.NoError(t, err)
		h, err := fastcgi.ParseHeader(&head)
		require.NoError(t, err)
		content := make([]byte, int(h.Length)+int(h.Padding))
		_, err = io.ReadFull(in, content)
		require.NoError(t, err)
		switch h.Type {
		case fastcgi.Stdout:
			answer.Write(content[:h.Length])
		case fastcgi.EndRequest:
			return answer.String()
		}
	}
}
