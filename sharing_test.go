package retort_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
)

// atOnce calls f in many goroutines, with a number each.
func atOnce(f func(client int)) {
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 20 {
				f(i)
			}
		})
	}
	all.Wait()
}

// rememberMe keeps the user of the query in the session.
func rememberMe(c *retort.Context) { c.Session().Set("user", c.Request.Args().Get("user")) }

// askAs sends a GET of a user and gives the answer.
func askAs(app *retort.App, path string, user int) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("GET", path+"?user="+string(rune('a'+user)), nil))
	return w
}

func TestAResponseAnswersOneRequest(t *testing.T) {
	app := signed()
	shared := retort.Text("cached")
	app.Get("/", retort.Endpoint("index"))(func(c *retort.Context) *retort.Response { rememberMe(c); return shared })
	log := logInto(app)
	first := askAs(app, "/", 0)
	assert.Equal(t, "cached", first.Body.String())
	second := askAs(app, "/", 1)
	assert.Equal(t, 500, second.Code)
	assert.NotContains(t, second.Header()["Set-Cookie"], first.Header().Get("Set-Cookie"), "the cookie of another client")
	assert.Contains(t, log.String(), `error="endpoint \"index\": the view answered a Response that has answered a request before; `+
		`it holds the cookies and fields of that client, so make a new one for each request, or return what it is made of"`)
}

func TestAResponseIsAHandlerForMany(t *testing.T) {
	app := signed()
	app.BeforeRequest(rememberMe)
	page := retort.Reply(retort.H{"a": 1})
	app.Get("/view")(page)
	app.Mount("/mount", page)
	app.Get("/gateway")(gateway.App(retort.HTML("{\"a\":1}")))
	atOnce(func(client int) {
		for _, path := range []string{"/view", "/mount/x", "/gateway"} {
			w := askAs(app, path, client)
			assert.Equal(t, `{"a":1}`, strings.TrimSpace(w.Body.String()), path)
			assert.Len(t, w.Header()["Set-Cookie"], 1, path)
		}
	})
	assert.Equal(t, http.Header{"Content-Type": {"application/json"}}, page.Header)
}

func TestErrorsAndFieldsThatRequestsShare(t *testing.T) {
	app := signed()
	fields := make(http.Header)
	for _, cookie := range []string{"a=1", "b=2", "c=3"} { // append now has room for a fourth
		fields.Add("Set-Cookie", cookie)
	}
	gone := &retort.HTTPError{Code: 410, Header: fields}
	toLogin := &retort.HTTPError{Response: retort.Redirect("/login")}
	app.BeforeRequest(rememberMe)
	app.Get("/fields")(func() (string, http.Header) { return "", fields })
	app.Get("/handler")(func(w http.ResponseWriter, _ *http.Request) { w.Header()["Set-Cookie"] = fields["Set-Cookie"] })
	app.Get("/error")(func() error { return gone })
	app.Get("/response")(func() error { return toLogin })
	app.Get("/abort")(func() string { panic(toLogin) })
	atOnce(func(client int) {
		for path, want := range map[string]int{"/fields": 4, "/handler": 4, "/error": 4, "/response": 1, "/abort": 1} {
			assert.Len(t, askAs(app, path, client).Header()["Set-Cookie"], want, path)
		}
	})
}

func TestHooksThatAreNil(t *testing.T) {
	app, bp := quiet(), retort.NewBlueprint("bp")
	for _, tt := range []struct {
		at, want string
		do       func()
	}{
		{here(), "AfterRequest takes a func(*retort.Context, *retort.Response), not nil", func() { app.AfterRequest(nil) }},
		{here(), "TeardownRequest takes a func(*retort.Context, error), not nil", func() { bp.TeardownRequest(nil) }},
		{here(), "TeardownAppContext takes a func(*retort.Context, error), not nil", func() { app.TeardownAppContext(nil) }},
		{here(), "URLValuePreprocessor takes a func(*retort.Context, string, retort.H), not nil", func() { app.URLValuePreprocessor(nil) }},
		{here(), "URLDefaults takes a func(*retort.Context, string, retort.H), not nil", func() { bp.URLDefaults(nil) }},
		{here(), "ContextProcessor takes a func(*retort.Context) retort.H, not nil", func() { app.ContextProcessor(nil) }},
		{here(), "OnError takes a func(*retort.Context, *retort.HTTPError) interface {}, not nil", func() { retort.OnError[*retort.HTTPError](app, nil) }},
		{here(), "URLBuildErrorHandler takes a func(*urlmap.BuildError, string, retort.H) (string, error), not nil", func() { app.URLBuildErrorHandler(nil) }},
		{here(), "RedirectToFunc takes a func(retort.H) (string, error), not nil", func() { retort.RedirectToFunc(nil) }},
		{here(), "Record takes a func(*retort.SetupState), not nil", func() { bp.Record(nil) }},
		{here(), "RecordOnce takes a func(*retort.SetupState), not nil", func() { bp.RecordOnce(nil) }},
		{here(), "AfterAppRequest takes a func(*retort.Context, *retort.Response), not nil", func() { bp.AfterAppRequest(nil) }},
		{here(), "TeardownAppRequest takes a func(*retort.Context, error), not nil", func() { bp.TeardownAppRequest(nil) }},
		{here(), "AppContextProcessor takes a func(*retort.Context) retort.H, not nil", func() { bp.AppContextProcessor(nil) }},
		{here(), "AppURLValuePreprocessor takes a func(*retort.Context, string, retort.H), not nil", func() { bp.AppURLValuePreprocessor(nil) }},
		{here(), "AppURLDefaults takes a func(*retort.Context, string, retort.H), not nil", func() { bp.AppURLDefaults(nil) }},
		{here(), "OnAppError takes a func(*retort.Context, error) interface {}, not nil", func() { retort.OnAppError[error](bp, nil) }},
	} {
		assert.Equal(t, "retort: "+tt.at+": "+tt.want, panicOf(t, tt.do))
	}
}
