//go:build retort_dev

package retort_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gorilla/mux"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/internal/fault"
	"github.com/retort-go/retort/internal/traceback"
)

// debugged is an app in debug mode and its log.
func debugged(opts ...retort.Option) (*retort.App, *bytes.Buffer) {
	app := retort.New("debugged", opts...)
	app.Config.Set("DEBUG", true)
	var log bytes.Buffer
	app.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	return app, &log
}

// left is what leaves a handler as a panic when a debugger listens.
func left(h http.Handler, r *http.Request) (v any, w *httptest.ResponseRecorder) {
	w = httptest.NewRecorder()
	defer func() { v = recover() }()
	h.ServeHTTP(w, r.WithContext(fault.Listen(r.Context())))
	return nil, w
}

func faultOf(t *testing.T, h http.Handler, r *http.Request) *fault.Fault {
	t.Helper()
	v, w := left(h, r)
	f, ok := v.(*fault.Fault)
	require.True(t, ok, "what left is %v", v)
	assert.Zero(t, w.Body.Len(), "nothing was sent")
	return f
}

func asked(target string) *http.Request { return httptest.NewRequest(http.MethodGet, target, nil) }

var errBoom = errors.New("boom")

type badJSON struct{}

func (badJSON) MarshalJSON() ([]byte, error) { panic(errBoom) }

// failingApp fails in every way that there is.
func failingApp() (*retort.App, *bytes.Buffer) {
	tree := fstest.MapFS{
		"templates/exec.html":   {Data: []byte("<p>\n<b>{{index .none 1}}</b>\n")},
		"templates/syntax.html": {Data: []byte("<p>\n\n{{if}}")},
		"static/x":              {},
	}
	app, log := debugged(retort.Files(tree))
	app.BeforeRequest(func(c *retort.Context) error {
		if c.Request.Path() == "/hook" {
			return errBoom
		}
		return nil
	})
	app.AfterRequest(func(c *retort.Context, _ *retort.Response) {
		if c.Request.Path() == "/after" {
			panic(errBoom)
		}
	})
	app.ErrorHandler(404)(func(*retort.Context, error) any { panic(errBoom) })
	app.Get("/returned")(func() (string, error) { return "", errBoom })
	app.Get("/wrapped")(func(*retort.Context) (string, error) { return "", fmt.Errorf("outer: %w", errBoom) })
	app.Get("/panic")(func() string { panic(errBoom) })
	app.Get("/context")(func(*retort.Context) string { panic(errBoom) })
	app.Get("/hook")(func() string { return "" })
	app.Get("/after")(func() string { return "" })
	app.Get("/json")(func() any { return retort.H{"a": badJSON{}} })
	app.Get("/handler")(func(http.ResponseWriter, *http.Request) { panic(errBoom) })
	app.Get("/reader")(func() io.Reader { return io.MultiReader(failingReader{}) })
	app.Get("/stream")(func(c *retort.Context) any {
		return retort.Stream(func(func(string) bool) { panic(errBoom) })
	})
	app.Get("/chunks")(func() iter.Seq2[string, error] {
		return func(yield func(string, error) bool) { _ = yield("", nil) && yield("", errBoom) }
	})
	app.Get("/gateway")(gateway.AppFunc(func(*gateway.Environ, gateway.StartResponse) (gateway.Body, error) { return nil, errBoom }))
	app.Get("/exec")(func(c *retort.Context) any { return c.RenderTemplate("exec.html") })
	app.Get("/syntax")(func(c *retort.Context) any { return c.RenderTemplate("syntax.html") })
	router := mux.NewRouter()
	router.HandleFunc("/x", func(http.ResponseWriter, *http.Request) { panic(errBoom) })
	app.Mount("/mounted", router)

	return app, log
}

// middlewareThatFails panics for one path.
func middlewareThatFails(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/middleware" {
			panic(errBoom)
		}
		next.ServeHTTP(w, r)
	})
}

func TestWhateverFailsReachesTheDebugger(t *testing.T) {
	t.Run("ServeHTTP", func(t *testing.T) {
		app, log := failingApp()
		allReachTheDebugger(t, app, app, log, failingPaths)
	})
	t.Run("ServeHTTP with middleware", func(t *testing.T) {
		app, log := failingApp()
		app.Use(middlewareThatFails)
		allReachTheDebugger(t, app, app, log, append(failingPaths, "middleware"))
	})
	t.Run("Call", func(t *testing.T) {
		app, log := failingApp()
		allReachTheDebugger(t, app, gateway.ToHandler(app), log, failingPaths)
	})
	t.Run("Call with middleware", func(t *testing.T) {
		app, log := failingApp()
		app.Use(middlewareThatFails)
		allReachTheDebugger(t, app, gateway.ToHandler(app), log, append(failingPaths, "middleware"))
	})
}

var failingPaths = []string{"returned", "wrapped", "panic", "context", "hook", "after", "json", "handler", "reader", "stream", "chunks", "gateway", "exec", "syntax", "mounted/x", "nowhere"}

// allReachTheDebugger asks a door of the app for all of the paths.
func allReachTheDebugger(t *testing.T, app *retort.App, door http.Handler, log *bytes.Buffer, paths []string) {
	var torn []error
	app.TeardownRequest(func(_ *retort.Context, err error) { torn = append(torn, err) })
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			log.Reset()
			torn = nil
			f := faultOf(t, door, asked("/"+path))
			assert.True(t, f.Logged)
			assert.Equal(t, 1, strings.Count(log.String(), "level=ERROR"), "logged once: %s", log)
			assert.Contains(t, log.String(), "traceback=")
			if path != "exec" && path != "syntax" {
				assert.ErrorIs(t, f, errBoom)
				assert.Contains(t, f.Error(), "boom")
			}
			if path != "middleware" {
				require.Len(t, torn, 1)
				assert.Equal(t, f.Err, torn[0], "the teardown functions get the error itself")
			}
			require.NotEmpty(t, f.Traceback.Frames)
			assert.True(t, f.Traceback.Frames[0].Own())
			assert.NotEmpty(t, f.Traceback.Frames[0].Excerpt, "%+v", f.Traceback.Frames[0])
			assert.NotEmpty(t, f.Goroutines.Groups)
			assert.NotEmpty(t, f.Section(fault.Routing).Rows)
		})
	}

	f := faultOf(t, door, asked("/panic"))
	assert.Contains(t, f.Traceback.Frames[0].Function, "retort_test.failingApp.func")
	f = faultOf(t, door, asked("/returned"))
	assert.Equal(t, "the view; an error that is returned does not say where it came up", f.Traceback.Frames[0].Note)
	f = faultOf(t, door, asked("/exec"))
	assert.Equal(t, traceback.Template, f.Traceback.Frames[0].Kind)
	assert.Equal(t, "exec.html", f.Traceback.Frames[0].Function)
	assert.Equal(t, 2, f.Traceback.Frames[0].Line)
	assert.Equal(t, "<b>{{index .none 1}}</b>", f.Traceback.Frames[0].Excerpt[1].Text)
	f = faultOf(t, door, asked("/syntax"))
	assert.Equal(t, 3, f.Traceback.Frames[0].Line)
	f = faultOf(t, door, asked("/mounted/x"))
	assert.Equal(t, `No rule of the app matched; the handler mounted at "/mounted/" took the request.`, f.Section(fault.Routing).Note)
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errBoom }

func TestAFaultPassesThroughGatewayMiddleware(t *testing.T) {
	app, log := debugged()
	app.Get("/")(func() string { panic(errBoom) })
	app.Get("/fine")(func() string { return "fine" })
	app.Use(gateway.HTTP(func(next gateway.App) gateway.App { return next }))
	f := faultOf(t, app, asked("/"))
	assert.ErrorIs(t, f, errBoom)
	assert.Equal(t, 1, strings.Count(log.String(), "level=ERROR"), log)
	v, w := left(app, asked("/fine"))
	assert.Nil(t, v)
	assert.Equal(t, "fine", w.Body.String())
}

func TestErrorsOfTheClientReachTheDebuggerWhenTheyAreTrapped(t *testing.T) {
	app, log := debugged()
	app.Config.Set("TRAP_HTTP_EXCEPTIONS", true)
	app.Post("/form")(func(c *retort.Context) string { return c.Request.Form().Require("title") })
	app.Get("/abort")(func() string { retort.Abort(409, "taken"); return "" })
	r := httptest.NewRequest(http.MethodPost, "/form", strings.NewReader("a=b"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	f := faultOf(t, app, r)
	assert.Equal(t, "*retort.BadRequestKeyError", f.Traceback.Type)
	assert.Contains(t, f.Traceback.Frames[0].Function, "MultiDict", "what found it missing")
	f = faultOf(t, app, asked("/abort"))
	assert.Equal(t, "409 Conflict: taken", f.Error())
	assert.NotContains(t, f.Text(), "the view;", "it has a stack")
	assert.Equal(t, 2, strings.Count(log.String(), "level=ERROR"))
}

func TestWhatIsNoFaultDoesNotReachTheDebugger(t *testing.T) {
	app, log := debugged()
	app.Get("/gone")(func() string { retort.Abort(404); return "" })
	app.Get("/abort")(func() string { panic(http.ErrAbortHandler) })
	app.Get("/handler")(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "half"); panic(errBoom) })
	app.Get("/stream")(func(*retort.Context) any {
		return retort.Stream(func(yield func(string) bool) { yield("half"); panic(errBoom) })
	})
	v, w := left(app, asked("/gone"))
	assert.Nil(t, v)
	assert.Equal(t, 404, w.Code)
	v, _ = left(app, asked("/abort"))
	assert.Equal(t, http.ErrAbortHandler, v)
	assert.Empty(t, log.String())
	for _, path := range []string{"/handler", "/stream"} {
		log.Reset()
		v, w = left(app, asked(path))
		assert.Equal(t, http.ErrAbortHandler, v, "cut off, so that half an answer is not taken for a whole one")
		assert.Equal(t, "half", w.Body.String())
		assert.Equal(t, 1, strings.Count(log.String(), "level=ERROR"), log)
		v, _ = left(gateway.ToHandler(app, gateway.Logger(app.Logger)), asked(path))
		assert.Equal(t, http.ErrAbortHandler, v, "through a gateway too")
	}
}

func TestWithoutADebuggerNothingChanges(t *testing.T) {
	app, log := debugged()
	app.Get("/")(func() string { panic(errBoom) })
	assert.PanicsWithValue(t, errBoom, func() { app.ServeHTTP(httptest.NewRecorder(), asked("/")) })
	assert.Empty(t, log.String(), "who gets the error logs it")

	quiet, log := debugged()
	quiet.Config.Set("DEBUG", false)
	quiet.Get("/")(func() string { panic(errBoom) })
	v, w := left(quiet, asked("/"))
	assert.Nil(t, v, "a debugger sees nothing of an app that is not in debug mode")
	assert.Equal(t, 500, w.Code)
	assert.Equal(t, 1, strings.Count(log.String(), "level=ERROR"))
}

func TestMiddlewareThatRecoversKeepsTheFaultForItself(t *testing.T) {
	app, _ := debugged()
	app.Get("/")(func() string { panic(errBoom) })
	app.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				if err, ok := recover().(error); ok && errors.Is(err, errBoom) {
					w.WriteHeader(http.StatusInternalServerError)
				}
			}()
			next.ServeHTTP(w, r)
		})
	})
	v, w := left(app, asked("/"))
	assert.Nil(t, v)
	assert.Equal(t, 500, w.Code)
}

// A secret that came with the request, or that the app keeps, is nowhere in what
// the debugger gets, nor in the log.
func TestSecretsAreNowhere(t *testing.T) {
	const source = "secret-in-the-source-1"
	secrets := map[string]string{
		"key": "the-secret-key-of-the-app", "fallback": "a-former-key-of-it", "configured": "pw-of-the-smtp-server", "dsn": "pw-in-the-dsn",
		"bearer": "bearer-abc-123", "cookie": "cookie-value-77", "form": "form-password-9", "query": "query-token-4", "field": "x-api-key-5",
		"session": "csrf-in-session-6", "argument": "argument-token-8", "environment": "environ-secret-0",
	}
	t.Setenv("SOME_API_SECRET", secrets["environment"])
	app, log := debugged()
	app.Config.Update(map[string]any{
		"SECRET_KEY": secrets["key"], "SECRET_KEY_FALLBACKS": []string{secrets["fallback"]},
		"SMTP_PASSWORD": secrets["configured"], "DATABASE_URL": "postgres://ada:" + secrets["dsn"] + "@db/notes",
	})
	app.Get("/start")(func(c *retort.Context) string {
		c.Session().Set("csrf_token", secrets["session"])
		c.Session().Set("user", "ada")
		return ""
	})
	type login struct{ User, Password string }
	app.Post("/login/<token>")(func(c *retort.Context, token string) (string, error) {
		c.Session().Get("user")
		password := c.Request.Form().Get("password")
		_ = password == "secret-in-the-source-1"
		return "", fmt.Errorf("all of it: %v, %s, %s, %+v, %x", secrets, token, url.QueryEscape(secrets["form"]), login{"ada", password},
			base64.StdEncoding.EncodeToString([]byte("ada:"+secrets["bearer"])))
	})
	start := app.TestClient()
	session := start.Get("/start").Header.Get("Set-Cookie")
	session, _, _ = strings.Cut(session, ";")

	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	require.NoError(t, form.WriteField("password", secrets["form"]))
	require.NoError(t, form.WriteField("title", "a plain title"))
	file, err := form.CreateFormFile("photo", "ada.png")
	require.NoError(t, err)
	_, err = file.Write(make([]byte, 10))
	require.NoError(t, err)
	require.NoError(t, form.Close())
	r := httptest.NewRequest(http.MethodPost, "/login/"+secrets["argument"]+"?page=second&access_token="+secrets["query"], &body)
	r.Header = http.Header{
		"Content-Type": {form.FormDataContentType()}, "Authorization": {"Bearer " + secrets["bearer"]},
		"Cookie": {session + "; theme=dark; remember=" + secrets["cookie"]}, "X-Api-Key": {secrets["field"]}, "User-Agent": {"a browser"},
	}
	f := faultOf(t, app, r)
	shown, err := json.Marshal([]any{f.Error(), f.Traceback, f.Sections, f.Goroutines})
	require.NoError(t, err)
	_, value, _ := strings.Cut(session, "=")
	secrets["session cookie"] = value
	secrets["signature"] = value[strings.LastIndexByte(value, '.')+1:]
	for _, text := range []string{string(shown), log.String(), f.Text()} {
		for name, secret := range secrets {
			assert.NotContains(t, text, secret, name)
		}
		assert.NotContains(t, text, source, "in the source that is shown")
		assert.Contains(t, text, "[hidden]")
	}
	for _, visible := range []string{"a plain title", "ada.png", "second", "a browser", "dark", `"user","\"ada\""`} {
		assert.Contains(t, string(shown), visible)
	}
	for _, s := range f.Sections {
		assert.Equal(t, s.ID != fault.Routing && s.ID != fault.Request, s.Private, s.ID)
		for _, row := range s.Rows {
			assert.Len(t, row, len(s.Columns), s.ID)
		}
	}
	var ids []string
	for _, s := range f.Sections {
		ids = append(ids, s.ID)
	}
	assert.Equal(t, []string{"routing", "request", "query", "headers", "cookies", "form", "files", "session", "config", "environment", "build"}, ids)
}

func TestTheSessionIsNotLoadedForTheDebugger(t *testing.T) {
	app, _ := debugged()
	store := &countingInterface{}
	app.SessionInterface = store
	app.Get("/")(func() string { panic(errBoom) })
	f := faultOf(t, app, asked("/"))
	assert.Equal(t, "The session was not loaded.", f.Section(fault.Session).Note)
	assert.Zero(t, store.opened)
}

type countingInterface struct{ opened int }

func (s *countingInterface) OpenSession(*retort.Context) (*retort.Session, error) {
	s.opened++
	return nil, fs.ErrInvalid
}

func (s *countingInterface) SaveSession(*retort.Context, *retort.Session, *retort.Response) error {
	return nil
}

func TestTheBodyIsNotReadForTheDebugger(t *testing.T) {
	app, _ := debugged()
	app.Post("/")(func() string { panic(errBoom) })
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("a=b"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	f := faultOf(t, app, r)
	assert.Equal(t, "The body was not read as a form.", f.Section(fault.Form).Note)
	rest, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	assert.Equal(t, "a=b", string(rest))
}

func TestUnderRunTheDebuggerGetsTheFaultToo(t *testing.T) {
	app, log := debugged()
	app.Get("/")(func() string { panic(errBoom) })
	app.Get("/handler")(func(http.ResponseWriter, *http.Request) { panic(errBoom) })
	var faults int
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	app.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				if _, ok := recover().(*fault.Fault); ok {
					faults++
					w.WriteHeader(http.StatusTeapot)
				}
			}()
			if r.URL.RawQuery == "debugger" {
				r = r.WithContext(fault.Listen(r.Context()))
			}
			next.ServeHTTP(w, r)
		})
	})
	off := false
	err := app.Run(retort.RunOptions{Port: retort.AnyPort, Context: ctx, Log: io.Discard, UseReloader: &off, UseDebugger: &off, OnReady: func(addr net.Addr) {
		go func() {
			defer stop()
			for path, want := range map[string]int{"/": 500, "/?debugger": http.StatusTeapot, "/handler": 500, "/handler?debugger": http.StatusTeapot} {
				log.Reset()
				res, err := http.Get("http://" + addr.String() + path)
				if assert.NoError(t, err) {
					_ = res.Body.Close()
					assert.Equal(t, want, res.StatusCode, path)
					assert.Equal(t, 1, strings.Count(log.String(), "level=ERROR"), "%s: %s", path, log)
				}
			}
		}()
	}})
	require.NoError(t, err)
	assert.Equal(t, 2, faults)
}
