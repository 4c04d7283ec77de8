package retort

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/retort-go/retort/taggedjson"
)

// SessionInterface keeps sessions from one request to the next. [App] has one in
// its field of this name: [SecureCookieSessionInterface] if it is nil. Another
// comes from [StoreSessions].
//
// Both methods are called by many goroutines at once.
//
// Source: Flask: sessions.py, SessionInterface.
type SessionInterface interface {
	// OpenSession gives the session of the request: one with [NewSession] for a
	// client that has none, or whose cookie is not to be trusted. A nil Session
	// stands for an empty one that cannot be written. An error is for what keeps
	// a session that exists from being read, such as a store that is down: the
	// request is answered with a 500.
	//
	// It is called when the session is first asked for, and at the end of a
	// request that brings a cookie of the name SESSION_COOKIE_NAME, with
	// SESSION_REFRESH_EACH_REQUEST.
	OpenSession(c *Context) (*Session, error)
	// SaveSession keeps s and sets the cookie in res, mostly by
	// [Session.WriteCookie]. It is called once, after the after_request functions,
	// for a session that was opened; also when it was not modified. An error
	// makes the response a 500.
	SaveSession(c *Context, s *Session, res *Response) error
}

// sessionSettings are the configuration of the session cookie.
type sessionSettings struct {
	name     string
	cookie   CookieOptions // without an expiry
	secure   bool          // also without TLS
	insecure bool          // also with TLS
	refresh  bool
	lifetime time.Duration
	maxSize  int64
	keys     []string // the latest last; none: no SECRET_KEY
}

// readSessionSettings reads SESSION_COOKIE_*, SECRET_KEY and their relatives.
func (c *Config) readSessionSettings() sessionSettings {
	s := sessionSettings{
		name: c.String("SESSION_COOKIE_NAME"),
		cookie: CookieOptions{
			Domain:      c.String("SESSION_COOKIE_DOMAIN"),
			Path:        c.String("SESSION_COOKIE_PATH"),
			HTTPOnly:    c.boolOr("SESSION_COOKIE_HTTPONLY", true),
			SameSite:    c.String("SESSION_COOKIE_SAMESITE"),
			Partitioned: c.Bool("SESSION_COOKIE_PARTITIONED"),
		},
		secure:   c.boolOr("SESSION_COOKIE_SECURE", false),
		insecure: !c.boolOr("SESSION_COOKIE_SECURE", true),
		refresh:  c.boolOr("SESSION_REFRESH_EACH_REQUEST", true),
		lifetime: max(c.seconds("PERMANENT_SESSION_LIFETIME"), 0),
		maxSize:  c.Int("MAX_COOKIE_SIZE"),
		keys:     c.secretKeys(),
	}
	if s.name == "" {
		s.name = "session"
	}
	if strings.HasPrefix(s.name, "__Host-") || strings.HasPrefix(s.name, "__Secure-") {
		s.secure, s.insecure = true, false
	}
	if s.cookie.Path == "" {
		s.cookie.Path = c.String("APPLICATION_ROOT")
	}
	return s
}

// secretKeys are SECRET_KEY_FALLBACKS and SECRET_KEY, which comes last; none
// without a SECRET_KEY.
func (c *Config) secretKeys() []string {
	current := c.String("SECRET_KEY")
	if key, ok := c.Get("SECRET_KEY").([]byte); ok {
		current = string(key)
	}
	if current == "" {
		return nil
	}
	fallbacks, _ := c.Get("SECRET_KEY_FALLBACKS").([]string)
	return append(slices.Clone(fallbacks), current)
}

// sessions are what the frozen app does with sessions.
type sessions struct {
	sessionSettings
	SessionInterface
	on   bool   // there can be one
	pair string // what a Cookie field with the cookie holds
}

// newSessions is called when the app freezes.
func (a *App) newSessions() sessions {
	s := sessions{sessionSettings: a.Config.readSessionSettings(), SessionInterface: a.SessionInterface}
	if s.SessionInterface == nil {
		s.SessionInterface = new(SecureCookieSessionInterface)
	}
	if i, ok := s.SessionInterface.(*SecureCookieSessionInterface); ok {
		i.bind(a, &s.sessionSettings) // what is wrong with it shows now
	}
	s.on = a.SessionInterface != nil || len(s.keys) > 0
	s.pair = s.name + "="
	return s
}

// openedSession is what came of opening the session of a request.
type openedSession struct {
	session *Session
	err     error
	failed  bool // it could not be saved
}

// Session gives the session of the request, loaded when first asked for. The
// response then depends on the cookie and says so: Vary: Cookie.
//
// A cookie that is not to be trusted (expired, changed, signed with another key)
// is an empty session. Without a SECRET_KEY the session is empty and cannot be
// written; see [App.SessionInterface]. It panics, and the request is a 500, when
// the session cannot be loaded because its store fails: a client is never taken
// for logged out because of that.
//
// Differs from Flask: asking for it is accessing it, also when nothing is read.
//
// Source: Flask: globals.py, session; ctx.py.
func (c *Context) Session() *Session {
	s := c.openSession()
	s.accessed.Store(true)
	return s
}

// openSession is Session without saying that it was asked for.
func (c *Context) openSession() *Session {
	opened := c.opened()
	if opened.err != nil {
		panic(fmt.Errorf("the session cannot be loaded: %w", opened.err))
	}
	return opened.session
}

// opened opens the session, once. An error is kept, too: a store that is down is
// not asked again by the page that says so.
func (c *Context) opened() *openedSession {
	if c.Request == nil {
		panic("retort: Session needs a request: this Context is that of the app alone")
	}
	x := c.more()
	if opened := x.session.Load(); opened != nil {
		return opened
	}
	opened := new(openedSession)
	opened.session, opened.err = c.App.compiled().sessions.open(c)
	x.session.CompareAndSwap(nil, opened)
	return x.session.Load()
}

// open calls OpenSession.
func (s *sessions) open(c *Context) (*Session, error) {
	session, err := s.OpenSession(c)
	switch {
	case err != nil:
		return nil, err
	case session == nil && s.on:
		session = nullSession(noneGiven)
	case session == nil:
		session = nullSession(noKey)
	}
	switch {
	case c.ended.Load():
		session.seal(copied)
	case c.left.Load():
		session.seal(sealed)
	}
	if c.App.settings().debug {
		session.loaded = session.serialized()
	}
	return session, nil
}

// refreshes reports whether the session must be opened although nothing of the
// request has asked for it: to give a permanent one a later end.
func (s *sessions) refreshes(r *http.Request) bool {
	if !s.on || !s.refresh {
		return false
	}
	for _, field := range r.Header["Cookie"] {
		if strings.Contains(field, s.pair) {
			return true
		}
	}
	return false
}

// savesSession reports whether the session has a say in the response.
func (c *Context) savesSession() bool {
	if x := c.extra.Load(); x != nil && x.session.Load() != nil {
		return true
	}
	return c.App.compiled().sessions.refreshes(c.request.http)
}

// saveSession is the last of what is done before a header leaves. A session that
// could not be saved is not tried again for the page of the error.
func (a *App) saveSession(c *Context, res *Response) error {
	if !c.savesSession() {
		return nil
	}
	asked := c.more().session.Load() != nil
	opened := c.opened()
	switch s := opened.session; {
	case opened.err != nil && !asked:
		a.log(c, "the session cannot be refreshed", opened.err) // the response does not depend on it
		return nil
	case opened.err != nil, opened.failed, s.null, s.closed != "":
		return nil
	case a.settings().debug && !s.modified:
		a.warnOfMutation(c, s)
	}
	if err := a.compiled().sessions.SaveSession(c, opened.session, res); err != nil {
		opened.failed = true
		return fmt.Errorf("the session cannot be saved: %w", err)
	}
	return nil
}

// sealSession ends the changes of the session: the header leaves.
func (c *Context) sealSession() {
	c.left.Store(true)
	if x := c.extra.Load(); x != nil {
		if opened := x.session.Load(); opened != nil && opened.err == nil {
			opened.session.seal(sealed)
		}
	}
}

// WriteCookie does with the session cookie what is to be done when s is saved:
// it sets it to what value gives when the session was modified, and when it is
// permanent and SESSION_REFRESH_EACH_REQUEST is on; it has the client forget it
// when the session was emptied; else it leaves it alone. The attributes are those
// of the configuration. Vary: Cookie is added when the cookie is set and when
// the session was accessed, so that no cache gives one client's page to another
// (CVE-2023-30861, CVE-2026-27205).
//
// It is an error when the Set-Cookie field would be longer than MAX_COOKIE_SIZE,
// because browsers drop such a cookie without saying so. Differs from Flask,
// where that is a warning.
//
// Source: Flask: sessions.py, SecureCookieSessionInterface.save_session.
func (s *Session) WriteCookie(c *Context, res *Response, value func() (string, error)) error {
	settings := &c.App.compiled().sessions.sessionSettings
	o := settings.cookie
	o.Secure = settings.secure || !settings.insecure && isSecure(c.request.scheme())
	set := s.Len() > 0 && s.ShouldSave(c)
	deletes := s.Len() == 0 && s.modified
	if set || deletes || s.Accessed() {
		res.Vary().Add("Cookie")
	}
	switch {
	case deletes:
		res.DeleteCookie(settings.name, o)
	case set:
		c.App.warnOfProxy(c, o.Secure)
		if s.Permanent() {
			o.Expires = time.Now().Add(settings.lifetime)
		}
		v, err := value()
		if err != nil {
			return err
		}
		return settings.setCookie(res, v, o)
	}
	return nil
}

// ShouldSave reports whether a session that is not empty is to be saved: when it
// was modified, and when it is permanent and SESSION_REFRESH_EACH_REQUEST is on.
//
// Source: Flask: sessions.py, SessionInterface.should_set_cookie.
func (s *Session) ShouldSave(c *Context) bool {
	return s.modified || s.Permanent() && c.App.compiled().sessions.refresh
}

// setCookie is Response.SetCookie with a limit.
func (s *sessionSettings) setCookie(res *Response, value string, o CookieOptions) error {
	field, err := o.cookie(s.name, value).Format(time.Now())
	switch {
	case err != nil:
		return err
	case s.maxSize > 0 && int64(len(field)) > s.maxSize:
		return &cookieTooLarge{s.name, len(field), s.maxSize}
	}
	addSetCookie(res.Header, field)
	return nil
}

// cookieTooLarge is the error of a cookie that browsers may drop.
type cookieTooLarge struct {
	name  string
	size  int
	limit int64
}

func (e *cookieTooLarge) Error() string {
	return fmt.Sprintf("the cookie %q would have %d bytes, and MAX_COOKIE_SIZE is %d, because browsers drop larger ones without saying so", e.name, e.size, e.limit)
}

// warnOfProxy logs once that a session cookie goes out without Secure although a
// proxy says that the client speaks TLS.
func (a *App) warnOfProxy(c *Context, secure bool) {
	r := c.request.http
	if secure || a.compiled().sessions.insecure || r.Header.Get("X-Forwarded-Proto") != "https" || a.warnedOfProxy.Swap(true) {
		return
	}
	a.Logger.WarnContext(r.Context(), "a session cookie is not Secure: the X-Forwarded-Proto of the request says https, but that field is not trusted, since any client can send it; "+
		"behind a proxy that speaks TLS set SESSION_COOKIE_SECURE to true")
}

// SessionCookie gives the value of the session cookie of the request, and
// whether there is one. An empty one is none.
func (c *Context) SessionCookie() (value string, ok bool) {
	value, _ = c.request.Cookies().Lookup(c.App.compiled().sessions.name)
	return value, value != ""
}

// serialized gives the text of each value, for finding changes that nothing
// else shows.
func (s *Session) serialized() map[string]string {
	codec := new(taggedjson.Serializer)
	texts := make(map[string]string, len(s.values))
	for key, v := range s.values {
		if text, err := codec.Dumps(v); err == nil {
			texts[key] = string(text)
		}
	}
	return texts
}

// warnOfMutation logs values that were changed in place.
func (a *App) warnOfMutation(c *Context, s *Session) {
	now := s.serialized()
	for _, key := range s.Keys() {
		if before, ok := s.loaded[key]; ok && now[key] != before {
			a.log(c, fmt.Sprintf("the session value %q was changed in place; that is not saved", key),
				errors.New("only changes of the session itself are noticed: call c.Session().MarkModified() after changing a map or slice in it, or Set it anew"))
		}
	}
}
