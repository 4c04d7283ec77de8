//go:build retort_dev

package debug

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newTestLock is a lock that does not wait; waited has what it would have.
func newTestLock(pin string) (l *lock, waited *[]time.Duration) {
	var mu sync.Mutex
	waited = new([]time.Duration)
	l = newLock(Options{PIN: pin, Secret: []byte("0123456789abcdef")}.withDefaults())
	l.wait = func(_ context.Context, d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		*waited = append(*waited, d)
	}
	return l, waited
}

func TestThePIN(t *testing.T) {
	for _, tt := range []struct {
		name, pin, tried string
		want             bool
	}{
		{"right", "123-456-789", "123-456-789", true},
		{"without hyphens", "123-456-789", "123456789", true},
		{"with spaces", "123456789", " 123 456 789 ", true},
		{"wrong", "123-456-789", "123-456-780", false},
		{"empty", "123-456-789", "", false},
		{"its beginning", "123-456-789", "123", false},
		{"no PIN is right", "", "", false},
		{"no PIN is right, hyphens", "--", "--", false},
	} {
		l, _ := newTestLock(tt.pin)
		assert.Equal(t, tt.want, l.try(t.Context(), tt.tried).Auth, tt.name)
	}
}

func TestWrongPINsTakeTimeAndLock(t *testing.T) {
	l, waited := newTestLock("1234")
	for i := range maxFailures {
		assert.Equal(t, verdict{Exhausted: i == maxFailures-1}, l.try(t.Context(), "0000"))
	}
	assert.Equal(t, verdict{Exhausted: true}, l.try(t.Context(), "1234"), "the right one comes too late")
	assert.True(t, l.exhausted())
	easy, hard := 500*time.Millisecond, 5*time.Second
	assert.Equal(t, []time.Duration{easy, easy, easy, easy, easy, easy, hard, hard, hard, hard}, *waited)
}

func TestTheRightPINForgivesWrongOnes(t *testing.T) {
	l, _ := newTestLock("1234")
	for range 3 {
		for range maxFailures - 1 {
			l.try(t.Context(), "0000")
		}
		assert.Equal(t, verdict{Auth: true}, l.try(t.Context(), "1234"))
	}
}

// The number of wrong PINs is told before one is looked at, and goes on where it
// was.
func TestTheNumberOfWrongPINsIsHandedOn(t *testing.T) {
	var told []int
	o := Options{PIN: "1234", OnFailures: func(n int) { told = append(told, n) }}.withDefaults()
	l := newLock(o)
	l.wait = func(context.Context, time.Duration) { assert.Equal(t, l.failures, told[len(told)-1]) }
	for range 3 {
		l.try(t.Context(), "0000")
	}
	assert.True(t, l.try(t.Context(), "1234").Auth)
	assert.Equal(t, []int{1, 2, 3, 4, 0}, told)

	o.Failures = maxFailures - 1
	l = newLock(o)
	l.wait = func(context.Context, time.Duration) {}
	assert.False(t, l.exhausted())
	assert.True(t, l.try(t.Context(), "0000").Exhausted)
	told = nil
	assert.Equal(t, verdict{Exhausted: true}, l.try(t.Context(), "1234"))
	assert.Empty(t, told)
	o.Failures = maxFailures
	assert.True(t, newLock(o).exhausted())
}

// No more PINs are compared at the same time than one after the other.
func TestPINsInParallel(t *testing.T) {
	l, _ := newTestLock("1234")
	var waits atomic.Int32
	release := make(chan struct{})
	l.wait = func(context.Context, time.Duration) {
		waits.Add(1)
		<-release
	}
	var all sync.WaitGroup
	var exhausted atomic.Int32
	for range 50 {
		all.Go(func() {
			if l.try(t.Context(), "0000").Exhausted {
				exhausted.Add(1)
			}
		})
	}
	require.Eventually(t, func() bool { return waits.Load() == maxFailures && exhausted.Load() == 40 }, 30*time.Second, time.Millisecond)
	assert.False(t, l.try(t.Context(), "1234").Auth)
	close(release)
	all.Wait()
	assert.EqualValues(t, maxFailures, waits.Load())
	assert.EqualValues(t, 41, exhausted.Load())
}

func TestAWaitEndsWithItsRequest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	began := time.Now()
	wait(ctx, time.Minute)
	assert.Less(t, time.Since(began), 10*time.Second)
}

// with is a request with a cookie of a lock.
func with(l *lock, value string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: l.cookieName(), Value: value})
	return r
}

func TestTheCookie(t *testing.T) {
	l, _ := newTestLock("1234")
	now := time.Unix(1_800_000_000, 0)
	l.now = func() time.Time { return now }
	c := l.cookie(httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, "/__retort__/", c.Path)
	assert.True(t, c.HttpOnly)
	assert.Equal(t, http.SameSiteStrictMode, c.SameSite)
	assert.False(t, c.Secure)
	assert.Equal(t, 7*24*60*60, c.MaxAge)
	assert.NotContains(t, c.Value, "1234")
	require.True(t, l.opened(with(l, c.Value)))

	secure := httptest.NewRequest(http.MethodGet, "/", nil)
	secure.TLS = &tls.ConnectionState{}
	assert.True(t, l.cookie(secure).Secure)

	again, _ := newTestLock("12-34")
	again.now = l.now
	assert.True(t, again.opened(with(again, c.Value)), "after a restart with the same secret and PIN")
	other, _ := newTestLock("4321")
	other.now = l.now
	assert.NotEqual(t, l.cookieName(), other.cookieName())
	assert.False(t, other.opened(with(other, c.Value)), "of another PIN")
	for _, wrong := range []string{"", ".", "x", c.Value + "A", c.Value[1:], "1" + c.Value, "1800000001" + c.Value[10:], c.Value[:12]} {
		assert.False(t, l.opened(with(l, wrong)), wrong)
	}
	assert.Zero(t, l.failures, "a wrong cookie is no attempt")

	now = now.Add(cookieAge - time.Second)
	assert.True(t, l.opened(with(l, c.Value)))
	now = now.Add(time.Second)
	assert.False(t, l.opened(with(l, c.Value)), "it is too old")
	now = now.Add(-2 * cookieAge)
	assert.False(t, l.opened(with(l, c.Value)), "it comes from the future")
}

func TestWithoutAPIN(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	l, _ := newTestLock("off")
	assert.True(t, l.opened(r), "off")
	l, _ = newTestLock("")
	assert.False(t, l.opened(r))
	assert.False(t, l.opened(with(l, l.cookie(r).Value)), "no cookie opens what no PIN opens")
}

func FuzzCookie(f *testing.F) {
	l, _ := newTestLock("1234")
	good := l.cookie(httptest.NewRequest(http.MethodGet, "/", nil)).Value
	f.Add(good)
	f.Add("1.2")
	f.Fuzz(func(t *testing.T, value string) {
		if value != good {
			assert.False(t, l.signed(value), value) // nobody else can make one
		}
	})
}
