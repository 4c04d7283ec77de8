package retort_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// syncBuffer is a buffer for several goroutines.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// running runs app until stop is called, which gives what Run returned.
func running(t *testing.T, app *retort.App, o retort.RunOptions) (url string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ready, done := make(chan net.Addr, 1), make(chan error, 1)
	o.Context, o.OnReady = ctx, func(addr net.Addr) { ready <- addr }
	if o.Port == 0 {
		o.Port = retort.AnyPort
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	go func() { done <- app.Run(o) }()
	stop = func() error {
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(time.Minute):
			return errors.New("Run did not return")
		}
	}
	select {
	case addr := <-ready:
		return "http://" + addr.String(), stop
	case err := <-done:
		require.NoError(t, err)
	case <-time.After(time.Minute):
		require.Fail(t, "the server was not ready")
	}
	return "", stop
}

// fetch gets a URL and closes the connection, which an idle one would hold up
// the stop with.
func fetch(t *testing.T, url string) (status int, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	r.Close = true
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(data)
}

func TestRunServesUntilItsContextIsDone(t *testing.T) {
	app := quiet()
	app.Get("/")(saying("served"))
	var log syncBuffer
	url, stop := running(t, app, retort.RunOptions{Log: &log})
	status, text := fetch(t, url+"/")
	assert.Equal(t, 200, status)
	assert.Equal(t, "served", text)
	require.NoError(t, stop())
	assert.Contains(t, log.String(), url, "the banner names the address")
	assert.Contains(t, log.String(), `"GET / HTTP/1.1" 200`)
	_, err := http.Get(url)
	require.Error(t, err)
}

func TestRunAnswersTheRequestThatIsUnderWay(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	app := quiet()
	app.Get("/")(func() string { close(entered); <-release; return "late" })
	url, stop := running(t, app, retort.RunOptions{})
	got := make(chan string, 1)
	go func() {
		_, text := fetch(t, url+"/")
		got <- text
	}()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	select {
	case err := <-stopped:
		require.Fail(t, "Run returned before the request was answered", "%v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	assert.Equal(t, "late", <-got)
	require.NoError(t, <-stopped)
}

func TestRunTurnsTheDebugModeOn(t *testing.T) {
	for _, tt := range []struct {
		name, env string
		option    bool
		want      bool
	}{
		{"not by itself", "", false, false},
		{"by the option", "", true, true},
		{"by the environment", "1", false, true},
		{"not by a 0", "0", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("RETORT_DEBUG", tt.env)
			app := quiet()
			url, stop := running(t, app, retort.RunOptions{Debug: tt.option})
			status, text := fetch(t, url+"/nothing")
			assert.Equal(t, 404, status)
			assert.Equal(t, tt.want, strings.Contains(text, "404: no rule matches"))
			assert.Equal(t, tt.want, app.Config.Bool("DEBUG"))
			require.NoError(t, stop())
		})
	}
}

func TestAnUnhandledErrorUnderRunIsA500(t *testing.T) {
	errBroken := errors.New("broken")
	for _, debug := range []bool{false, true} {
		app := quiet()
		log := logOf(app)
		app.Get("/")(func() error { return errBroken })
		url, stop := running(t, app, retort.RunOptions{Debug: debug})
		status, _ := fetch(t, url+"/")
		require.NoError(t, stop())
		assert.Equal(t, 500, status, "debug %v", debug)
		assert.Equal(t, []string{"broken"}, log.errors(t), "debug %v", debug)
	}
}

func TestRunThatCannotListen(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	port := taken.Addr().(*net.TCPAddr).Port
	err = quiet().Run(retort.RunOptions{Port: port, Log: io.Discard})
	require.Error(t, err)
	assert.Contains(t, err.Error(), fmt.Sprintf("port %d on 127.0.0.1 is in use by another program", port))
	require.Error(t, quiet().Run(retort.RunOptions{Port: 70000, Log: io.Discard}))
}

func TestRunFreezesTheApp(t *testing.T) {
	app := quiet()
	_, stop := running(t, app, retort.RunOptions{})
	assert.Contains(t, panicOf(t, func() { app.Get("/late")(noArguments) }), "registering a route can no longer be called")
	require.NoError(t, stop())
	assert.Equal(t, "retort: Run takes one RunOptions", panicOf(t, func() { _ = quiet().Run(retort.RunOptions{}, retort.RunOptions{}) }))
}
