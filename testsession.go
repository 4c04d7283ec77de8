package retort

import (
	"net/http"
	"strings"
)

// SessionTransaction loads the session that the client's cookies stand for, has
// f change it, and saves it into the client's cookies:
//
//	client.SessionTransaction(func(s *retort.Session) { s.Set("user", "ada") })
//	res := client.Get("/profile")
//
// The options are those of a request: the path, host and scheme that the cookie
// is for. It freezes the app. It panics when the session cannot be opened or
// saved, and when the client keeps no cookies.
//
// Source: Flask: testing.py, FlaskClient.session_transaction.
func (c *TestClient) SessionTransaction(f func(s *Session), opts ...TestOption) {
	q, ctx := c.sessionContext(opts)
	s := ctx.Session()
	if s.null {
		s.mayChange("TestClient.SessionTransaction")
	}
	f(s)
	res := Text("")
	if err := c.app.saveSession(ctx, res); err != nil {
		panic("retort: TestClient.SessionTransaction: " + err.Error())
	}
	c.jar.update(q, res.Header["Set-Cookie"])
}

// Session gives the session that the client's cookies stand for: what the app
// would find in the next request. It cannot be changed.
func (c *TestClient) Session(opts ...TestOption) *Session {
	_, ctx := c.sessionContext(opts)
	return ctx.Session().snapshot()
}

// sessionContext is the Context of a request with the client's cookies.
func (c *TestClient) sessionContext(opts []TestOption) (*testRequest, *Context) {
	if c.noCookies {
		panic("retort: this test client was made with NoCookies, and a session needs a cookie")
	}
	q := newTestRequest(c.app, http.MethodGet)
	q.apply(c.defaults)
	q.setTarget(strings.TrimPrefix(c.app.compiled().sessions.cookie.Path, q.root))
	q.apply(opts)
	r := q.build()
	c.jar.addTo(r, q)
	return q, newContext(c.app, nil, r)
}
