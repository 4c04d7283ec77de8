// Package gorillasessions keeps the sessions of retort in a store of
// github.com/gorilla/sessions: in files, in Redis, in a table of a database, in
// whatever there is a store for.
//
//	store := sessions.NewFilesystemStore("/var/lib/shop", key)
//	app.SessionInterface = gorillasessions.New(store)
//
// Sessions that another program has saved in the store go on: c.Session().Get
// gives what session.Values has under a key that is a string, of the same Go
// type. Other keys stay as they are.
//
// It is in a module of its own, so that an app without it does not depend on
// that library.
package gorillasessions

import (
	"cmp"
	"encoding/gob"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/taggedjson"
)

// Option is an option of [New].
type Option func(*gorilla)

// NotFound tells which errors of the store mean that it has no session for the
// cookie, as opposed to not being able to say. Errors of securecookie about a
// cookie that was changed or has expired, and [fs.ErrNotExist], are such without
// it.
func NotFound(is func(err error) bool) Option {
	return func(g *gorilla) { g.notFound = is }
}

// New gives the [retort.SessionInterface] that keeps sessions in store. The
// name and the attributes of the cookie are those of the app's configuration,
// SESSION_COOKIE_NAME and its relatives, and not the Options of the store. A
// session is kept for PERMANENT_SESSION_LIFETIME after it was last saved, if the
// store keeps to Options.MaxAge; a store that signs or encrypts (with a
// securecookie.SecureCookie) has a limit of its own, which its method MaxAge sets.
//
// Most stores write values with encoding/gob, which wants to know other types
// than those of Go itself: New registers those that retort's own sessions may
// hold, such as [time.Time] and [taggedjson.Tuple]; call gob.Register for your
// own.
//
// A store that fails makes the request a 500. A cookie that is not to be trusted
// is an empty session.
func New(store sessions.Store, opts ...Option) retort.SessionInterface {
	if store == nil {
		panic("gorillasessions: New takes a store, not nil")
	}
	for _, v := range []any{map[string]any{}, []any{}, taggedjson.Tuple{}, taggedjson.UUID{}, template.HTML(""), time.Time{}} {
		gob.Register(v)
	}
	g := &gorilla{
		store:    store,
		notFound: func(error) bool { return false },
		opened:   retort.NewKey[*sessions.Session]("gorilla session"),
	}
	for _, opt := range opts {
		opt(g)
	}
	return g
}

// gorilla is the interface. It keeps the library's session of a request in the
// Context, because the store wants it back.
type gorilla struct {
	store    sessions.Store
	notFound func(error) bool
	opened   *retort.Key[*sessions.Session]
}

// OpenSession has the store look for the session of the cookie.
func (g *gorilla) OpenSession(c *retort.Context) (*retort.Session, error) {
	name := cmp.Or(c.App.Config.String("SESSION_COOKIE_NAME"), "session")
	s, err := g.store.New(c.Request.HTTP(), name)
	switch {
	case err != nil && !g.isNotFound(err):
		return nil, fmt.Errorf("the session store failed: %w", err)
	case err != nil, s == nil, s.IsNew && s.ID != "":
		s = sessions.NewSession(g.store, name) // what the store gave may have the ID of a session that has ended
		s.IsNew = true
	}
	g.opened.Set(c, s)
	if s.IsNew {
		return retort.NewSession("", nil), nil
	}
	values := make(map[string]any, len(s.Values))
	for key, v := range s.Values {
		if name, ok := key.(string); ok {
			values[name] = v
		}
	}
	return retort.NewSession(s.ID, values), nil
}

// isNotFound reports whether err is about the cookie, not about the store.
func (g *gorilla) isNotFound(err error) bool {
	var cookie securecookie.Error
	if errors.As(err, &cookie) {
		return cookie.IsDecode() && !cookie.IsUsage() && !cookie.IsInternal()
	}
	return errors.Is(err, fs.ErrNotExist) || g.notFound(err)
}

// SaveSession has the store save or remove the session, and sets the cookie to
// the value that the store gives it.
func (g *gorilla) SaveSession(c *retort.Context, s *retort.Session, res *retort.Response) error {
	kept := g.opened.Get(c)
	ends := s.Len() == 0 && s.Modified()
	if !kept.IsNew && (ends || s.Regenerated()) {
		if err := g.remove(c, kept); err != nil {
			return fmt.Errorf("the session store failed: %w", err)
		}
		kept.ID = ""
	}
	return s.WriteCookie(c, res, func() (string, error) {
		for key := range kept.Values {
			if _, ok := key.(string); ok {
				delete(kept.Values, key)
			}
		}
		for key, v := range s.All() {
			kept.Values[key] = v
		}
		return g.save(c, kept)
	})
}

// remove removes what the store keeps of a session.
func (g *gorilla) remove(c *retort.Context, kept *sessions.Session) error {
	old := sessions.NewSession(g.store, kept.Name())
	old.ID = kept.ID
	old.Options.MaxAge = -1
	return g.store.Save(c.Request.HTTP(), make(recorder), old)
}

// save gives the value of the cookie that the store sets.
func (g *gorilla) save(c *retort.Context, kept *sessions.Session) (string, error) {
	lifetime := c.App.Config.Duration("PERMANENT_SESSION_LIFETIME")
	kept.Options = &sessions.Options{Path: "/", MaxAge: max(int(lifetime/time.Second), 1)} // 0 would remove it
	sent := make(recorder)
	if err := g.store.Save(c.Request.HTTP(), sent, kept); err != nil {
		return "", fmt.Errorf("the session store failed: %w", err)
	}
	value, found := "", false
	for _, cookie := range (&http.Response{Header: http.Header(sent)}).Cookies() {
		if cookie.Name == kept.Name() {
			value, found = cookie.Value, true
		}
	}
	if !found {
		return "", fmt.Errorf("the session store has set no cookie %q", kept.Name())
	}
	return value, nil
}

// recorder is an http.ResponseWriter that keeps the fields which a store sets.
type recorder http.Header

func (r recorder) Header() http.Header { return http.Header(r) }

func (r recorder) Write(p []byte) (int, error) { return len(p), nil }

func (r recorder) WriteHeader(int) {}
