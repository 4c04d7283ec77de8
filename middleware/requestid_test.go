package middleware_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/middleware"
)

func TestRequestIDNeedsTheNameOfAField(t *testing.T) {
	assert.PanicsWithValue(t, `middleware: RequestID: "X Trace" is no name of a field`, func() {
		middleware.RequestIDWith(middleware.RequestIDOptions{Header: "X Trace"})
	})
}

func TestRequestID(t *testing.T) {
	app := retort.New("ids")
	app.Get("/")(func(c *retort.Context) string { return c.RequestID() })
	ask := func(mw func(http.Handler) http.Handler, field, value string) (text, header string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header[field] = []string{value}
		w := httptest.NewRecorder()
		mw(app).ServeHTTP(w, r)
		return w.Body.String(), w.Header().Get(field)
	}
	text, header := ask(middleware.RequestID(), "X-Request-Id", "from-outside")
	assert.Equal(t, text, header)
	assert.Regexp(t, "^[A-Z2-7]{26}$", text, "a client does not choose it")
	other, _ := ask(middleware.RequestID(), "X-Request-Id", "")
	assert.NotEqual(t, text, other)

	trusting := middleware.RequestIDWith(middleware.RequestIDOptions{Header: "x-trace", Trust: true})
	text, header = ask(trusting, "X-Trace", "from-the-proxy")
	assert.Equal(t, "from-the-proxy", text)
	assert.Equal(t, "from-the-proxy", header)
	for _, bad := range []string{"", "a b", "a\nb", "é", strings.Repeat("x", 129)} {
		text, _ = ask(trusting, "X-Trace", bad)
		assert.Regexp(t, "^[A-Z2-7]{26}$", text, "%q", bad)
	}
}
