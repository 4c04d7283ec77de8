package retort_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

// fromElsewhere are the fields of a request that a page of another site made.
func fromElsewhere() retort.TestClientOption { return from("cross-site", "https://evil.test") }

// from are the fields of a request that a browser has made; "" leaves one out.
func from(site, origin string) retort.TestClientOption {
	var opts []retort.TestOption
	if site != "" {
		opts = append(opts, retort.WithHeader("Sec-Fetch-Site", site))
	}
	if origin != "" {
		opts = append(opts, retort.WithHeader("Origin", origin))
	}
	return retort.WithDefaults(opts...)
}

// posts adds a view of each kind that takes a POST.
func posts(app *retort.App) *retort.App {
	app.Post("/typed")(func() string { return "done" })
	app.Post("/context")(func(*retort.Context) string { return "done" })
	app.Post("/json")(func() retort.H { return retort.H{} })
	app.Post("/handler")(func(http.ResponseWriter, *http.Request) {})
	app.Mount("/mount", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	app.Post("/hook", retort.AllowCrossOrigin())(func() string { return "done" })
	app.Post("/slash/")(func() string { return "done" })
	return app
}

var postTargets = []string{"/typed", "/context", "/json", "/handler", "/mount/x", "/slash/", "/slash", "/nowhere"}

func TestRequestsOfAnotherOriginAreRefused(t *testing.T) {
	app := posts(signed())
	called := false
	app.BeforeRequest(func(*retort.Context) { called = true })
	for _, target := range postTargets {
		assert.Equal(t, 403, app.TestClient(fromElsewhere()).Post(target).Status, target)
	}
	assert.False(t, called, "it comes before the hooks")

	app = posts(signed()) // without a hook, on the way without a Context
	for _, target := range postTargets {
		assert.Equal(t, 403, app.TestClient(fromElsewhere()).Post(target).Status, target)
	}
	assert.Equal(t, "done", app.TestClient(fromElsewhere()).Post("/hook").Text)
}

func TestWhatIsLetThrough(t *testing.T) {
	app := posts(signed())
	app.Config.Set("TRUSTED_ORIGINS", []string{"https://friend.test"})
	app.Get("/get")(func() string { return "done" })
	for name, tt := range map[string]struct {
		method, target string
		option         retort.TestClientOption
		want           int
	}{
		"a page of the site itself":             {"POST", "/typed", from("same-origin", ""), 200},
		"typed into the address bar":            {"POST", "/typed", from("none", ""), 200},
		"no browser":                            {"POST", "/typed", from("", ""), 200},
		"an old browser, from the site":         {"POST", "/typed", from("", "http://localhost"), 200},
		"an old browser, from elsewhere":        {"POST", "/typed", from("", "http://evil.test"), 403},
		"a trusted origin":                      {"POST", "/typed", from("cross-site", "https://friend.test"), 200},
		"a trusted host with another scheme":    {"POST", "/typed", from("cross-site", "http://friend.test"), 403},
		"a sandboxed page":                      {"POST", "/typed", from("", "null"), 403},
		"another subdomain":                     {"POST", "/typed", from("same-site", ""), 403},
		"reading":                               {"GET", "/get", fromElsewhere(), 200},
		"asking what is allowed":                {"OPTIONS", "/typed", fromElsewhere(), 200},
		"a method that the rule does not have":  {"DELETE", "/get", fromElsewhere(), 403},
		"a rule that lets other origins in":     {"POST", "/hook", fromElsewhere(), 200},
		"a wrong method of a rule that does so": {"PUT", "/hook", fromElsewhere(), 403},
	} {
		assert.Equal(t, tt.want, app.TestClient(tt.option).Open(tt.method, tt.target).Status, name)
	}
}

func TestWhenTheProtectionIsOn(t *testing.T) {
	for name, tt := range map[string]struct {
		set  func(app *retort.App)
		want int
	}{
		"no sessions":         {func(*retort.App) {}, 200},
		"a SECRET_KEY":        {func(app *retort.App) { app.Config.Set("SECRET_KEY", "dev") }, 403},
		"a session interface": {func(app *retort.App) { app.SessionInterface = retort.StoreSessions(retort.NewMemoryStore(0)) }, 403},
		"a SECRET_KEY, switched off": {func(app *retort.App) {
			app.Config.Update(map[string]any{"SECRET_KEY": "dev", "CROSS_ORIGIN_PROTECTION": false})
		}, 200},
		"no sessions, switched on": {func(app *retort.App) { app.Config.Set("CROSS_ORIGIN_PROTECTION", true) }, 403},
	} {
		app := posts(quiet())
		tt.set(app)
		assert.Equal(t, tt.want, app.TestClient(fromElsewhere()).Post("/typed").Status, name)
		assert.Equal(t, tt.want, app.TestClient(fromElsewhere()).Post("/context").Status, name)
	}
}

func TestTheRefusalGoesToTheErrorHandlers(t *testing.T) {
	const text = `403 Forbidden: The browser sent this POST from a page of "https://evil.test", perhaps without its user knowing, so it is not carried out. ` +
		`A site that may do so is listed in TRUSTED_ORIGINS; a view that does not rely on cookies has the option AllowCrossOrigin.`
	app := signed()
	app.ErrorHandler(403)(func(e *retort.HTTPError) (string, int) { return "app: " + e.Error(), 403 })
	api := retort.NewBlueprint("api")
	api.ErrorHandler(403)(func(e *retort.HTTPError) (any, int) { return retort.H{"error": e.Name()}, 403 })
	api.Post("/api")(func() string { return "" })
	app.RegisterBlueprint(api)
	app.Post("/form")(func() string { return "" })
	assert.Equal(t, "app: "+text, app.TestClient(fromElsewhere()).Post("/form").Text)
	assert.Equal(t, `{"error":"Forbidden"}`+"\n", app.TestClient(fromElsewhere()).Post("/api").Text)

	app = posts(signed())
	assert.Contains(t, app.TestClient(from("cross-site", "")).Post("/typed").Text, "from a page of another site, perhaps")
	assert.NotContains(t, app.TestClient(from("cross-site", "<script>")).Post("/typed").Text, "<script>")
}

func TestABlueprintLetsOtherOriginsIn(t *testing.T) {
	hooks := func(opts ...retort.BlueprintOption) *retort.Blueprint {
		bp := retort.NewBlueprint("hooks", opts...)
		inner := retort.NewBlueprint("inner", retort.URLPrefix("/inner"))
		inner.Post("/paid")(func() string { return "done" })
		bp.RegisterBlueprint(inner)
		bp.Post("/paid")(func() string { return "done" })
		return bp
	}
	for name, register := range map[string]func(app *retort.App){
		"by an option of its own":  func(app *retort.App) { app.RegisterBlueprint(hooks(retort.AllowCrossOrigin())) },
		"when it is registered":    func(app *retort.App) { app.RegisterBlueprint(hooks(), retort.AllowCrossOrigin()) },
		"not unless it is told to": func(app *retort.App) { app.RegisterBlueprint(hooks()) },
	} {
		app := signed()
		register(app)
		want := 200
		if name == "not unless it is told to" {
			want = 403
		}
		assert.Equal(t, want, app.TestClient(fromElsewhere()).Post("/paid").Status, name)
		assert.Equal(t, want, app.TestClient(fromElsewhere()).Post("/inner/paid").Status, name)
	}
}
