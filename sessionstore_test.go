package retort_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// mapStore is a store that can be looked into, and that can be down.
type mapStore struct {
	mu        sync.Mutex
	data      map[string]string
	lifetimes []time.Duration
	calls     []string
	down      error
}

func (m *mapStore) call(what string) error {
	m.calls = append(m.calls, what)
	if m.data == nil {
		m.data = make(map[string]string)
	}
	return m.down
}

func (m *mapStore) Load(_ context.Context, id string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := m.call("load")
	data, ok := m.data[id]
	return []byte(data), ok, err
}

func (m *mapStore) Save(_ context.Context, id string, data []byte, lifetime time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := m.call("save")
	m.lifetimes = append(m.lifetimes, lifetime)
	m.data[id] = string(data)
	return err
}

func (m *mapStore) Delete(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := m.call("delete")
	delete(m.data, id)
	return err
}

// takeCalls gives what was asked of the store since it was last called.
func (m *mapStore) takeCalls() []string {
	calls := m.calls
	m.calls = nil
	return calls
}

// storeApp is an app with the session in a store.
func storeApp(store retort.SessionStore) *retort.App {
	app := quiet()
	app.SessionInterface = retort.StoreSessions(store)
	app.Get("/set/<value>")(func(c *retort.Context, value string) string { c.Session().Set("k", value); return "" })
	app.Get("/get")(func(c *retort.Context) string { return retort.SessionValue(c.Session(), "k", "none") })
	app.Get("/new")(func(c *retort.Context) string { return fmt.Sprint(c.Session().New()) })
	app.Get("/clear")(func(c *retort.Context) string { c.Session().Clear(); return "" })
	app.Get("/login")(func(c *retort.Context) string { c.Session().RegenerateID(); c.Session().Set("k", "ada"); return "" })
	app.Get("/permanent")(func(c *retort.Context) string { c.Session().SetPermanent(true); return "" })
	app.Get("/typed")(func() string { return "" })
	return app
}

func TestASessionInAStore(t *testing.T) {
	store := new(mapStore)
	app := storeApp(store)
	app.Config.Set("PERMANENT_SESSION_LIFETIME", time.Hour)
	client := app.TestClient()
	assert.Equal(t, "true", client.Get("/new").Text)
	assert.Empty(t, store.takeCalls(), "an empty session is not kept")
	res := client.Get("/set/v")
	assert.Equal(t, []string{"session", "HttpOnly", "Path=/", "SameSite=Lax"}, attributes(t, res.Header))
	assert.Equal(t, []string{"Cookie"}, res.Header["Vary"])
	assert.Equal(t, []string{"save"}, store.takeCalls())
	assert.Equal(t, []time.Duration{time.Hour}, store.lifetimes)

	id := client.Cookie("session").Value
	assert.Len(t, id, 43)
	for key, data := range store.data {
		assert.Len(t, key, 43)
		assert.NotEqual(t, id, key, "the store does not know the ID")
		assert.Equal(t, `{"k":"v"}`, data)
	}
	res = client.Get("/get")
	assert.Equal(t, "v", res.Text)
	assert.Empty(t, res.Header["Set-Cookie"])
	assert.Equal(t, "false", client.Get("/new").Text)
	client.Get("/set/w")
	assert.Equal(t, id, client.Cookie("session").Value, "the ID stays")
	assert.Len(t, store.data, 1)

	store.takeCalls()
	client.Get("/clear")
	assert.Equal(t, []string{"load", "delete"}, store.takeCalls())
	assert.Empty(t, store.data)
	assert.Nil(t, client.Cookie("session"))
}

func TestAnIDOfTheClientIsNotTakenOver(t *testing.T) {
	store := new(mapStore)
	client := storeApp(store).TestClient()
	planted := strings.Repeat("A", 43)
	for _, cookie := range []string{planted, "short", planted + planted, planted[:42] + "\u00e9"} {
		client.DeleteCookie("session")
		res := client.Get("/set/v", retort.WithCookie("session", cookie))
		assert.NotContains(t, res.Header.Get("Set-Cookie"), cookie)
		assert.Len(t, client.Cookie("session").Value, 43)
	}
	assert.Equal(t, []string{"load", "save", "save", "save", "save"}, store.takeCalls(), "what cannot be an ID is not looked for")
}

func TestALoginGivesAnotherID(t *testing.T) {
	store := new(mapStore)
	client := storeApp(store).TestClient()
	client.Get("/set/v")
	old := client.Cookie("session").Value
	client.Get("/login")
	assert.NotEqual(t, old, client.Cookie("session").Value)
	assert.Equal(t, "ada", client.Get("/get").Text)
	assert.Len(t, store.data, 1, "nothing is left under the old one")
	assert.Equal(t, "none", client.Get("/get", retort.WithCookie("session", old)).Text)
}

func TestAPermanentSessionInAStoreLivesOn(t *testing.T) {
	store := new(mapStore)
	client := storeApp(store).TestClient()
	client.Get("/permanent")
	store.takeCalls()
	assert.Len(t, client.Get("/typed").Header["Set-Cookie"], 1)
	assert.Equal(t, []string{"load", "save"}, store.takeCalls())
}

func TestAStoreThatIsDownIsAnErrorAndNeverAnEmptySession(t *testing.T) {
	store := new(mapStore)
	app := storeApp(store)
	log := logInto(app)
	app.ErrorHandler(500)(func(c *retort.Context, _ *retort.HTTPError) (string, int) {
		return "down " + retort.SessionValue(c.Session(), "k", "logged out"), 500
	})
	client := app.TestClient()
	client.Get("/set/v")
	store.takeCalls()
	store.down = errors.New("no connection")

	res := client.Get("/get")
	assert.Equal(t, 500, res.Status)
	assert.NotContains(t, res.Text, "logged out", "the page of the error fails, too")
	assert.Equal(t, []string{"load"}, store.takeCalls(), "it is asked once in a request")
	assert.Contains(t, log.String(), `msg="exception on /get [GET]" error="the session cannot be loaded: the session store failed: no connection"`)

	log.Reset()
	res = client.Get("/typed")
	assert.Equal(t, 200, res.Status, "a view that does not ask for the session does without")
	assert.Contains(t, log.String(), `level=ERROR msg="the session cannot be refreshed" error="the session store failed: no connection"`)

	log.Reset()
	other := app.TestClient()
	res = other.Get("/set/v")
	assert.Equal(t, 500, res.Status)
	assert.Empty(t, res.Header["Set-Cookie"])
	assert.Equal(t, []string{"load", "save"}, store.takeCalls(), "the load of /typed, and one attempt to save")
	assert.Contains(t, log.String(), `error="the session cannot be saved: the session store failed: no connection"`)

	store.down = nil
	assert.Equal(t, "v", client.Get("/get").Text, "nobody was logged out")
}

func TestDataThatIsNoSessionIsAnError(t *testing.T) {
	for data, reason := range map[string]string{"{{": "the session store gave data that is no session: ", "[1]": "the session store gave data that is no session: a []interface {}, not a map[string]any"} {
		store := new(mapStore)
		app := storeApp(store)
		log := logInto(app)
		client := app.TestClient()
		client.Get("/set/v")
		for id := range maps.Clone(store.data) {
			store.data[id] = data
		}
		assert.Equal(t, 500, client.Get("/get").Status)
		assert.Contains(t, log.String(), reason)
	}
}

func TestStoreSessionsWantsAStore(t *testing.T) {
	assert.PanicsWithValue(t, "retort: StoreSessions takes a store, not nil; retort.NewMemoryStore(0) makes one", func() { retort.StoreSessions(nil) })
	assert.PanicsWithValue(t, "retort: NewMemoryStore(-1): the number of sessions cannot be below zero; 0 is 100000", func() { retort.NewMemoryStore(-1) })
}

func TestAMemoryStore(t *testing.T) {
	ctx := t.Context()
	m := retort.NewMemoryStore(3)
	load := func(id string) string {
		data, ok, err := m.Load(ctx, id)
		require.NoError(t, err)
		assert.Equal(t, ok, data != nil)
		return string(data)
	}
	save := func(id, data string, lifetime time.Duration) {
		require.NoError(t, m.Save(ctx, id, []byte(data), lifetime))
	}
	save("a", "1", time.Hour)
	save("a", "2", time.Hour)
	assert.Equal(t, "2", load("a"))
	assert.Equal(t, 1, m.Len())
	save("gone", "x", 0)
	assert.Empty(t, load("gone"), "it has expired")
	require.NoError(t, m.Delete(ctx, "a"))
	require.NoError(t, m.Delete(ctx, "a"), "that there is nothing is no error")
	assert.Empty(t, load("a"))
	assert.Zero(t, m.Len())

	for _, id := range []string{"1", "2", "3", "1", "4"} {
		save(id, "x", time.Hour)
	}
	assert.Equal(t, 3, m.Len())
	assert.Empty(t, load("2"), "it was saved longest ago")
	assert.Equal(t, "x", load("1"), "it was saved again")
	for range 10 {
		save(rand.Text(), "x", 0)
	}
	assert.LessOrEqual(t, m.Len(), 3, "what has expired does not stay")
}

func TestAMemoryStoreIsUsedByManyAtOnce(t *testing.T) {
	m := retort.NewMemoryStore(50)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				id := rand.Text()[:2]
				_ = m.Save(t.Context(), id, []byte(id), time.Hour)
				if data, ok, _ := m.Load(t.Context(), id); ok {
					assert.Equal(t, id, string(data))
				}
				_ = m.Delete(t.Context(), id)
			}
		})
	}
	all.Wait()
}

// ownInterface keeps nothing.
type ownInterface struct {
	session *retort.Session
	err     error
	saved   int
}

func (i *ownInterface) OpenSession(*retort.Context) (*retort.Session, error) { return i.session, i.err }
func (i *ownInterface) SaveSession(*retort.Context, *retort.Session, *retort.Response) error {
	i.saved++
	return nil
}

func TestASessionInterfaceOfTheAppsOwn(t *testing.T) {
	i := &ownInterface{session: retort.NewSession("", nil)}
	app := quiet()
	app.SessionInterface = i
	app.Get("/read")(func(c *retort.Context) string { return strings.Join(c.Session().Keys(), "") })
	app.Get("/write")(func(c *retort.Context) string { c.Session().Set("a", 1); return "" })
	app.Get("/leave")(func(*retort.Context) string { return "" })
	client := app.TestClient()
	client.Get("/leave")
	assert.Zero(t, i.saved, "a session that nobody opened is not saved")
	client.Get("/read")
	assert.Equal(t, 1, i.saved, "one that was is, whether it was modified or not")
	i.session = nil
	assert.Equal(t, 200, client.Get("/read").Status)
	assert.Equal(t, 1, i.saved, "no session is not saved")
	log := logInto(app)
	assert.Equal(t, 500, client.Get("/write").Status)
	assert.Contains(t, log.String(), "retort: Session.Set: the session is not available: the app's SessionInterface has opened none for this request")
}
