package retort

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync/atomic"
)

// Session holds what an app keeps for one client from one request to the next,
// by name. [Context.Session] gives that of a request; it is loaded when first
// asked for and saved once, when the header of the response is about to leave.
//
// What is set is stored as tagged JSON (package taggedjson): strings, bools,
// numbers, nil, []any, map[string]any, taggedjson.Tuple, []byte, template.HTML,
// UUIDs and times come back as they were, except that every integer comes back
// as an int64 and a time to the second; see [SessionValue]. Other types come
// back as what their JSON is.
//
// Only changes of the session itself are noticed. After changing a value in
// place (a map, a slice) call [Session.MarkModified], or set it anew; with DEBUG
// a change that would be lost is logged.
//
// A Session belongs to one request and is used by one goroutine. Two requests of
// one client that run at the same time have a Session each, and the one that is
// saved last wins.
//
// Source: Flask: sessions.py, SessionMixin and SecureCookieSession.
type Session struct {
	values   map[string]any
	id       string
	isNew    bool
	renewed  bool // RegenerateID was called
	modified bool
	accessed atomic.Bool
	closed   string            // why it cannot be changed; "": it can
	null     bool              // it is never saved
	loaded   map[string]string // with DEBUG: the values as they were loaded
}

// permanentKey and flashesKey are the names under which Flask keeps them.
const (
	permanentKey = "_permanent"
	flashesKey   = "_flashes"
)

// NewSession makes a Session for a [SessionInterface]: of values that were
// stored under id, or an empty one for a client that has none, with nil values.
// id may be "" when the values are stored without one. The map belongs to the
// Session from then on.
func NewSession(id string, values map[string]any) *Session {
	return &Session{id: id, values: values, isNew: values == nil}
}

// Get gives the value of key, nil when there is none; see [SessionValue].
func (s *Session) Get(key string) any { return s.values[key] }

// Lookup gives the value of key and whether there is one.
func (s *Session) Lookup(key string) (any, bool) {
	v, ok := s.values[key]
	return v, ok
}

// Has reports whether there is a value for key.
func (s *Session) Has(key string) bool {
	_, ok := s.values[key]
	return ok
}

// Len is the number of values. What [Session.SetPermanent] and [Context.Flash]
// keep counts, as in Flask.
func (s *Session) Len() int { return len(s.values) }

// Keys gives the keys, sorted.
func (s *Session) Keys() []string { return slices.Sorted(maps.Keys(s.values)) }

// All ranges over keys and values, sorted by key. The session may be changed
// meanwhile.
func (s *Session) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for _, key := range s.Keys() {
			if v, ok := s.values[key]; ok && !yield(key, v) {
				return
			}
		}
	}
}

// Set gives key a value.
//
// It panics, as all methods that change a session do, when there is no session
// because the app has no SECRET_KEY, and when the header of the response has
// left, with which it was saved.
func (s *Session) Set(key string, value any) {
	s.change("Set")
	if s.values == nil {
		s.values = make(map[string]any)
	}
	s.values[key] = value
}

// SetDefault gives the value of key, which it sets to value if there is none.
func (s *Session) SetDefault(key string, value any) any {
	s.mayChange("SetDefault")
	if v, ok := s.values[key]; ok {
		return v
	}
	s.Set(key, value)
	return value
}

// Update sets all values.
func (s *Session) Update(values map[string]any) {
	s.change("Update")
	if s.values == nil {
		s.values = make(map[string]any, len(values))
	}
	maps.Copy(s.values, values)
}

// Pop removes key and gives its value, nil when there was none; then nothing is
// changed.
func (s *Session) Pop(key string) any {
	s.mayChange("Pop")
	v, ok := s.values[key]
	if ok {
		s.change("Pop")
		delete(s.values, key)
	}
	return v
}

// Delete removes key; when it is not there nothing is changed.
func (s *Session) Delete(key string) { s.Pop(key) }

// Clear removes all values; the client then forgets its cookie. For a login it
// is not enough to clear a session that is kept on the server: see
// [Session.RegenerateID].
func (s *Session) Clear() {
	s.change("Clear")
	clear(s.values)
}

// Permanent reports whether the session outlives the browser's: whether its
// cookie has a date, PERMANENT_SESSION_LIFETIME from its last save.
//
// Source: Flask: sessions.py, SessionMixin.permanent.
func (s *Session) Permanent() bool {
	permanent, _ := s.values[permanentKey].(bool)
	return permanent
}

// SetPermanent says whether the session is permanent. It is kept in the session
// under "_permanent", as Flask does. A session that is not permanent also ends
// PERMANENT_SESSION_LIFETIME after its last change, should the browser keep it.
func (s *Session) SetPermanent(permanent bool) { s.Set(permanentKey, permanent) }

// New reports whether the session was begun by this request. One that is kept in
// a signed cookie cannot be told from an empty one, and is never new.
//
// Source: Flask: sessions.py, SessionMixin.new.
func (s *Session) New() bool { return s.isNew }

// Accessed reports whether anything of the request asked for the session, so
// that the response depends on the Cookie field.
func (s *Session) Accessed() bool { return s.accessed.Load() }

// Modified reports whether the session was changed.
func (s *Session) Modified() bool { return s.modified }

// MarkModified has the session saved although nothing that can be noticed was
// changed.
func (s *Session) MarkModified() { s.change("MarkModified") }

// ID is the name under which the values are kept on the server, "" for a session
// that is not kept there, or not yet. It is a secret of the client.
func (s *Session) ID() string { return s.id }

// RegenerateID gives the session another ID when it is saved; what was kept under
// the old one is removed. Call it where a client gains rights, as in a login:
// whoever knew the ID before, and may have planted it, is left with nothing.
//
// It does nothing to a session that is kept in a signed cookie, which has none.
func (s *Session) RegenerateID() {
	s.change("RegenerateID")
	s.renewed = true
}

// Regenerated reports whether RegenerateID was called: for a [SessionInterface].
func (s *Session) Regenerated() bool { return s.renewed }

// String says how many values there are: neither they nor the ID, which are for
// the client alone, get into a log or page by printing a Session.
func (s *Session) String() string { return fmt.Sprintf("Session, values: %d", len(s.values)) }

// GoString is String.
func (s *Session) GoString() string { return s.String() }

// change notes that the session is modified. what is the method.
func (s *Session) change(what string) {
	s.mayChange(what)
	s.modified = true
}

// mayChange panics when the session cannot be changed any more.
func (s *Session) mayChange(what string) {
	if s.closed != "" {
		panic("retort: Session." + what + ": " + s.closed)
	}
}

const (
	// noKey is why there is no session in an app without a SECRET_KEY.
	noKey = `the session is not available, because no SECRET_KEY is set. ` +
		`Make one with "retort secret" or "openssl rand -hex 32", keep it out of the source and the repository, ` +
		`and set it before the first request: app.Config.Set("SECRET_KEY", os.Getenv("SECRET_KEY")). ` +
		`With another key all sessions end, so it must stay the same when the program starts again`
	// noneGiven is why there is no session in an app with a SessionInterface.
	noneGiven = "the session is not available: the app's SessionInterface has opened none for this request"
	// sealed is why a session cannot be changed after its response.
	sealed = "too late: the header of the response has left, and with it the session was saved; " +
		"change the session before the view returns a stream, and before a plain handler writes its first byte"
	// copied is why the session of a copy cannot be changed.
	copied = "this is the session of a Context that has no response to be saved with: of a copy, or of a request that has ended"
)

// nullSession is for requests that have no session: it is empty and cannot be
// changed.
//
// Source: Flask: sessions.py, NullSession.
func nullSession(why string) *Session { return &Session{closed: why, null: true} }

// seal ends the changes. The first reason stays.
func (s *Session) seal(why string) {
	if s.closed == "" {
		s.closed = why
	}
}

// snapshot is a copy that cannot be changed.
func (s *Session) snapshot() *Session {
	n := &Session{values: maps.Clone(s.values), id: s.id, isNew: s.isNew, modified: s.modified, closed: s.closed, null: s.null}
	n.accessed.Store(s.accessed.Load())
	n.seal(copied)
	return n
}
