package retort

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/retort-go/retort/signing"
	"github.com/retort-go/retort/taggedjson"
)

// SessionStore keeps the data of sessions on the server, by id. Its methods are
// called by many goroutines at once, with the context of the request.
// [NewMemoryStore] makes one; a table of a database with the columns id, data and
// expiry is another.
type SessionStore interface {
	// Load gives what was saved under id; ok is false when there is nothing or it
	// has expired. An error is for a store that cannot say.
	Load(ctx context.Context, id string) (data []byte, ok bool, err error)
	// Save keeps data under id for the time of lifetime, in the place of what was
	// there. data must not be changed, and is not changed afterwards.
	Save(ctx context.Context, id string, data []byte, lifetime time.Duration) error
	// Delete removes what is kept under id. That there is nothing is no error.
	Delete(ctx context.Context, id string) error
}

// StoreSessions gives the [SessionInterface] that keeps sessions in store; the
// cookie holds an ID of 256 random bits and nothing else:
//
//	app.SessionInterface = retort.StoreSessions(retort.NewMemoryStore(0))
//
// Compared with the signed cookie a session can be large, its data stays on the
// server, and it can be ended there. No SECRET_KEY is needed. The configuration
// of the cookie is the same, SESSION_COOKIE_NAME and its relatives; the store
// keeps data for PERMANENT_SESSION_LIFETIME after it was last saved.
//
// An ID is made by the server alone: one that the store does not know is not
// taken over (session fixation). After a login call [Session.RegenerateID]. The
// store gets a hash of the ID (43 letters, digits, "-" and "_"), so that nobody
// who can read the store can use its sessions.
//
// When the store fails, requests that ask for the session are answered with a
// 500, never as if their client had no session. A request that saves a session
// which another one has just cleared brings it back: both were under way at once.
func StoreSessions(store SessionStore) SessionInterface {
	if store == nil {
		panic("retort: StoreSessions takes a store, not nil; retort.NewMemoryStore(0) makes one")
	}
	return &storedSessions{store, new(taggedjson.Serializer)}
}

type storedSessions struct {
	store SessionStore
	codec signing.Codec
}

// OpenSession looks for the session that the cookie names.
func (i *storedSessions) OpenSession(c *Context) (*Session, error) {
	id, ok := c.SessionCookie()
	if !ok || len(id) != sessionIDLen {
		return NewSession("", nil), nil
	}
	data, ok, err := i.store.Load(c.Context(), storeKey(id))
	if err != nil {
		return nil, fmt.Errorf("the session store failed: %w", err)
	}
	if !ok {
		return NewSession("", nil), nil
	}
	var values any
	if err := i.codec.Loads(data, &values); err != nil {
		return nil, fmt.Errorf("the session store gave data that is no session: %w", err)
	}
	session, ok := values.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("the session store gave data that is no session: a %T, not a map[string]any", values)
	}
	return NewSession(id, session), nil
}

// SaveSession saves, renames or removes the session in the store.
func (i *storedSessions) SaveSession(c *Context, s *Session, res *Response) error {
	old := s.ID()
	empty, keep := s.Len() == 0, s.Len() > 0 && s.ShouldSave(c)
	if keep {
		if old == "" || s.Regenerated() {
			s.id = newSessionID()
		}
		data, err := i.codec.Dumps(s.values)
		if err != nil {
			return err
		}
		if err := i.store.Save(c.Context(), storeKey(s.id), data, c.App.compiled().sessions.lifetime); err != nil {
			return fmt.Errorf("the session store failed: %w", err)
		}
	}
	if old != "" && (empty && s.Modified() || keep && s.id != old) {
		if err := i.store.Delete(c.Context(), storeKey(old)); err != nil {
			return fmt.Errorf("the session store failed: %w", err)
		}
	}
	return s.WriteCookie(c, res, func() (string, error) { return s.id, nil })
}

const sessionIDLen = 43 // of 32 bytes in base64

// newSessionID makes an ID that nobody can guess.
func newSessionID() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// storeKey is what the store knows of an ID.
func storeKey(id string) string {
	sum := sha256.Sum256([]byte(id))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
