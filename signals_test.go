package retort_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
)

func TestReceiversAreCalledInTheOrderOfConnecting(t *testing.T) {
	s := retort.NewSignal[int]("counted")
	assert.Equal(t, "counted", s.String())
	assert.False(t, s.HasReceivers())
	s.Send(nil, 0) // nobody hears it
	var got []string
	hear := func(name string) func(any, int) {
		return func(sender any, n int) { got = append(got, fmt.Sprint(name, " ", sender, " ", n)) }
	}
	s.Connect(hear("a"))
	disconnect := s.ConnectTo("shop", hear("b"))
	s.Connect(hear("c"))
	assert.True(t, s.HasReceivers())
	s.Send("shop", 1)
	s.Send("stall", 2)
	disconnect()
	disconnect() // once more does nothing
	s.Send("shop", 3)
	assert.Equal(t, []string{"a shop 1", "b shop 1", "c shop 1", "a stall 2", "c stall 2", "a shop 3", "c shop 3"}, got)
}

func TestTheSameFunctionIsConnectedTwice(t *testing.T) {
	s := retort.NewSignal[int]("s")
	n := 0
	f := func(any, int) { n++ }
	first, second := s.Connect(f), s.Connect(f)
	s.Send(nil, 0)
	assert.Equal(t, 2, n)
	first()
	s.Send(nil, 0)
	assert.Equal(t, 3, n)
	second()
	assert.False(t, s.HasReceivers())
}

func TestWhoSendsKeepsTheListItHasBegunWith(t *testing.T) {
	s := retort.NewSignal[int]("s")
	var got []string
	var disconnect func()
	s.Connect(func(any, int) {
		got = append(got, "a")
		disconnect()
		s.Connect(func(any, int) { got = append(got, "new") })
	})
	disconnect = s.Connect(func(any, int) { got = append(got, "b") })
	s.Send(nil, 0)
	assert.Equal(t, []string{"a", "b"}, got)
}

func TestAPanicOfAReceiverIsTheSenders(t *testing.T) {
	s := retort.NewSignal[int]("s")
	s.Connect(func(any, int) { panic("no") })
	s.Connect(func(any, int) { assert.Fail(t, "called") })
	assert.Equal(t, "no", panicOf(t, func() { s.Send(nil, 0) }))
}

func TestWhatCannotBeConnected(t *testing.T) {
	s := retort.NewSignal[int]("s")
	assert.Regexp(t, `^retort: signals_test\.go:\d+: the signal "s" cannot be connected to nil$`,
		panicOf(t, func() { s.Connect(nil) }))
	assert.Regexp(t, `^retort: signals_test\.go:\d+: the signal "s" cannot be connected to a \[\]int as its sender, because such values cannot be compared; use a pointer$`,
		panicOf(t, func() { s.ConnectTo([]int{1}, func(any, int) {}) }))
	assert.False(t, s.HasReceivers())
	s.ConnectTo(nil, func(any, int) {})
	s.Send([]int{1}, 0) // compared with nil, not with itself
}

func TestCaptureEndsWithTheTest(t *testing.T) {
	s := retort.NewSignal[string]("s")
	var kept *retort.Capture[string]
	t.Run("inner", func(t *testing.T) {
		kept = s.Capture(t)
		s.Send(nil, "a")
		s.Send(nil, "b")
		assert.Equal(t, 2, kept.Len())
		kept.Values()[0] = "changed"
	})
	s.Send(nil, "late")
	assert.Equal(t, []string{"a", "b"}, kept.Values())
	assert.False(t, s.HasReceivers())
}

// served is the answer to a GET of target.
func served(h http.Handler, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
	return w
}

func TestSignalsWhileTheyAreConnected(t *testing.T) {
	app := quiet()
	app.Get("/")(noArguments)
	h := http.Handler(app)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				started := app.Signals.RequestStarted.Connect(func(any, retort.RequestStarted) {})
				got := app.Signals.RequestFinished.Capture(t)
				assert.Equal(t, 200, served(h, "/").Code)
				assert.NotZero(t, got.Len())
				got.Stop()
				started()
			}
		})
	}
	wg.Wait()
	assert.False(t, app.Signals.RequestFinished.HasReceivers())
}

// tell has every signal of app but those of templates and flashes noted.
func tell(app *retort.App, note func(string)) {
	s := app.Signals
	s.AppContextPushed.Connect(func(sender any, e retort.AppContextPushed) {
		if sender != app || e.Context.App != app {
			note("from another app")
		}
		note("pushed")
	})
	s.RequestStarted.Connect(func(any, retort.RequestStarted) { note("started") })
	s.RequestFinished.Connect(func(_ any, e retort.RequestFinished) { note(fmt.Sprint("finished ", e.Response.Status)) })
	s.GotRequestException.Connect(func(_ any, e retort.GotRequestException) { note(fmt.Sprintf("exception %T %v", e.Err, e.Err)) })
	s.RequestTearingDown.Connect(func(_ any, e retort.RequestTearingDown) { note(fmt.Sprint("tearing down ", e.Err)) })
	s.AppContextTearingDown.Connect(func(_ any, e retort.AppContextTearingDown) { note(fmt.Sprint("context tearing down ", e.Err)) })
	s.AppContextPopped.Connect(func(any, retort.AppContextPopped) { note("popped") })
}

func TestTheOrderOfSignalsAndHooks(t *testing.T) {
	errBroken := &appError{"broken"}
	ends := func(err string) []string {
		return []string{"teardown " + err, "tearing down " + err, "context teardown " + err, "context tearing down " + err, "popped"}
	}
	begins := []string{"pushed", "started", "preprocess", "before"}
	for _, tt := range []struct {
		name, method, target string
		want                 []string
	}{
		{"a view", "GET", "/", []string{"view", "this", "after", "finished 200"}},
		{"a miss", "GET", "/nothing", []string{"this", "after", "finished 404"}},
		{"an automatic OPTIONS", "OPTIONS", "/", []string{"this", "after", "finished 200"}},
		{"a handled error", "GET", "/gone", []string{"this", "after", "finished 410"}},
		{"a plain handler", "GET", "/plain", []string{"this", "after", "finished 202"}},
		{"a failure", "GET", "/broken", []string{"exception *retort_test.appError app: broken", "this", "after", "finished 500"}},
		{"a panic", "GET", "/panic", []string{"exception *retort_test.appError app: broken", "this", "after", "finished 500"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			note := func(s string) { got = append(got, s) }
			app := quiet()
			tell(app, note)
			app.URLValuePreprocessor(func(*retort.Context, string, retort.H) { note("preprocess") })
			app.BeforeRequest(func(c *retort.Context) {
				note("before")
				c.AfterThisRequest(func(*retort.Response) { note("this") })
			})
			app.AfterRequest(func(*retort.Context, *retort.Response) { note("after") })
			app.TeardownRequest(func(_ *retort.Context, err error) { note(fmt.Sprint("teardown ", err)) })
			app.TeardownAppContext(func(_ *retort.Context, err error) { note(fmt.Sprint("context teardown ", err)) })
			app.Get("/")(func() string { note("view"); return "" })
			app.Get("/gone")(func() error { return retort.Error(410) })
			app.Get("/broken")(func() error { return errBroken })
			app.Get("/panic")(func() string { panic(errBroken) })
			app.Get("/plain")(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202) })
			err := "<nil>"
			if strings.HasPrefix(tt.want[0], "exception") {
				err = "app: broken"
			}
			want := append(append(begins[:4:4], tt.want...), ends(err)...)
			app.TestClient().Open(tt.method, tt.target)
			assert.Equal(t, want, got, "over ServeHTTP")
			got = nil
			env, err2 := gateway.NewEnviron(httptest.NewRequest(tt.method, tt.target, nil))
			require.NoError(t, err2)
			_, _, body, err2 := gateway.RunApp(app, env)
			require.NoError(t, err2)
			for _, err := range body.Chunks() {
				require.NoError(t, err)
			}
			require.NoError(t, body.Close())
			assert.Equal(t, want, got, "over Call")
		})
	}
}

// Views without a Context go their own way only while nobody listens.
func TestSignalsOfTypedViews(t *testing.T) {
	app := quiet()
	app.Get("/text")(saying("text"))
	app.Get("/json")(func() retort.H { return retort.H{"a": 1} })
	app.Get("/nothing")(func() error { return nil })
	client := app.TestClient()
	for _, target := range []string{"/text", "/json", "/nothing", "/missing"} {
		t.Run(target, func(t *testing.T) {
			silent := client.Get(target)
			finished, popped := app.Signals.RequestFinished.Capture(t), app.Signals.AppContextPopped.Capture(t)
			heard := client.Get(target)
			assert.Equal(t, silent.Text, heard.Text)
			assert.Equal(t, silent.Header, heard.Header)
			require.Equal(t, 1, finished.Len())
			require.Equal(t, 1, popped.Len())
			assert.Equal(t, silent.Status, finished.Values()[0].Response.Status)
			assert.Equal(t, target, finished.Values()[0].Context.Request.Path())
		})
	}
}

func TestSignalsOfAStreamComeWhenItIsClosed(t *testing.T) {
	var got []string
	app := quiet()
	tell(app, func(s string) { got = append(got, s) })
	app.Get("/")(func() io.Reader { return readerFunc(func() { got = append(got, "read") }) })
	app.TestClient().Get("/")
	assert.Equal(t, []string{"pushed", "started", "finished 200", "read", "tearing down <nil>", "context tearing down <nil>", "popped"}, got)
}

// readerFunc is an empty body.
type readerFunc func()

func (f readerFunc) Read([]byte) (int, error) { f(); return 0, io.EOF }

func TestAnErrorThatLeavesTheAppIsToldOf(t *testing.T) {
	errBroken := errors.New("broken")
	app := quiet()
	app.Config.Set("TESTING", true)
	app.Get("/")(func() error { return errBroken })
	got := app.Signals.GotRequestException.Capture(t)
	down := app.Signals.AppContextTearingDown.Capture(t)
	assert.Equal(t, errBroken, panicOf(t, func() { app.TestClient().Get("/") }))
	require.Equal(t, 1, got.Len())
	assert.Same(t, errBroken, got.Values()[0].Err)
	assert.Same(t, errBroken, down.Values()[0].Err)
}

func TestAHandlerThatFailsAfterItsHeaderIsToldOf(t *testing.T) {
	app := quiet()
	app.Get("/")(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200); panic("late") })
	got := app.Signals.GotRequestException.Capture(t)
	assert.Equal(t, http.ErrAbortHandler, panicOf(t, func() { served(app, "/") }))
	require.Equal(t, 1, got.Len())
	assert.EqualError(t, got.Values()[0].Err, "panic: late")
}

func TestRequestFinishedSeesTheWholeResponse(t *testing.T) {
	app := quiet()
	app.Get("/")(saying("ignored"))
	app.AfterRequest(func(_ *retort.Context, res *retort.Response) { *res = *retort.Reply(retort.H{"stuff": 1}) })
	app.Signals.RequestFinished.Connect(func(_ any, e retort.RequestFinished) {
		data, err := e.Response.Data()
		assert.NoError(t, err)
		assert.JSONEq(t, `{"stuff": 1}`, string(data))
		e.Response.Header.Set("X-Seen", "1")
	})
	res := app.TestClient().Get("/")
	assert.JSONEq(t, `{"stuff": 1}`, res.Text)
	assert.Equal(t, "1", res.Header.Get("X-Seen"))
}

func TestAReceiverThatPanics(t *testing.T) {
	boom := func() { panic(&appError{"boom"}) }
	for _, tt := range []struct {
		name    string
		connect func(*retort.Signals)
		target  string
		status  int
		logged  []string
	}{
		{"when the Context is pushed", func(s *retort.Signals) {
			s.AppContextPushed.Connect(func(any, retort.AppContextPushed) { boom() })
		}, "/", 500, []string{"app: boom"}},
		{"when the request starts, with a handler", func(s *retort.Signals) {
			s.RequestStarted.Connect(func(any, retort.RequestStarted) { retort.Abort(418) })
		}, "/", 418, nil},
		{"when the request starts", func(s *retort.Signals) {
			s.RequestStarted.Connect(func(any, retort.RequestStarted) { boom() })
		}, "/", 500, []string{"app: boom"}},
		{"when the response is ready, also that of the error", func(s *retort.Signals) {
			s.RequestFinished.Connect(func(any, retort.RequestFinished) { boom() })
		}, "/", 500, []string{"app: boom", "app: boom"}},
		{"when it is told of an error", func(s *retort.Signals) {
			s.GotRequestException.Connect(func(any, retort.GotRequestException) { boom() })
		}, "/broken", 500, []string{"app: boom", "broken"}},
		{"when the request is over", func(s *retort.Signals) {
			s.RequestTearingDown.Connect(func(any, retort.RequestTearingDown) { boom() })
			s.AppContextTearingDown.Connect(func(any, retort.AppContextTearingDown) { boom() })
			s.AppContextPopped.Connect(func(any, retort.AppContextPopped) { boom() })
		}, "/", 200, []string{"app: boom", "app: boom", "app: boom"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := retort.New("test")
			log := logOf(app)
			app.Get("/")(noArguments)
			app.Get("/broken")(func() error { return errors.New("broken") })
			tt.connect(&app.Signals)
			tornDown := 0
			app.TeardownAppContext(func(*retort.Context, error) { tornDown++ })
			assert.Equal(t, tt.status, app.TestClient().Get(tt.target).Status)
			assert.Equal(t, tt.logged, log.errors(t))
			assert.Equal(t, 1, tornDown)
		})
	}
}

func TestSendingWithoutReceiversAllocatesNothing(t *testing.T) {
	s := retort.NewSignal[retort.TemplateRendered]("s")
	assert.Zero(t, testing.AllocsPerRun(100, func() { s.Send(s, retort.TemplateRendered{Template: "index.html"}) }))
}

func BenchmarkSendWithoutReceivers(b *testing.B) {
	s := retort.NewSignal[retort.TemplateRendered]("s")
	for b.Loop() {
		s.Send(s, retort.TemplateRendered{Template: "index.html"})
	}
}
