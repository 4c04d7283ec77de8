//go:build retort_dev

package debug

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// maxFailures is how many wrong PINs lock the debugger until the program is
	// started again; not by the reloader, whose parent keeps their number.
	maxFailures = 10
	// easyFailures are those after which a wrong PIN costs more time.
	easyFailures = 6
	// cookieAge is how long a PIN that was entered is remembered.
	cookieAge = 7 * 24 * time.Hour
)

// lock is what the PIN opens.
//
// Werkzeug: debug/__init__.py, pin_auth and check_pin_trust.
type lock struct {
	pin    [sha256.Size]byte
	none   bool // no PIN is right
	open   bool // none is asked for
	secret []byte
	wait   func(ctx context.Context, d time.Duration)
	now    func() time.Time
	tell   func(failures int) // called with mu held

	mu       sync.Mutex
	failures int
}

func newLock(o Options) *lock {
	pin := plainPIN(o.PIN)
	return &lock{
		pin: sha256.Sum256([]byte(pin)), none: pin == "", open: o.PIN == "off", secret: o.Secret,
		wait: wait, now: time.Now, tell: o.OnFailures, failures: o.Failures,
	}
}

// plainPIN is a PIN without what only makes it easier to read.
func plainPIN(s string) string { return strings.NewReplacer("-", "", " ", "").Replace(s) }

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// verdict is what became of a PIN.
type verdict struct {
	Auth      bool `json:"auth"`
	Exhausted bool `json:"exhausted"`
}

// try tries a PIN. An attempt is counted before it is looked at and forgiven when
// it was right, so that attempts at the same time are no more than one after the
// other. A wrong one takes its time.
func (l *lock) try(ctx context.Context, pin string) verdict {
	n, ok := l.attempt()
	if !ok {
		return verdict{Exhausted: true}
	}
	sum := sha256.Sum256([]byte(plainPIN(pin)))
	if subtle.ConstantTimeCompare(sum[:], l.pin[:]) == 1 && !l.none {
		l.forgive()
		return verdict{Auth: true}
	}
	delay := 500 * time.Millisecond
	if n > easyFailures {
		delay = 5 * time.Second
	}
	l.wait(ctx, delay)
	return verdict{Exhausted: n >= maxFailures}
}

// attempt counts an attempt and says which it is, and whether it is allowed.
func (l *lock) attempt() (n int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failures >= maxFailures {
		return l.failures, false
	}
	l.failures++
	l.tell(l.failures)
	return l.failures, true
}

func (l *lock) forgive() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failures = 0
	l.tell(0)
}

// exhausted reports whether no PIN is accepted any more.
func (l *lock) exhausted() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failures >= maxFailures
}

// cookieName differs from program to program: cookies do not know ports, and
// several programs are developed on one machine.
func (l *lock) cookieName() string { return "retort_debug_" + hex.EncodeToString(l.sign("name")[:4]) }

// sign binds a text to the secret and the PIN.
func (l *lock) sign(text string) []byte {
	mac := hmac.New(sha256.New, l.secret)
	mac.Write(l.pin[:])
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// cookie is that of who has just entered the PIN. It is sent for the debugger's
// own URLs alone: the program that is debugged does not get to see it.
func (l *lock) cookie(r *http.Request) *http.Cookie {
	at := strconv.FormatInt(l.now().Unix(), 10)
	return &http.Cookie{
		Name: l.cookieName(), Value: l.ticket(at),
		Path: ownPath, MaxAge: int(cookieAge / time.Second),
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil,
	}
}

// opened reports whether a request comes from who has entered the PIN. A cookie
// that is wrong, as an old one is after the PIN has changed, is no attempt: it
// holds 256 bits that nobody guesses.
func (l *lock) opened(r *http.Request) bool {
	if l.open {
		return true
	}
	if l.none {
		return false
	}
	for _, c := range r.CookiesNamed(l.cookieName()) {
		if l.signed(c.Value) {
			return true
		}
	}
	return false
}

// ticket is the value of the cookie of a time.
func (l *lock) ticket(at string) string {
	return at + "." + base64.RawURLEncoding.EncodeToString(l.sign("cookie "+at))
}

func (l *lock) signed(value string) bool {
	at, _, _ := strings.Cut(value, ".")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !hmac.Equal([]byte(value), []byte(l.ticket(at))) {
		return false
	}
	age := l.now().Sub(time.Unix(seconds, 0))
	return age >= -time.Minute && age < cookieAge
}
