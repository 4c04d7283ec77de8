package retort_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
)

// gatewayView is an app with a gateway application as its view of POST /.
func gatewayView(log io.Writer, view gateway.AppFunc) *retort.App {
	app := retort.New("test")
	app.Logger = slog.New(slog.NewTextHandler(log, nil))
	app.Post("/")(view)
	return app
}

// reading is a gateway application that reads its input.
func reading(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	content, err := io.ReadAll(env.Input)
	if err != nil {
		return nil, err
	}
	_, err = start("200 OK", gateway.Headers{{"Content-Type", "text/plain"}}, nil)
	return gateway.Bytes(content), err
}

func TestAGatewayViewsRequestThatCannotBeReadIsTheClientsFault(t *testing.T) {
	broken := func() *http.Request {
		r := httptest.NewRequest("POST", "/", iotest.ErrReader(io.ErrUnexpectedEOF))
		r.ContentLength = 10
		return r
	}
	large := func() *http.Request {
		r := httptest.NewRequest("POST", "/", strings.NewReader("too much"))
		r.Body = http.MaxBytesReader(nil, r.Body, 3)
		return r
	}
	twice := func() *http.Request {
		r := httptest.NewRequest("POST", "/", strings.NewReader("x"))
		r.Header["Content-Type"] = []string{"text/plain", "text/html"}
		return r
	}
	for name, tt := range map[string]struct {
		request func() *http.Request
		status  int
	}{
		"a body that breaks off": {broken, 400}, "a body beyond a limit": {large, 413}, "two Content-Types": {twice, 400},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			app := gatewayView(&log, reading)
			app.ErrorHandler(tt.status)(func(err *retort.HTTPError) (string, int) { return "handled", err.Code })

			w := httptest.NewRecorder()
			app.ServeHTTP(w, tt.request())
			assert.Equal(t, tt.status, w.Code)
			assert.Equal(t, "handled", w.Body.String())
			assert.Empty(t, log.String(), "nothing of the app has failed")
		})
	}
}

func TestAGatewayViewWritesItsErrorsToTheAppsLog(t *testing.T) {
	var log bytes.Buffer
	app := gatewayView(&log, func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, _ = io.WriteString(env.Errors, "the disk is full\n")
		return reading(env, start)
	})
	app.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil))
	assert.Contains(t, log.String(), `level=ERROR msg="the disk is full"`)
}

func TestAGatewayViewsBodyHasTheLengthThatItDeclares(t *testing.T) {
	declaring := func(chunks ...string) gateway.AppFunc {
		return func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			_, err := start("200 OK", gateway.Headers{{"Content-Length", "5"}}, nil)
			return gateway.Seq(func(yield func([]byte) bool) {
				for _, s := range chunks {
					if !yield([]byte(s)) {
						return
					}
				}
			}), err
		}
	}
	var log bytes.Buffer
	srv := httptest.NewServer(gatewayView(&log, declaring("abc", "def", "never")))
	defer srv.Close()
	res, err := http.Post(srv.URL, "", nil)
	require.NoError(t, err)
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	assert.Equal(t, "abcde", string(content))
	assert.Empty(t, log.String())

	w := httptest.NewRecorder()
	app := gatewayView(&log, declaring("abc"))
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() { app.ServeHTTP(w, httptest.NewRequest("POST", "/", nil)) },
		"the connection is cut")
	assert.Contains(t, log.String(), "Content-Length declares 5 bytes, the body had 3")
}

func TestAGatewayViewUnderAGatewayHasTheServersVariables(t *testing.T) {
	var user string
	app := gatewayView(io.Discard, func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		user = env.Value("REMOTE_USER")
		return reading(env, start)
	})
	env, err := gateway.NewEnviron(httptest.NewRequest("POST", "/", nil))
	require.NoError(t, err)
	env.Set("REMOTE_USER", "ann")
	_, _, body, err := gateway.RunApp(app, env)
	require.NoError(t, err)
	require.NoError(t, body.Close())
	assert.Equal(t, "ann", user)
}
