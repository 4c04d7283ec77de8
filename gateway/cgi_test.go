package gateway_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

// cgi runs app for one request. The environment is that of a web server, and of
// the machine.
func cgi(app gateway.App, body string, nph bool, environ ...string) (out, log string, err error) {
	var written bytes.Buffer
	records := &records{}
	environ = append([]string{"PATH=/bin", "DATABASE_URL=secret", "_=/x", "GATEWAY_INTERFACE=CGI/1.1", "SERVER_PROTOCOL=HTTP/1.1"}, environ...)
	err = gateway.ServeCGIProcess(app, environ, strings.NewReader(body), &written, nph, gateway.Logger(records.logger()))
	return written.String(), records.String(), err
}

func TestCGIAnswersOneRequest(t *testing.T) {
	app := gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		body, err := io.ReadAll(env.Input)
		if err != nil {
			return nil, err
		}
		_, err = start("299 Rather Good", text(), nil)
		fmt.Fprintf(env.Errors, "asked")
		return gateway.String(fmt.Sprintf("%s %q %q %q %t %t %t", env.Value("REQUEST_METHOD"), env.Value("SCRIPT_NAME"),
			env.Value("PATH_INFO"), body, env.Multithread, env.Multiprocess, env.RunOnce)), err
	})
	request := []string{"REQUEST_METHOD=POST", "SCRIPT_NAME=/cgi-bin/app", "PATH_INFO=/x", "REQUEST_URI=/cgi-bin/app/x", "CONTENT_LENGTH=4"}
	out, log, err := cgi(app, "bodyand more", false, request...)
	require.NoError(t, err)
	assert.Equal(t, "Status: 299 Rather Good\r\nContent-Type: text/plain\r\nContent-Length: 47\r\n\r\n"+
		`POST "/cgi-bin/app" "/x" "body" false true true`, out)
	assert.Equal(t, "level=ERROR msg=asked\n", log)

	out, _, err = cgi(app, "body", true, request...)
	require.NoError(t, err)
	assert.Regexp(t, "^HTTP/1\\.1 299 Rather Good\r\n", out, "a program nph-… writes the whole head")
}

func TestCGIKeepsTheMachineToItself(t *testing.T) {
	out, _, err := cgi(dump, "", false, "REQUEST_METHOD=GET", "SCRIPT_NAME=/app", "HTTP_PROXY=http://evil", "HTTP_ACCEPT=*/*",
		"HTTPS=on", "REMOTE_ADDR=::1", "SSL_PROTOCOL=TLSv1.3", "UWSGI_FILE=/x")
	require.NoError(t, err)
	_, body, _ := strings.Cut(out, "\r\n\r\n")
	assert.Equal(t, []string{
		"wsgi.url_scheme=https", "GATEWAY_INTERFACE=CGI/1.1", "HTTPS=on", "HTTP_ACCEPT=*/*", "PATH_INFO=", "QUERY_STRING=", "RAW_URI=/app",
		"REMOTE_ADDR=::1", "REQUEST_METHOD=GET", "REQUEST_URI=/app", "SCRIPT_NAME=/app", "SERVER_NAME=localhost", "SERVER_PORT=443",
		"SERVER_PROTOCOL=HTTP/1.1", "SERVER_SOFTWARE=retort", "SSL_PROTOCOL=TLSv1.3",
	}, strings.Split(body, "\n"))
}

func TestCGIFailures(t *testing.T) {
	panics := gateway.AppFunc(func(*gateway.Environ, gateway.StartResponse) (gateway.Body, error) { panic("oh") })
	cut := answer(func() gateway.Body {
		return gateway.Seq2(func(yield func([]byte, error) bool) {
			_ = yield([]byte("half"), nil) && yield(nil, errors.New("broken"))
		})
	})
	reads := gateway.AppFunc(func(env *gateway.Environ, _ gateway.StartResponse) (gateway.Body, error) {
		_, err := io.ReadAll(env.Input)
		return nil, err
	})
	for _, tt := range []struct {
		name    string
		app     gateway.App
		environ []string
		out     string // its beginning
		err     string
	}{
		{"a panic is a 500", panics, []string{"REQUEST_METHOD=GET", "PATH_INFO=/"}, "Status: 500 Internal Server Error\r\n", ""},
		{"a response that fails is told", cut, []string{"REQUEST_METHOD=GET", "PATH_INFO=/"}, "Status: 200 OK\r\nContent-Type: text/plain\r\n\r\nhalf", "gateway: the response was cut off"},
		{"a body that ends early is a 400", reads, []string{"REQUEST_METHOD=POST", "PATH_INFO=/", "CONTENT_LENGTH=9"}, "Status: 400 Bad Request\r\n", ""},
		{"a length that is none is a 400", dump, []string{"REQUEST_METHOD=POST", "PATH_INFO=/", "CONTENT_LENGTH=x"}, "Status: 400 Bad Request\r\n", ""},
		{"two hosts are a 400", dump, []string{"REQUEST_METHOD=GET", "PATH_INFO=/", "HTTP_HOST=a", "HTTP_HOST=b"}, "Status: 400 Bad Request\r\n", ""},
		{"no web server is an error", dump, nil, "", "gateway: there is no request: the variable REQUEST_METHOD is missing from the environment; " +
			"a web server has to start this program, or use MakeServer to listen for requests"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, _, err := cgi(tt.app, "body", false, tt.environ...)
			require.GreaterOrEqual(t, len(out), len(tt.out))
			assert.Equal(t, tt.out, out[:len(tt.out)])
			if tt.err == "" {
				require.NoError(t, err)
			} else {
				assert.EqualError(t, err, tt.err)
			}
		})
	}
}

// TestCGIReadsWhatTheAppHasLeft: a program that ends before can lose its response.
func TestCGIReadsWhatTheAppHasLeft(t *testing.T) {
	for name, environ := range map[string][]string{
		"of a request that is answered": {"REQUEST_METHOD=POST", "PATH_INFO=/", "CONTENT_LENGTH=100000"},
		"of one that is refused":        {"REQUEST_METHOD=POST", "PATH_INFO=/", "CONTENT_LENGTH=x"},
	} {
		t.Run(name, func(t *testing.T) {
			in := strings.NewReader(strings.Repeat("x", 100_000))
			err := gateway.ServeCGIProcess(gateway.AppFunc(hello), environ, in, io.Discard, false, gateway.Logger((&records{}).logger()))
			require.NoError(t, err)
			assert.Zero(t, in.Len())
		})
	}
	t.Run("of one that never ends", func(t *testing.T) {
		noLeak(t)
		in, silent := io.Pipe()
		defer silent.Close()
		err := gateway.ServeCGIProcess(gateway.AppFunc(hello), []string{"REQUEST_METHOD=POST", "PATH_INFO=/", "CONTENT_LENGTH=9"},
			in, io.Discard, false, gateway.Logger((&records{}).logger()))
		require.NoError(t, err)
	})
}

func TestCGIClosesTheBodyWhenNobodyListens(t *testing.T) {
	body := newCounted(chunks("a", "b"))
	gone := errors.New("gone")
	err := gateway.ServeCGIProcess(answer(func() gateway.Body { return body }), []string{"REQUEST_METHOD=GET", "PATH_INFO=/"},
		strings.NewReader(""), errWriter{gone}, false, gateway.Logger((&records{}).logger()))
	require.ErrorIs(t, err, gone)
	assert.EqualValues(t, 1, body.closed.Load())
}

type errWriter struct{ err error }

func (w errWriter) Write([]byte) (int, error) { return 0, w.err }

func TestCGIInputCanFail(t *testing.T) {
	broken := errors.New("broken")
	got := make(chan error, 1)
	err := gateway.ServeCGIProcess(gateway.AppFunc(func(env *gateway.Environ, _ gateway.StartResponse) (gateway.Body, error) {
		_, err := io.ReadAll(env.Input)
		got <- err
		return nil, err
	}), []string{"REQUEST_METHOD=GET", "PATH_INFO=/", "CONTENT_LENGTH=3"}, iotest.ErrReader(broken), io.Discard, false, gateway.Logger((&records{}).logger()))
	require.NoError(t, err)
	require.ErrorIs(t, <-got, broken)
}

// TestCGIProcess runs this program as a web server would.
func TestCGIProcess(t *testing.T) {
	if os.Getenv("GATEWAY_INTERFACE") != "" {
		if err := gateway.ServeCGI(gateway.AppFunc(hello)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self, "-test.run=^TestCGIProcess$")
	cmd.Env = []string{"GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET", "SCRIPT_NAME=/app", "PATH_INFO=/p", "SERVER_PROTOCOL=HTTP/1.0"}
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	assert.Equal(t, "Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nHello /p", string(out))
}
