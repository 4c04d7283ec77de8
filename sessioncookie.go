package retort

import (
	"cmp"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/retort-go/retort/signing"
	"github.com/retort-go/retort/taggedjson"
)

// SecureCookieSessionInterface is the [SessionInterface] of an app that names no
// other: the session is in the cookie itself, signed with SECRET_KEY. The client
// can read it, and cannot change it; it can send an old one again, so a session
// cannot be ended from the server. What must stay secret, is large or must end
// belongs in a store: see [StoreSessions].
//
// The zero value is compatible with Flask both ways: an app in Flask with the
// same SECRET_KEY reads and writes the same cookies. A cookie older than
// PERMANENT_SESSION_LIFETIME, of the future, or signed with none of SECRET_KEY
// and SECRET_KEY_FALLBACKS is an empty session. New ones are signed with
// SECRET_KEY alone (CVE-2025-47278). Nothing of a cookie is decoded before its
// signature was checked, and no more than 1 MiB of it.
//
// Set the fields before the first request.
//
// Source: Flask: sessions.py, SecureCookieSessionInterface.
type SecureCookieSessionInterface struct {
	// Salt keeps cookies apart from other things signed with the same key:
	// "cookie-session" if it is "".
	Salt string
	// Digest is the hash function of the signature: SHA-1, as HMAC, if it is nil.
	Digest func() hash.Hash
	// KeyDerivation is how the key of the signature is made of SECRET_KEY and
	// Salt: signing.DeriveHMAC if it is "".
	KeyDerivation signing.KeyDerivation
	// Serializer turns a map[string]any into the payload and back: tagged JSON if
	// it is nil.
	Serializer signing.Codec

	bound atomic.Pointer[sessionSigner]
}

// sessionSigner is the interface with the keys of an app.
type sessionSigner struct {
	app    *App
	signer *signing.URLSafeTimedSerializer // nil: no SECRET_KEY
	codec  signing.Codec
}

// bind derives the keys for an app.
func (i *SecureCookieSessionInterface) bind(a *App, settings *sessionSettings) *sessionSigner {
	b := &sessionSigner{app: a, codec: i.Serializer}
	if b.codec == nil {
		b.codec = new(taggedjson.Serializer)
	}
	if n := len(settings.keys); n > 0 {
		opts := []signing.Option{
			signing.Salt(cmp.Or(i.Salt, "cookie-session")),
			signing.Derivation(cmp.Or(i.KeyDerivation, signing.DeriveHMAC)),
			signing.Fallbacks(settings.keys[:n-1]...),
			signing.Format(b.codec),
		}
		if i.Digest != nil {
			opts = append(opts, signing.Digest(i.Digest))
		}
		signer, err := signing.NewURLSafeTimedSerializer(settings.keys[n-1], opts...)
		if err != nil {
			panic(fmt.Sprintf("retort: sessions cannot be signed: %v", err))
		}
		b.signer = signer
	}
	i.bound.Store(b)
	return b
}

// in gives the interface with the keys of the app.
func (i *SecureCookieSessionInterface) in(a *App) *sessionSigner {
	if b := i.bound.Load(); b != nil && b.app == a {
		return b
	}
	return i.bind(a, &a.compiled().sessions.sessionSettings)
}

// longestCookie is how many bytes of a cookie are looked at: browsers keep 4096,
// and a server in front of the app may allow more.
const longestCookie = 16 << 10

// OpenSession reads the cookie. It gives nil when there is no SECRET_KEY.
func (i *SecureCookieSessionInterface) OpenSession(c *Context) (*Session, error) {
	b := i.in(c.App)
	if b.signer == nil {
		return nil, nil
	}
	empty := new(Session) // never new: it cannot be told from a session that was emptied
	settings := &c.App.compiled().sessions.sessionSettings
	value, ok := c.SessionCookie()
	if !ok || int64(len(value)) > max(settings.maxSize, longestCookie) {
		return empty, nil
	}
	var values any
	_, err := b.signer.Loads(value, &values, settings.lifetime)
	if payload := (*signing.BadPayload)(nil); errors.As(err, &payload) {
		c.App.warnOfPayload(c, err.Error())
	}
	if err != nil {
		return empty, nil
	}
	session, ok := values.(map[string]any)
	if !ok {
		c.App.warnOfPayload(c, fmt.Sprintf("it is a %T, not a map[string]any", values))
		return empty, nil
	}
	return &Session{values: session}, nil
}

// warnOfPayload logs that a cookie is rightly signed and yet no session.
func (a *App) warnOfPayload(c *Context, why string) {
	a.Logger.WarnContext(c.Context(), "a session cookie is rightly signed, but holds no session: another program signs with the same SECRET_KEY and salt", "reason", why)
}

// SaveSession writes the cookie.
func (i *SecureCookieSessionInterface) SaveSession(c *Context, s *Session, res *Response) error {
	b := i.in(c.App)
	err := s.WriteCookie(c, res, func() (string, error) {
		if b.signer == nil {
			return "", errors.New(noKey)
		}
		return b.signer.Dumps(s.values)
	})
	if large := (*cookieTooLarge)(nil); errors.As(err, &large) {
		return fmt.Errorf("%w; the largest values are %s; keep such data on the server: app.SessionInterface = retort.StoreSessions(store)", large, b.largest(s))
	}
	return err
}

// largest names the values that take the most room, before compression.
func (b *sessionSigner) largest(s *Session) string {
	type entry struct {
		key  string
		size int
	}
	var entries []entry
	for key, v := range s.All() {
		data, _ := b.codec.Dumps(map[string]any{key: v})
		entries = append(entries, entry{key, len(data)})
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return b.size - a.size })
	var names []string
	for _, e := range entries[:min(3, len(entries))] {
		names = append(names, fmt.Sprintf("%q (%d bytes)", e.key, e.size))
	}
	return strings.Join(names, ", ")
}
