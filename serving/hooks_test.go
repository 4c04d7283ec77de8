package serving

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/accesslog"
)

// events is what has happened, in order.
type events chan string

func (e events) all() []string {
	close(e)
	var all []string
	for s := range e {
		all = append(all, s)
	}
	return all
}

// askOnce makes one request and then calls done.
func askOnce(t *testing.T, addr net.Addr, done func()) {
	res, err := http.Get("http://" + addr.String())
	if assert.NoError(t, err) {
		_ = res.Body.Close()
	}
	done()
}

func TestStartupAndShutdownAreAroundTheServing(t *testing.T) {
	did := make(events, 9)
	ctx, cancel := context.WithCancel(t.Context())
	h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { did <- "request" })
	err := RunSimple("127.0.0.1", 0, h, Options{
		Log: new(syncBuffer), Context: ctx, NoSignals: true, IdleLinger: -1,
		Startup: func(ctx context.Context) error { did <- "startup"; return ctx.Err() },
		OnReady: func(addr net.Addr) {
			did <- "ready"
			go askOnce(t, addr, cancel)
		},
		Shutdown: func(ctx context.Context) error {
			_, limited := ctx.Deadline()
			assert.True(t, limited, "the graceful timeout goes on")
			did <- "shutdown"
			return ctx.Err()
		},
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"startup", "ready", "request", "shutdown"}, did.all())
}

func TestStartupThatFailsEndsRunSimple(t *testing.T) {
	errBroken := errors.New("broken")
	var log syncBuffer
	never := func(string) { assert.Fail(t, "called") }
	err := RunSimple("127.0.0.1", 0, http.NotFoundHandler(), Options{
		Log: &log, NoSignals: true,
		Startup:  func(context.Context) error { return errBroken },
		OnReady:  func(net.Addr) { never("OnReady") },
		Shutdown: func(context.Context) error { never("Shutdown"); return nil },
	})
	assert.ErrorIs(t, err, errBroken)
	assert.Empty(t, log.String())
}

func TestStartupIsToldToStop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	err := RunSimple("127.0.0.1", 0, http.NotFoundHandler(), Options{
		Log: new(syncBuffer), Context: ctx, NoSignals: true,
		Startup: func(ctx context.Context) error { cancel(); <-ctx.Done(); return ctx.Err() },
	})
	assert.NoError(t, err)
}

func TestTheErrorOfShutdownIsReturned(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	errBroken := errors.New("broken")
	err := RunSimple("127.0.0.1", 0, http.NotFoundHandler(), Options{
		Log: new(syncBuffer), Context: ctx, NoSignals: true, IdleLinger: -1,
		Shutdown: func(context.Context) error { return errBroken },
	})
	assert.ErrorIs(t, err, errBroken)
}

func TestWhoWritesTheAccessLine(t *testing.T) {
	plain := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })
	claiming := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { accesslog.Claim(w) })
	for _, tt := range []struct {
		name string
		h    http.Handler
		off  bool
		want bool
	}{
		{"the server", plain, false, true},
		{"nobody when it is switched off", plain, true, false},
		{"who has claimed it", claiming, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log syncBuffer
			ctx, cancel := context.WithCancel(t.Context())
			err := RunSimple("127.0.0.1", 0, tt.h, Options{
				Log: &log, Context: ctx, NoSignals: true, IdleLinger: -1, NoAccessLog: tt.off,
				OnReady: func(addr net.Addr) {
					go askOnce(t, addr, cancel)
				},
			})
			require.NoError(t, err)
			if tt.want {
				assert.Contains(t, log.String(), `"GET / HTTP/1.1" 204 -`)
			} else {
				assert.NotContains(t, log.String(), "GET")
			}
		})
	}
}
