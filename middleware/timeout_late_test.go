package middleware_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/internal/accesslog"
	"github.com/retort-go/retort/middleware"
)

// timed serves a handler that has a time.
func timed(t *testing.T, d time.Duration, h http.HandlerFunc) *httptest.Server {
	server := httptest.NewServer(middleware.Timeout(d)(h))
	t.Cleanup(server.Close)
	return server
}

// The connection of a handler that was given up may have the next request by the
// time it wakes up.
func TestAHandlerThatWasGivenUpHasNoConnection(t *testing.T) {
	begin, told := make(chan struct{}), make(chan []error, 1)
	server := timed(t, time.Millisecond, func(w http.ResponseWriter, _ *http.Request) {
		<-begin
		c := http.NewResponseController(w)
		_, _, hijack := c.Hijack()
		accesslog.Claim(w) // finds nobody
		told <- []error{c.SetReadDeadline(time.Now()), c.SetWriteDeadline(time.Now()), c.EnableFullDuplex(), c.Flush(), hijack}
	})
	status, _ := fetch(t, server.URL)
	assert.Equal(t, 503, status)
	close(begin)
	errs := <-told
	for i, err := range errs[:3] {
		assert.ErrorIs(t, err, http.ErrNotSupported, i)
	}
	assert.ErrorIs(t, errs[3], http.ErrHandlerTimeout)
	assert.ErrorIs(t, errs[4], http.ErrHandlerTimeout)
}

func TestAHandlerInTimeHasItsConnection(t *testing.T) {
	server := timed(t, time.Minute, func(w http.ResponseWriter, _ *http.Request) {
		if err := http.NewResponseController(w).SetReadDeadline(time.Time{}); err != nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	status, _ := fetch(t, server.URL)
	assert.Equal(t, 200, status)
}
