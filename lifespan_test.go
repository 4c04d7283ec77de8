package retort_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// steps is what has happened, in order.
type steps struct {
	mu  sync.Mutex
	did []string
}

func (s *steps) add(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.did = append(s.did, name)
}

func (s *steps) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.did...)
}

// does is a function of the lifespan.
func (s *steps) does(name string, err error) func(context.Context) error {
	return func(context.Context) error { s.add(name); return err }
}

func openCache(context.Context) error  { return errors.New("no cache") }
func closeCache(context.Context) error { return errors.New("cannot close") }

func TestRunStartsAndShutsDown(t *testing.T) {
	var did steps
	app := quiet()
	app.OnStartup(did.does("open a", nil))
	app.OnShutdown(did.does("close a", nil))
	bp := retort.NewBlueprint("b")
	bp.OnStartup(did.does("open b", nil))
	bp.OnShutdown(did.does("close b", nil))
	app.RegisterBlueprint(bp)
	app.RegisterBlueprint(bp, retort.Name("again"))
	app.Get("/")(func(c *retort.Context) string {
		c.App.Go(func(ctx context.Context) { <-ctx.Done(); did.add("background") })
		did.add("request")
		return ""
	})
	url, stop := running(t, app, retort.RunOptions{})
	fetch(t, url+"/")
	require.NoError(t, stop())
	assert.Equal(t, []string{"open a", "open b", "request", "background", "close b", "close a"}, did.all())
}

func TestAStartupThatFails(t *testing.T) {
	var did steps
	app := quiet()
	app.OnStartup(did.does("open a", nil))
	app.OnShutdown(did.does("close a", nil))
	app.OnShutdown(closeCache)
	app.OnStartup(openCache)
	app.OnShutdown(did.does("close cache", nil))
	app.OnStartup(did.does("open b", nil))
	err := app.Run(retort.RunOptions{Port: retort.AnyPort, Log: io.Discard})
	require.Error(t, err)
	assert.Regexp(t, `^retort: the startup function openCache \(lifespan_test\.go:\d+\): no cache
retort: the shutdown function closeCache \(lifespan_test\.go:\d+\): cannot close$`, err.Error())
	assert.Equal(t, []string{"open a", "close a"}, did.all())
	require.NoError(t, app.Shutdown(t.Context()), "it is down already")
	assert.Equal(t, []string{"open a", "close a"}, did.all())
}

func TestAStartupThatPanics(t *testing.T) {
	app := quiet()
	app.OnStartup(func(context.Context) error { panic(&appError{"boom"}) })
	err := app.Startup(t.Context())
	var boom *appError
	require.ErrorAs(t, err, &boom)
	assert.Regexp(t, `^retort: the startup function lifespan_test\.go:\d+ panicked: app: boom \(retort_test\.\S+ lifespan_test\.go:\d+\)$`, err.Error())
}

func TestStartupAndShutdownAreDoneOnce(t *testing.T) {
	var did steps
	app := quiet()
	app.OnStartup(did.does("open", nil))
	app.OnShutdown(did.does("close", nil))
	for range 2 {
		require.NoError(t, app.Startup(t.Context()))
		require.NoError(t, app.Startup(t.Context()))
		require.NoError(t, app.Shutdown(t.Context()))
		require.NoError(t, app.Shutdown(t.Context()))
	}
	assert.Equal(t, []string{"open", "close", "open", "close"}, did.all(), "it can be started again")
	assert.Contains(t, panicOf(t, func() { app.OnStartup(openCache) }), "OnStartup can no longer be called")
	assert.Contains(t, panicOf(t, func() { app.OnShutdown(closeCache) }), "OnShutdown can no longer be called")
}

func TestAHookThatStartsOrShutsDownTheAppAgain(t *testing.T) {
	const nested = " was called by a function of OnStartup, OnShutdown or Go, and would wait for that very function to return"
	app := quiet()
	app.OnStartup(func(ctx context.Context) error { return app.Shutdown(ctx) })
	assert.ErrorContains(t, app.Startup(t.Context()), "retort: Shutdown"+nested)
	app = quiet()
	app.OnShutdown(func(ctx context.Context) error { return app.Startup(ctx) })
	assert.ErrorContains(t, app.Shutdown(t.Context()), "retort: Startup"+nested)
	app = quiet()
	failed := make(chan error)
	app.Go(func(ctx context.Context) { failed <- app.Shutdown(ctx) })
	assert.EqualError(t, <-failed, "retort: Shutdown"+nested)
}

func TestShutdownWithoutStartup(t *testing.T) {
	var did steps
	app := quiet()
	app.OnShutdown(did.does("flush", nil))
	app.OnStartup(did.does("open", nil))
	app.OnShutdown(did.does("close", nil))
	require.NoError(t, app.Shutdown(t.Context()))
	assert.Equal(t, []string{"flush"}, did.all())
}

func TestAShutdownThatFailsGoesOn(t *testing.T) {
	var did steps
	app := retort.New("test")
	log := logOf(app)
	errA, errB := errors.New("a"), errors.New("b")
	app.OnShutdown(did.does("first", errA))
	app.OnShutdown(func(context.Context) error { panic("lost") })
	app.OnShutdown(did.does("last", errB))
	err := app.Shutdown(t.Context())
	require.ErrorIs(t, err, errA)
	require.ErrorIs(t, err, errB)
	assert.Equal(t, []string{"last", "first"}, did.all())
	logged := log.errors(t)
	require.Len(t, logged, 3)
	assert.Regexp(t, `^retort: the shutdown function lifespan_test\.go:\d+: b$`, logged[0])
	assert.Regexp(t, `panicked: panic: lost`, logged[1])
}

func TestHooksOfNothingAreRefused(t *testing.T) {
	app := quiet()
	for want, f := range map[string]func(){
		`^retort: lifespan_test\.go:\d+: OnStartup takes a func\(context\.Context\) error, not nil$`:  func() { app.OnStartup(nil) },
		`^retort: lifespan_test\.go:\d+: OnShutdown takes a func\(context\.Context\) error, not nil$`: func() { app.OnShutdown(nil) },
		`^retort: lifespan_test\.go:\d+: Go takes a func\(context\.Context\), not nil$`:               func() { app.Go(nil) },
	} {
		assert.Regexp(t, want, panicOf(t, f))
	}
}

func sleeper(context.Context) { time.Sleep(time.Hour) }

func TestShutdownWaitsForBackgroundWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var did steps
		app := quiet()
		app.OnShutdown(did.does("close", nil))
		app.Go(func(ctx context.Context) {
			<-ctx.Done()
			app.Go(func(ctx context.Context) { // while it is waited for
				time.Sleep(time.Second)
				did.add("inner: " + ctx.Err().Error())
			})
			did.add("outer")
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		require.NoError(t, app.Shutdown(ctx))
		assert.Equal(t, []string{"outer", "inner: context canceled", "close"}, did.all())
	})
}

func TestShutdownLeavesBehindWhatDoesNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var did steps
		app := quiet()
		app.OnShutdown(did.does("close", nil))
		app.Go(sleeper)
		app.Go(func(context.Context) { time.Sleep(time.Hour) })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := app.Shutdown(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Regexp(t, `^retort: the shutdown did not wait for background work that goes on: lifespan_test\.go:\d+, sleeper \(lifespan_test\.go:\d+\); let it end when its context is cancelled, or allow more time: context deadline exceeded$`, err.Error())
		assert.Equal(t, []string{"close"}, did.all())
		assert.Regexp(t, `^retort: Go was called with sleeper \(lifespan_test\.go:\d+\) after the shutdown of the app "test": nobody would wait for it; begin work before Shutdown is called, or do it in an OnShutdown function$`,
			panicOf(t, func() { app.Go(sleeper) }))
		require.NoError(t, app.Startup(t.Context()))
		app.Go(func(ctx context.Context) { <-ctx.Done(); did.add("again") })
		ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		require.NoError(t, app.Shutdown(ctx), "what was left behind is not waited for twice")
		assert.Equal(t, []string{"close", "again", "close"}, did.all())
		time.Sleep(time.Hour)
	})
}

func sendMail(context.Context) { panic(&appError{"no route to host"}) }

func TestAPanicOfBackgroundWorkIsLogged(t *testing.T) {
	app := retort.New("test")
	var log bytes.Buffer
	app.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	app.Go(sendMail)
	require.NoError(t, app.Shutdown(t.Context()))
	var record struct{ Msg, Error, Type, Work, Traceback string }
	require.NoError(t, json.Unmarshal(log.Bytes(), &record))
	assert.Equal(t, "background work panicked", record.Msg)
	assert.Equal(t, "app: no route to host", record.Error)
	assert.Equal(t, "*retort_test.appError", record.Type)
	assert.Regexp(t, `^sendMail \(lifespan_test\.go:\d+\)$`, record.Work)
	assert.Regexp(t, `^github\.com/retort-go/retort_test\.sendMail\n    lifespan_test\.go:\d+$`, record.Traceback)
}

func TestBackgroundWorkOfManyRequests(t *testing.T) {
	var mu sync.Mutex
	n := 0
	app := quiet()
	app.Get("/")(func(c *retort.Context) string {
		c.App.Go(func(context.Context) { mu.Lock(); n++; mu.Unlock() })
		return ""
	})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { served(app, "/") })
	}
	wg.Wait()
	require.NoError(t, app.Shutdown(t.Context()))
	assert.Equal(t, 20, n)
}

func TestTheContextOfAnApp(t *testing.T) {
	type key struct{}
	errBroken := errors.New("broken")
	for _, tt := range []struct {
		name string
		f    func() error
		want error
	}{
		{"that ends well", func() error { return nil }, nil},
		{"that fails", func() error { return errBroken }, errBroken},
		{"that panics", func() error { panic(errBroken) }, errBroken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var did steps
			app := quiet()
			tell(app, did.add)
			app.TeardownRequest(func(*retort.Context, error) { did.add("request") })
			app.TeardownAppContext(func(c *retort.Context, err error) {
				did.add("teardown " + c.G().Get("name").(string))
				assert.Equal(t, tt.want, err)
			})
			var kept *retort.Context
			do := func() error {
				return app.WithAppContext(context.WithValue(t.Context(), key{}, "value"), func(c *retort.Context) error {
					kept = c
					assert.Nil(t, c.Request)
					assert.Equal(t, "value", c.Context().Value(key{}))
					assert.Same(t, c, retort.FromContext(c.Context()))
					c.G().Set("name", "ada")
					did.add("f")
					return tt.f()
				})
			}
			if tt.name == "that panics" {
				assert.Equal(t, errBroken, panicOf(t, func() { _ = do() }))
			} else {
				assert.Equal(t, tt.want, do())
			}
			down := "context tearing down <nil>"
			if tt.want != nil {
				down = "context tearing down broken"
			}
			assert.Equal(t, []string{"pushed", "f", "teardown ada", down, "popped"}, did.all())
			assert.Contains(t, panicOf(t, func() { kept.AfterThisRequest(nil) }), "needs the running request")
			app.Get("/late")(noArguments) // not frozen
		})
	}
}

func TestATeardownOfTheContextOfAnAppThatFailsIsLogged(t *testing.T) {
	app := retort.New("test")
	log := logOf(app)
	app.TeardownAppContext(func(*retort.Context, error) { panic("no") })
	require.NoError(t, app.WithAppContext(t.Context(), func(*retort.Context) error { return nil }))
	assert.Equal(t, []string{"panic: no"}, log.errors(t))
}
