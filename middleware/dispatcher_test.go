package middleware_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/middleware"
)

// tells answers with its name, its SCRIPT_NAME and the path that it sees.
func tells(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(name + " " + gateway.ScriptNameOf(r) + " " + r.URL.Path + " " + r.URL.EscapedPath()))
	})
}

func TestDispatcher(t *testing.T) {
	h := middleware.Dispatcher(map[string]http.Handler{"/a": tells("a"), "/a/b": tells("b"), "/é": tells("e")})(tells("app"))
	for path, want := range map[string]string{
		"/":           "app  / /",
		"/a":          "a /a  ",
		"/a/":         "a /a / /",
		"/a/x":        "a /a /x /x",
		"/ax":         "app  /ax /ax",
		"/a/b":        "b /a/b  ",
		"/a/b/c":      "b /a/b /c /c",
		"/a/bc":       "a /a /bc /bc",
		"/a/x%2Fy":    "a /a /x/y /x%2Fy",
		"/%61/x%2Fy":  "a /a /x/y /x%2Fy",
		"/%C3%A9/x":   "e /é /x /x",
		"/a//evil":    "404 page not found\n",
		"/a/%5Cevil":  "404 page not found\n",
		"/a%2Fb/c%2F": "b /a/b /c/ /c/",
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		assert.Equal(t, want, w.Body.String(), path)
	}
}

func TestAnAppBelowADispatcherBuildsURLsWithItsPrefix(t *testing.T) {
	inner := retort.New("inner")
	inner.Get("/")(func(c *retort.Context) string { return c.URLFor("page", "n", 1) })
	inner.Get("/page/<int:n>/", retort.Endpoint("page"))(func(n int) string { return "" })
	outer := retort.New("outer")
	outer.Get("/")(func() string { return "outer" })
	outer.Use(middleware.Dispatcher(map[string]http.Handler{"/inner": inner}))
	client := outer.TestClient()
	assert.Equal(t, "outer", client.Get("/").Text)
	assert.Equal(t, "/inner/page/1/", client.Get("/inner/").Text)
	assert.Equal(t, "/inner/page/1/", client.Get("/inner").Text)
	assert.Equal(t, "http://localhost/inner/page/1/", client.Get("/inner/page/1").Header.Get("Location"))
}

func TestDispatcherRefusesWhatIsNoPrefix(t *testing.T) {
	for _, prefix := range []string{"", "/", "a", "/a/", "//a", `/a\b`, "/a?b"} {
		assert.Panics(t, func() { middleware.Dispatcher(map[string]http.Handler{prefix: tells("")}) }, prefix)
	}
	assert.PanicsWithValue(t, `middleware: Dispatcher: the handler at "/a" is nil`, func() {
		middleware.Dispatcher(map[string]http.Handler{"/a": nil})
	})
}
