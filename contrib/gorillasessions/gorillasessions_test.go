package gorillasessions_test

import (
	"encoding/gob"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gorilla/sessions"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/contrib/gorillasessions"
	"github.com/retort-go/retort/taggedjson"
)

var key = []byte("0123456789abcdef0123456789abcdef")

// newApp keeps who is logged in, in the session.
func newApp(store sessions.Store, opts ...gorillasessions.Option) *retort.App {
	app := retort.New("shop")
	app.Logger = slog.New(slog.DiscardHandler)
	app.SessionInterface = gorillasessions.New(store, opts...)
	app.Get("/")(func(c *retort.Context) string {
		return retort.SessionValue(c.Session(), "user", "nobody")
	})
	app.Get("/plain")(func() string { return "plain" })
	app.Get("/login/<name>")(func(c *retort.Context, name string) string {
		c.Session().RegenerateID()
		c.Session().Set("user", name)
		return "welcome"
	})
	app.Get("/permanent")(func(c *retort.Context) string {
		c.Session().SetPermanent(true)
		return "ok"
	})
	app.Get("/logout")(func(c *retort.Context) string {
		c.Session().Clear()
		return "bye"
	})
	return app
}

// files are the sessions in a folder.
func files(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "session_*"))
	require.NoError(t, err)
	return names
}

func TestSessionsInACookie(t *testing.T) {
	client := newApp(sessions.NewCookieStore(key)).TestClient()
	res := client.Get("/plain")
	assert.Empty(t, res.Header.Values("Set-Cookie"))
	assert.Empty(t, res.Header.Get("Vary"))
	res = client.Get("/")
	assert.Equal(t, "nobody", res.Text)
	assert.Empty(t, res.Header.Values("Set-Cookie"))
	assert.Equal(t, "Cookie", res.Header.Get("Vary"))

	res = client.Get("/login/ada")
	assert.Regexp(t, `^session=[\w=-]+; HttpOnly; Path=/; SameSite=Lax$`, res.Header.Get("Set-Cookie"))
	assert.Equal(t, "ada", client.Get("/").Text)
	res = client.Get("/permanent")
	assert.Regexp(t, `^session=[\w=-]+; Expires=[\w, :]+; HttpOnly; Path=/; SameSite=Lax$`, res.Header.Get("Set-Cookie"))

	res = client.Get("/logout")
	assert.Regexp(t, `^session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT;`, res.Header.Get("Set-Cookie"))
	assert.Equal(t, "nobody", client.Get("/").Text)
}

func TestSessionsInFiles(t *testing.T) {
	dir := t.TempDir()
	client := newApp(sessions.NewFilesystemStore(dir, key)).TestClient()
	assert.Equal(t, "nobody", client.Get("/").Text)
	assert.Empty(t, files(t, dir))

	client.Get("/login/ada")
	before := files(t, dir)
	require.Len(t, before, 1)
	assert.Equal(t, "ada", client.Get("/").Text)

	client.Get("/login/grace")
	after := files(t, dir)
	require.Len(t, after, 1)
	assert.NotEqual(t, before, after, "a login gives the session another ID")
	assert.Equal(t, "grace", client.Get("/").Text)

	res := client.Get("/logout")
	assert.Regexp(t, `^session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT;`, res.Header.Get("Set-Cookie"))
	assert.Empty(t, files(t, dir))
}

// send sends a request with a session cookie.
func send(app *retort.App, path, cookie string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Cookie", "session="+cookie)
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	return w
}

// cookieOf is the value of the session cookie that a response sets.
func cookieOf(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	for _, cookie := range w.Result().Cookies() {
		if cookie.Name == "session" {
			return cookie.Value
		}
	}
	require.Fail(t, "the response sets no session cookie")
	return ""
}

func TestASessionThatHasEndedDoesNotComeBack(t *testing.T) {
	dir := t.TempDir()
	app := newApp(sessions.NewFilesystemStore(dir, key))
	cookie := cookieOf(t, send(app, "/login/ada", ""))
	old := files(t, dir)
	require.Len(t, old, 1)
	require.NoError(t, os.Remove(old[0]))
	assert.Equal(t, "nobody", send(app, "/", cookie).Body.String())
	send(app, "/permanent", cookie)
	assert.NotContains(t, files(t, dir), old[0], "its ID is not used again")
}

func TestCookiesThatAreNotToBeTrustedAreEmptySessions(t *testing.T) {
	other := []byte("another key")
	for name, stores := range map[string][2]sessions.Store{
		"cookies": {sessions.NewCookieStore(key), sessions.NewCookieStore(other, nil, []byte("and one more"))},
		"files":   {sessions.NewFilesystemStore(t.TempDir(), key), sessions.NewFilesystemStore(t.TempDir(), other)},
	} {
		t.Run(name, func(t *testing.T) {
			cookie := cookieOf(t, send(newApp(stores[0]), "/login/ada", ""))
			app := newApp(stores[1])
			for _, c := range []string{cookie, "x" + cookie, "%%%", "..", cookie[:10]} {
				w := send(app, "/", c)
				assert.Equal(t, http.StatusOK, w.Code)
				assert.Equal(t, "nobody", w.Body.String())
			}
		})
	}
}

func TestSessionsOfOtherProgramsGoOn(t *testing.T) {
	store := sessions.NewFilesystemStore(t.TempDir(), key)
	r, w := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()
	theirs, err := store.Get(r, "session")
	require.NoError(t, err)
	theirs.Values["user"] = "ada"
	theirs.Values["visits"] = 3
	theirs.Values[7] = "seven"
	require.NoError(t, theirs.Save(r, w))
	cookie := cookieOf(t, w)

	app := newApp(store)
	app.Get("/visit")(func(c *retort.Context) any {
		s := c.Session()
		s.Set("visits", s.Get("visits").(int)+1)
		s.Delete("user")
		return s.Keys()
	})
	res := send(app, "/visit", cookie)
	assert.JSONEq(t, `["visits"]`, res.Body.String())

	r = httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Cookie", "session="+cookieOf(t, res))
	theirs, err = store.Get(r, "session")
	require.NoError(t, err)
	assert.Equal(t, map[any]any{"visits": 4, 7: "seven"}, theirs.Values)
}

// order is a type of an app.
type order struct{ Items []string }

func TestValuesComeBackWithTheirTypes(t *testing.T) {
	gob.Register(order{})
	want := map[string]any{
		"_permanent": true, "int": 1, "float": 1.5, "list": []any{"a", int64(2)}, "map": map[string]any{"k": "v"},
		"tuple": taggedjson.Tuple{"a"}, "bytes": []byte("b"), "html": template.HTML("<b>"), "uuid": taggedjson.UUID{1},
		"time": time.Date(2020, 1, 2, 3, 4, 5, 6, time.UTC), "order": order{[]string{"tea"}},
	}
	app := newApp(sessions.NewFilesystemStore(t.TempDir(), key))
	got := make(map[string]any)
	app.Get("/set")(func(c *retort.Context) string { c.Session().Update(want); return "" })
	app.Get("/get")(func(c *retort.Context) string {
		for key, v := range c.Session().All() {
			got[key] = v
		}
		return c.Session().ID()
	})
	client := app.TestClient()
	client.Get("/set")
	id := client.Get("/get").Text
	assert.Len(t, id, 52)
	assert.Equal(t, want, got)
}

func TestFlashedMessagesAreKept(t *testing.T) {
	app := newApp(sessions.NewFilesystemStore(t.TempDir(), key))
	app.Get("/flash")(func(c *retort.Context) string { c.Flash("saved", "info"); return "" })
	app.Get("/show")(func(c *retort.Context) any { return c.FlashedMessages() })
	client := app.TestClient()
	client.Get("/flash")
	assert.JSONEq(t, `[{"Category":"info","Message":"saved"}]`, client.Get("/show").Text)
	assert.JSONEq(t, `[]`, client.Get("/show").Text)
}

// broken is a store that fails.
type broken struct {
	sessions.Store
	onNew, onSave error
}

func (s *broken) New(r *http.Request, name string) (*sessions.Session, error) {
	if s.onNew != nil {
		return nil, s.onNew
	}
	return s.Store.New(r, name)
}

func (s *broken) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	if s.onSave != nil {
		return s.onSave
	}
	return s.Store.Save(r, w, session)
}

// silent is a store that sets no cookie.
type silent struct{ sessions.Store }

func (silent) Save(*http.Request, http.ResponseWriter, *sessions.Session) error { return nil }

func TestAStoreThatFailsIsA500(t *testing.T) {
	down := errors.New("connection refused")
	works := sessions.NewCookieStore(key)
	cookie := cookieOf(t, send(newApp(works), "/login/ada", ""))
	for _, c := range []struct {
		name, path string
		store      sessions.Store
		want       string
	}{
		{"when it loads", "/", &broken{works, down, nil}, "the session cannot be loaded: the session store failed: connection refused"},
		{"when it has no keys", "/", sessions.NewCookieStore(), "the session cannot be loaded: the session store failed: securecookie: no codecs provided"},
		{"when it saves", "/permanent", &broken{works, nil, down}, "the session cannot be saved: the session store failed: connection refused"},
		{"when it removes", "/logout", &broken{works, nil, down}, "the session cannot be saved: the session store failed: connection refused"},
		{"when it renames", "/login/ada", &broken{works, nil, down}, "the session cannot be saved: the session store failed: connection refused"},
		{"when it sets no cookie", "/permanent", silent{works}, `the session cannot be saved: the session store has set no cookie "session"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			app := newApp(c.store)
			var got error
			app.ErrorHandler(500)(func(_ *retort.Context, err *retort.HTTPError) any {
				got = errors.Unwrap(err)
				return err
			})
			w := send(app, c.path, cookie)
			assert.Equal(t, http.StatusInternalServerError, w.Code)
			require.EqualError(t, got, c.want)
		})
	}
}

func TestErrorsOfAStoreThatMeanNoSession(t *testing.T) {
	gone := errors.New("no rows")
	store := &broken{sessions.NewCookieStore(key), gone, nil}
	app := newApp(store, gorillasessions.NotFound(func(err error) bool { return errors.Is(err, gone) }))
	assert.Equal(t, "nobody", send(app, "/", "x").Body.String())
	cookie := cookieOf(t, send(app, "/login/ada", "x"))
	store.onNew = nil
	assert.Equal(t, "ada", send(app, "/", cookie).Body.String())
}

// forgetful is a store as those of databases are: for a cookie whose session is not
// there it gives a new one with the ID of the cookie, and no error.
type forgetful struct{ saved []string }

func (f *forgetful) Get(r *http.Request, name string) (*sessions.Session, error) {
	return f.New(r, name)
}

func (f *forgetful) New(r *http.Request, name string) (*sessions.Session, error) {
	s := sessions.NewSession(f, name)
	s.IsNew, s.Options = true, new(sessions.Options)
	if cookie, err := r.Cookie(name); err == nil {
		s.ID = cookie.Value
	}
	return s, nil
}

func (f *forgetful) Save(_ *http.Request, w http.ResponseWriter, s *sessions.Session) error {
	if s.ID == "" {
		s.ID = "fresh"
	}
	f.saved = append(f.saved, s.ID)
	http.SetCookie(w, &http.Cookie{Name: s.Name(), Value: s.ID})
	return nil
}

func TestAnIDWhoseSessionIsNotThereIsNotTakenOver(t *testing.T) {
	store := new(forgetful)
	w := send(newApp(store), "/login/ada", "planted")
	assert.Equal(t, "fresh", cookieOf(t, w))
	assert.Equal(t, []string{"fresh"}, store.saved)
}

func TestAStoreIsNeeded(t *testing.T) {
	assert.PanicsWithValue(t, "gorillasessions: New takes a store, not nil", func() { gorillasessions.New(nil) })
}
