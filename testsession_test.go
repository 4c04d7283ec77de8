package retort_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

func TestASessionTransaction(t *testing.T) {
	app := signed()
	app.Get("/")(func(c *retort.Context) string { return retort.SessionValue(c.Session(), "user", "nobody") })
	client := app.TestClient()
	client.SessionTransaction(func(s *retort.Session) { s.Set("user", "ada") })
	assert.Equal(t, "ada", client.Get("/").Text)
	client.SessionTransaction(func(s *retort.Session) {
		assert.Equal(t, "ada", s.Get("user"))
		s.SetPermanent(true)
	})
	assert.False(t, client.Cookie("session").Expires.IsZero())
	client.SessionTransaction(func(s *retort.Session) { s.Clear() })
	assert.Nil(t, client.Cookie("session"))
	assert.Equal(t, "nobody", app.TestClient().Get("/").Text, "another client")
}

func TestASessionTransactionFitsTheCookie(t *testing.T) {
	for name, config := range map[string]map[string]any{
		"a path":                {"SESSION_COOKIE_PATH": "/x"},
		"a root":                {"APPLICATION_ROOT": "/app"},
		"a path below the root": {"APPLICATION_ROOT": "/app", "SESSION_COOKIE_PATH": "/app/x"},
		"a domain":              {"SERVER_NAME": "ex.test", "SESSION_COOKIE_DOMAIN": "ex.test"},
		"another name, Secure":  {"SESSION_COOKIE_NAME": "sid", "SESSION_COOKIE_SECURE": true},
	} {
		app := signed()
		app.Config.Update(config)
		client := app.TestClient()
		client.SessionTransaction(func(s *retort.Session) { s.Set("user", "ada") })
		assert.Equal(t, "ada", client.Session().Get("user"), name)
	}
}

func TestTheSessionOfAClientIsForReading(t *testing.T) {
	client := signed().TestClient()
	assert.Zero(t, client.Session().Len())
	assert.Equal(t, "retort: Session.Set: this is the session of a Context that has no response to be saved with: of a copy, or of a request that has ended",
		panicOf(t, func() { client.Session().Set("a", 1) }))
}

func TestASessionTransactionThatCannotBe(t *testing.T) {
	assert.Equal(t, "retort: this test client was made with NoCookies, and a session needs a cookie",
		panicOf(t, func() { signed().TestClient(retort.NoCookies()).SessionTransaction(func(*retort.Session) {}) }))
	assert.Equal(t, "retort: Session.TestClient.SessionTransaction: "+noKey,
		panicOf(t, func() { quiet().TestClient().SessionTransaction(func(*retort.Session) {}) }))
	app := signed()
	app.Config.Set("MAX_COOKIE_SIZE", 10)
	assert.Contains(t, panicOf(t, func() { app.TestClient().SessionTransaction(func(s *retort.Session) { s.Set("a", 1) }) }),
		"retort: TestClient.SessionTransaction: the session cannot be saved: the cookie")
}

func TestASessionTransactionInAStore(t *testing.T) {
	app := storeApp(retort.NewMemoryStore(0))
	client := app.TestClient()
	client.SessionTransaction(func(s *retort.Session) { s.Set("k", "ada") })
	assert.Equal(t, "ada", client.Get("/get").Text)
}
