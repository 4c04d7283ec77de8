package retort_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/signing"
	"github.com/retort-go/retort/taggedjson"
)

// signed is a quiet app with a SECRET_KEY.
func signed() *retort.App {
	app := quiet()
	app.Config.Set("SECRET_KEY", "dev")
	return app
}

// logInto has the app write its log, without times, into the buffer.
func logInto(app *retort.App) *bytes.Buffer {
	var log bytes.Buffer
	app.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	return &log
}

// sign gives the cookie that an app with the key makes of a session.
func sign(t testing.TB, values any, key string, opts ...signing.Option) string {
	t.Helper()
	opts = append([]signing.Option{signing.Salt("cookie-session"), signing.Derivation(signing.DeriveHMAC), signing.Format(new(taggedjson.Serializer))}, opts...)
	s, err := signing.NewURLSafeTimedSerializer(key, opts...)
	require.NoError(t, err)
	token, err := s.Dumps(values)
	require.NoError(t, err)
	return token
}

func TestASessionIsADictionary(t *testing.T) {
	s := retort.NewSession("", map[string]any{"a": "1", "b": "2"})
	assert.False(t, s.New())
	assert.Equal(t, "1", s.Get("a"))
	assert.Nil(t, s.Get("x"))
	_, ok := s.Lookup("x")
	assert.False(t, ok)
	assert.True(t, s.Has("a"))
	assert.Equal(t, 2, s.Len())
	assert.Equal(t, "1", s.SetDefault("a", "9"))
	assert.Nil(t, s.Pop("x"))
	s.Delete("x")
	assert.False(t, s.Modified(), "nothing has been changed yet")

	assert.Equal(t, "3", s.SetDefault("c", "3"))
	assert.True(t, s.Modified())
	assert.Equal(t, "3", s.Pop("c"))
	s.Update(map[string]any{"d": 4})
	s.Delete("a")
	assert.Equal(t, []string{"b", "d"}, s.Keys())
	var keys []string
	for key := range s.All() {
		keys = append(keys, key)
		s.Delete("d")
	}
	assert.Equal(t, []string{"b"}, keys, "what was removed meanwhile is left out")
	s.Clear()
	assert.Zero(t, s.Len())

	assert.False(t, s.Permanent())
	s.SetPermanent(true)
	assert.True(t, s.Permanent())
	assert.Equal(t, true, s.Get("_permanent"))
	assert.True(t, retort.NewSession("", nil).New())
}

func TestWhatModifiesASession(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*retort.Session)
		want   bool
	}{
		"Set":                     {func(s *retort.Session) { s.Set("a", 1) }, true},
		"Update with nothing":     {func(s *retort.Session) { s.Update(nil) }, true},
		"Clear":                   {func(s *retort.Session) { s.Clear() }, true},
		"SetPermanent":            {func(s *retort.Session) { s.SetPermanent(false) }, true},
		"MarkModified":            {func(s *retort.Session) { s.MarkModified() }, true},
		"RegenerateID":            {func(s *retort.Session) { s.RegenerateID() }, true},
		"Pop of what is there":    {func(s *retort.Session) { s.Pop("k") }, true},
		"Delete of nothing":       {func(s *retort.Session) { s.Delete("x") }, false},
		"SetDefault of a value":   {func(s *retort.Session) { s.SetDefault("k", 1) }, false},
		"reading":                 {func(s *retort.Session) { s.Get("k"); s.Keys(); s.Len(); s.Has("k") }, false},
		"changing a list in it":   {func(s *retort.Session) { s.Get("l").([]any)[0] = 2 }, false},
		"SetDefault of a new one": {func(s *retort.Session) { s.SetDefault("x", 1) }, true},
	} {
		s := retort.NewSession("", map[string]any{"k": "v", "l": []any{1}})
		tt.change(s)
		assert.Equal(t, tt.want, s.Modified(), name)
	}
}

func TestSessionValue(t *testing.T) {
	type name string
	s := retort.NewSession("", map[string]any{
		"text": "ada", "int64": int64(7), "int": 7, "float": 1.5, "whole": 2.0, "big": int64(1) << 40, "negative": int64(-1),
		"list": []any{"a"}, "nil": nil, "bool": true, "exact": int64(1)<<53 + 1,
	})
	assert.Equal(t, "ada", retort.SessionValue(s, "text", ""))
	assert.Equal(t, name("ada"), retort.SessionValue(s, "text", name("")))
	assert.Equal(t, 7, retort.SessionValue(s, "int64", 0))
	assert.Equal(t, int64(7), retort.SessionValue(s, "int", int64(0)))
	assert.Equal(t, uint8(7), retort.SessionValue(s, "int", uint8(0)))
	assert.Equal(t, 7.0, retort.SessionValue(s, "int64", 0.0))
	assert.Equal(t, 2, retort.SessionValue(s, "whole", 0))
	assert.True(t, retort.SessionValue(s, "bool", false))
	assert.Equal(t, []any{"a"}, retort.SessionValue(s, "list", []any(nil)))
	assert.Equal(t, any(int64(7)), retort.SessionValue[any](s, "int64", nil))

	assert.Equal(t, -1, retort.SessionValue(s, "none", -1), "there is none")
	assert.Equal(t, -1, retort.SessionValue(s, "nil", -1), "nil is no number")
	assert.Equal(t, -1, retort.SessionValue(s, "text", -1), "a text is no number")
	assert.Equal(t, -1, retort.SessionValue(s, "float", -1), "a fraction would be lost")
	assert.Equal(t, int32(-1), retort.SessionValue(s, "big", int32(-1)), "it does not fit")
	assert.Equal(t, uint64(9), retort.SessionValue(s, "negative", uint64(9)), "it has a sign")
	assert.Equal(t, -1.0, retort.SessionValue(s, "exact", -1.0), "its last digit would be lost")
	assert.Equal(t, "x", retort.SessionValue(s, "int", "x"), "a number is no text")
	assert.Equal(t, 9, retort.SessionValue(s, "bool", 9))
}

func TestASessionLastsFromOneRequestToTheNext(t *testing.T) {
	app := signed()
	id := taggedjson.UUID{1}
	values := map[string]any{
		"s": "é☃", "i": int64(5), "f": 1.5, "n": nil, "b": true, "by": []byte{0, 255}, "m": template.HTML("<b>"), "u": id,
		"t": taggedjson.Tuple{int64(1), "a"}, "l": []any{int64(1), []any{}}, "d": map[string]any{" t": "x"}, "dt": time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	app.Get("/set")(func(c *retort.Context) string {
		c.Session().Update(values)
		return ""
	})
	app.Get("/get")(func(c *retort.Context) string {
		for key, want := range values {
			assert.Equal(t, want, c.Session().Get(key), key)
		}
		assert.Equal(t, len(values), c.Session().Len())
		return "seen"
	})
	client := app.TestClient()
	client.Get("/set")
	assert.Equal(t, "seen", client.Get("/get").Text)
}

// attributes are those of the only Set-Cookie field, its value left out.
func attributes(t *testing.T, h http.Header) []string {
	t.Helper()
	require.Len(t, h["Set-Cookie"], 1)
	name, rest, _ := strings.Cut(h["Set-Cookie"][0], "=")
	list := strings.Split(rest, "; ")
	list[0] = name
	return list
}

func TestTheCookieIsSafeUnlessToldOtherwise(t *testing.T) {
	set := func(c *retort.Context) string {
		c.Session().Set("k", "v")
		return ""
	}
	for name, tt := range map[string]struct {
		config map[string]any
		target string
		want   []string
	}{
		"by default":               {nil, "/", []string{"session", "HttpOnly", "Path=/", "SameSite=Lax"}},
		"over TLS":                 {nil, "https://localhost/", []string{"session", "Secure", "HttpOnly", "Path=/", "SameSite=Lax"}},
		"not Secure, over TLS":     {map[string]any{"SESSION_COOKIE_SECURE": false}, "https://localhost/", []string{"session", "HttpOnly", "Path=/", "SameSite=Lax"}},
		"Secure, without TLS":      {map[string]any{"SESSION_COOKIE_SECURE": true}, "/", []string{"session", "Secure", "HttpOnly", "Path=/", "SameSite=Lax"}},
		"without SameSite":         {map[string]any{"SESSION_COOKIE_SAMESITE": nil}, "/", []string{"session", "HttpOnly", "Path=/"}},
		"below a root":             {map[string]any{"APPLICATION_ROOT": "/app"}, "/", []string{"session", "HttpOnly", "Path=/app", "SameSite=Lax"}},
		"a name that needs Secure": {map[string]any{"SESSION_COOKIE_NAME": "__Host-s", "SESSION_COOKIE_SECURE": false}, "/", []string{"__Host-s", "Secure", "HttpOnly", "Path=/", "SameSite=Lax"}},
		"all attributes": {map[string]any{"SESSION_COOKIE_NAME": "sid", "SESSION_COOKIE_DOMAIN": "ex.test", "SESSION_COOKIE_PATH": "/x", "SESSION_COOKIE_HTTPONLY": false,
			"SESSION_COOKIE_SAMESITE": "strict", "SESSION_COOKIE_PARTITIONED": true}, "/",
			[]string{"sid", "Domain=ex.test", "Secure", "Path=/x", "SameSite=Strict", "Partitioned"}},
	} {
		app := signed()
		app.Config.Update(tt.config)
		app.Get("/")(set)
		assert.Equal(t, tt.want, attributes(t, app.TestClient().Get(tt.target).Header), name)
	}
}

func TestAProxyThatIsNotTrustedIsToldOfOnce(t *testing.T) {
	app := signed()
	log := logInto(app)
	app.Get("/")(func(c *retort.Context) string { c.Session().Set("a", 1); return "" })
	app.TestClient().Get("/")
	app.TestClient().Get("https://localhost/", retort.WithHeader("X-Forwarded-Proto", "https"))
	assert.Empty(t, log.String())
	for range 2 {
		app.TestClient().Get("/", retort.WithHeader("X-Forwarded-Proto", "https"))
		assert.Equal(t, `level=WARN msg="a session cookie is not Secure: the X-Forwarded-Proto of the request says https, but that field is not trusted, since any client can send it; behind a proxy that speaks TLS set SESSION_COOKIE_SECURE to true"`+"\n", log.String())
	}
}

func TestAPermanentSessionHasADateAndIsRefreshed(t *testing.T) {
	app := signed()
	app.Config.Set("PERMANENT_SESSION_LIFETIME", 3600)
	app.Get("/set")(func(c *retort.Context) string {
		c.Session().SetPermanent(true)
		return ""
	})
	app.Get("/typed")(func() string { return "no Context" })
	app.Get("/json")(func() retort.H { return retort.H{"a": 1} })
	app.Get("/context")(func(*retort.Context) string { return "not asked for" })
	app.Get("/handler")(http.NotFoundHandler())
	app.Mount("/mount", http.NotFoundHandler())
	client := app.TestClient()
	for _, target := range []string{"/set", "/typed", "/json", "/context", "/handler", "/mount/x", "/nowhere"} {
		res := client.Get(target)
		a := attributes(t, res.Header)
		require.Len(t, a, 5, target)
		expires, err := time.Parse(http.TimeFormat, strings.TrimPrefix(a[1], "Expires="))
		require.NoError(t, err)
		assert.WithinDuration(t, time.Now().Add(time.Hour), expires, 5*time.Second, target)
		assert.Equal(t, []string{"Cookie"}, res.Header["Vary"], target)
	}
	res := app.TestClient().Get("/typed")
	assert.Empty(t, res.Header["Set-Cookie"], "a client without a cookie has nothing to refresh")
	assert.Empty(t, res.Header["Vary"])
}

func TestCookiesThatAreNotToBeTrustedAreAnEmptySession(t *testing.T) {
	values := map[string]any{"user": "ada"}
	good := sign(t, values, "dev")
	at := func(age time.Duration) signing.Option {
		return signing.Clock(func() time.Time { return time.Now().Add(-age) })
	}
	const lifetime = 31 * 24 * time.Hour
	for name, tt := range map[string]struct {
		cookie string
		want   any
	}{
		"a good one":                  {good, "ada"},
		"almost too old":              {sign(t, values, "dev", at(lifetime-time.Minute)), "ada"},
		"signed with a former key":    {sign(t, values, "older"), "ada"},
		"too old":                     {sign(t, values, "dev", at(lifetime+2*time.Second)), nil},
		"of the future":               {sign(t, values, "dev", at(-time.Minute)), nil},
		"signed with another key":     {sign(t, values, "other"), nil},
		"signed for something else":   {sign(t, values, "dev", signing.Salt("reset")), nil},
		"another digest":              {sign(t, values, "dev", signing.Digest(sha256.New)), nil},
		"changed":                     {strings.Replace(good, good[:1], "f", 1), nil},
		"cut off":                     {good[:len(good)-1], nil},
		"without a signature":         {good[:strings.LastIndexByte(good, '.')], nil},
		"only dots":                   {"..", nil},
		"empty":                       {"", nil},
		"garbage":                     {"garbage", nil},
		"huge":                        {strings.Repeat("A", 60_000) + good[strings.IndexByte(good, '.'):], nil},
		"rightly signed, but a list":  {sign(t, []any{"user"}, "dev"), nil},
		"rightly signed, but no JSON": {sign(t, values, "dev", signing.Format(gibberish{})), nil},
		"a decompression bomb":        {sign(t, map[string]any{"user": "ada", "x": strings.Repeat("x", 2<<20)}, "dev"), nil},
	} {
		app := signed()
		app.Config.Set("SECRET_KEY_FALLBACKS", []string{"oldest", "older"})
		app.Get("/")(func(c *retort.Context) string {
			assert.Equal(t, tt.want, c.Session().Get("user"), name)
			assert.False(t, c.Session().Modified(), name)
			return "seen"
		})
		res := app.TestClient(retort.NoCookies()).Get("/", retort.WithCookie("session", tt.cookie))
		assert.Equal(t, "seen", res.Text, name)
		assert.Empty(t, res.Header["Set-Cookie"], name)
		assert.Equal(t, []string{"Cookie"}, res.Header["Vary"], name)
	}
}

// gibberish is a codec of another program.
type gibberish struct{}

func (gibberish) Dumps(any) ([]byte, error) { return []byte("{{"), nil }
func (gibberish) Loads([]byte, any) error   { return nil }

func TestACookieThatHoldsNoSessionIsLogged(t *testing.T) {
	for value, reason := range map[string]string{
		sign(t, []any{"user"}, "dev"):                  "it is a []interface {}, not a map[string]any",
		sign(t, 1, "dev", signing.Format(gibberish{})): "bad payload: rightly signed, but decode failed: ",
	} {
		app := signed()
		log := logInto(app)
		app.Get("/")(func(c *retort.Context) string { c.Session(); return "" })
		app.TestClient().Get("/", retort.WithCookie("session", value))
		assert.Contains(t, log.String(), `level=WARN msg="a session cookie is rightly signed, but holds no session: another program signs with the same SECRET_KEY and salt" reason="`+reason)
	}
}

func TestNewCookiesAreSignedWithTheKeyAndNotWithAFallback(t *testing.T) {
	app := signed()
	app.Config.Set("SECRET_KEY_FALLBACKS", []string{"older"})
	app.Get("/")(func(c *retort.Context) string { c.Session().Set("a", 1); return "" })
	client := app.TestClient()
	client.Get("/")
	s, err := signing.NewURLSafeTimedSerializer("dev", signing.Salt("cookie-session"), signing.Derivation(signing.DeriveHMAC))
	require.NoError(t, err)
	var values map[string]any
	_, err = s.Loads(client.Cookie("session").Value, &values, time.Minute)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"a": 1.0}, values)
}

func TestTheAttributesOfTheSignature(t *testing.T) {
	app := quiet()
	app.Config.Set("SECRET_KEY", []byte("\xff\x00"))
	app.SessionInterface = &retort.SecureCookieSessionInterface{Salt: "own", Digest: sha256.New, KeyDerivation: signing.DeriveConcat, Serializer: signing.JSON{}}
	app.Get("/")(func(c *retort.Context) string { c.Session().Set("a", 1); return "" })
	client := app.TestClient()
	client.Get("/")
	s, err := signing.NewURLSafeTimedSerializer("\xff\x00", signing.Salt("own"), signing.Digest(sha256.New), signing.Derivation(signing.DeriveConcat))
	require.NoError(t, err)
	var values map[string]any
	_, err = s.Loads(client.Cookie("session").Value, &values, time.Minute)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"a": 1.0}, values)
}

func TestASessionInterfaceServesTwoApps(t *testing.T) {
	shared := new(retort.SecureCookieSessionInterface)
	apps := make(map[string]*retort.App)
	for _, key := range []string{"one", "two"} {
		apps[key] = quiet()
		apps[key].SessionInterface = shared
		apps[key].Config.Set("SECRET_KEY", key)
		apps[key].Get("/")(func(c *retort.Context) string { return retort.SessionValue(c.Session(), "user", "") })
	}
	for _, key := range []string{"one", "two", "one"} {
		cookie := retort.WithCookie("session", sign(t, map[string]any{"user": key}, key))
		assert.Equal(t, key, apps[key].TestClient().Get("/", cookie).Text)
	}
}

const noKey = `the session is not available, because no SECRET_KEY is set. Make one with "retort secret" or "openssl rand -hex 32", keep it out of the source and the repository, and set it before the first request: app.Config.Set("SECRET_KEY", os.Getenv("SECRET_KEY")). With another key all sessions end, so it must stay the same when the program starts again`

func TestWithoutAKeyTheSessionIsEmptyAndCannotBeWritten(t *testing.T) {
	for name, write := range map[string]func(c *retort.Context){
		"Set":          func(c *retort.Context) { c.Session().Set("a", 1) },
		"Update":       func(c *retort.Context) { c.Session().Update(nil) },
		"SetDefault":   func(c *retort.Context) { c.Session().SetDefault("a", 1) },
		"Pop":          func(c *retort.Context) { c.Session().Pop("a") },
		"Clear":        func(c *retort.Context) { c.Session().Clear() },
		"MarkModified": func(c *retort.Context) { c.Session().MarkModified() },
		"RegenerateID": func(c *retort.Context) { c.Session().RegenerateID() },
	} {
		app := quiet()
		app.Config.Set("TESTING", true)
		app.Get("/write")(func(c *retort.Context) string { write(c); return "" })
		app.Get("/read")(func(c *retort.Context) string {
			assert.Zero(t, c.Session().Len())
			assert.Nil(t, c.Session().Get("a"))
			assert.Empty(t, c.FlashedMessages())
			return "read"
		})
		res := app.TestClient().Get("/read", retort.WithCookie("session", sign(t, map[string]any{"a": 1}, "dev")))
		assert.Equal(t, "read", res.Text)
		assert.Empty(t, res.Header["Vary"], "there is nothing that depends on a cookie")
		assert.EqualError(t, panicOf(t, func() { app.TestClient().Get("/write") }).(error), "panic: retort: Session."+name+": "+noKey)
	}
}

func TestTheSessionIsSavedOnEveryWay(t *testing.T) {
	app := signed()
	visit := func(c *retort.Context) { c.Session().Set("n", retort.SessionValue(c.Session(), "n", 0)+1) }
	app.Get("/text")(func(c *retort.Context) string { visit(c); return "x" })
	app.Get("/json")(func(c *retort.Context) any { visit(c); return retort.H{} })
	app.Get("/none")(func(c *retort.Context) error { visit(c); return nil })
	app.Get("/abort")(func(c *retort.Context) string { visit(c); retort.Abort(404); return "" })
	app.Get("/boom")(func(c *retort.Context) string { visit(c); panic("boom") })
	app.Get("/stream")(func(c *retort.Context) any { visit(c); return slices.Values([]string{"a", "b"}) })
	app.Get("/redirect")(func(c *retort.Context) any { visit(c); return c.Redirect("/text") })
	app.Get("/handler")(func(w http.ResponseWriter, r *http.Request) {
		visit(retort.FromContext(r.Context()))
		_, _ = w.Write([]byte("x"))
	})
	app.Get("/silent")(func(_ http.ResponseWriter, r *http.Request) { visit(retort.FromContext(r.Context())) })
	app.Mount("/mount", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { visit(retort.FromContext(r.Context())) }))
	app.BeforeRequest(func(c *retort.Context) {
		if c.Request.Args().Has("hook") {
			visit(c)
		}
	})
	client := app.TestClient()
	for i, target := range []string{"/text", "/json", "/none", "/abort", "/boom", "/stream", "/redirect", "/handler", "/silent", "/mount/x", "/nowhere?hook", "/text?hook"} {
		res := client.Get(target)
		assert.Len(t, res.Header["Set-Cookie"], 1, target)
		assert.Equal(t, []string{"Cookie"}, res.Header["Vary"], target)
		assert.GreaterOrEqual(t, retort.SessionValue(client.Session(), "n", 0), i+1, target)
	}
}

func TestAfterRequestFunctionsChangeTheSession(t *testing.T) {
	app := signed()
	app.AfterRequest(func(c *retort.Context, _ *retort.Response) { c.Session().Set("after", true) })
	app.Get("/")(func(c *retort.Context) string {
		c.AfterThisRequest(func(*retort.Response) { c.Session().Set("this", true) })
		return ""
	})
	client := app.TestClient()
	client.Get("/")
	assert.Equal(t, []string{"after", "this"}, client.Session().Keys())
}

func TestAFailingAfterRequestFunctionLosesTheSession(t *testing.T) {
	app := signed()
	app.AfterRequest(func(*retort.Context, *retort.Response) { panic("boom") })
	app.Get("/")(func(c *retort.Context) string { c.Session().Set("a", 1); return "" })
	res := app.TestClient().Get("/")
	assert.Equal(t, 500, res.Status)
	assert.Empty(t, res.Header["Set-Cookie"])
}

const tooLate = "too late: the header of the response has left, and with it the session was saved; change the session before the view returns a stream, and before a plain handler writes its first byte"

func TestChangingTheSessionWhenTheHeaderHasLeft(t *testing.T) {
	app := signed()
	var said []any
	try := func(c *retort.Context) {
		defer func() { said = append(said, recover()) }()
		assert.Equal(t, "before", c.Session().Get("a"), "reading is always possible")
		c.Session().Set("a", "after")
	}
	app.Get("/stream")(func(c *retort.Context) any {
		c.Session().Set("a", "before")
		return retort.Stream(func(yield func(string) bool) { try(c); yield("x") })
	})
	app.Get("/handler")(func(w http.ResponseWriter, r *http.Request) {
		c := retort.FromContext(r.Context())
		c.Session().Set("a", "before")
		_, _ = w.Write([]byte("x"))
		try(c)
	})
	app.TeardownRequest(func(c *retort.Context, _ error) { try(c) })
	app.TestClient().Get("/stream")
	app.TestClient().Get("/handler")
	want := "retort: Session.Set: " + tooLate
	assert.Equal(t, []any{want, want, want, want}, said)
}

func TestASessionThatIsFirstAskedForWhenTheHeaderHasLeft(t *testing.T) {
	app := signed()
	var said []any
	try := func(c *retort.Context) {
		defer func() { said = append(said, recover()) }()
		c.Session().Set("a", 1)
	}
	app.Get("/stream")(func(c *retort.Context) any {
		return retort.Stream(func(yield func(string) bool) { try(c); yield("x") })
	})
	app.Get("/handler")(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("x"))
		try(retort.FromContext(r.Context()))
	})
	app.Get("/text")(func(*retort.Context) string { return "" })
	app.Get("/json")(func(*retort.Context) any { return retort.H{} })
	app.TeardownRequest(func(c *retort.Context, _ error) {
		if c.Request.Args().Has("teardown") {
			try(c)
		}
	})
	for _, target := range []string{"/stream", "/handler", "/text?teardown", "/json?teardown"} {
		said = nil
		app.TestClient().Get(target)
		assert.Equal(t, []any{"retort: Session.Set: " + tooLate}, said, target)
	}
}

func TestPrintingASessionShowsNoSecrets(t *testing.T) {
	s := retort.NewSession("the-id", map[string]any{"secret": "word"})
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		assert.Equal(t, "Session, values: 1", fmt.Sprintf(verb, s), verb)
	}
	app := quiet()
	app.Get("/")(func(c *retort.Context) any { return c.RenderTemplateString("{{.s}}", retort.H{"s": s}) })
	assert.Equal(t, "Session, values: 1", app.TestClient().Get("/").Text)
}

func TestTheSessionOfACopyCanBeRead(t *testing.T) {
	app := signed()
	app.Get("/")(func(c *retort.Context) string {
		c.Session().Set("a", "1")
		copied := c.Copy()
		c.Session().Set("a", "2")
		assert.Equal(t, "1", copied.Session().Get("a"))
		assert.Equal(t, "retort: Session.Set: this is the session of a Context that has no response to be saved with: of a copy, or of a request that has ended",
			panicOf(t, func() { copied.Session().Set("a", "3") }))
		return ""
	})
	app.Get("/late")(func(c *retort.Context) string {
		copied := c.Copy()
		assert.Equal(t, "2", copied.Session().Get("a"), "loaded from the cookie of the copied request")
		return "seen"
	})
	client := app.TestClient()
	client.Get("/")
	assert.Equal(t, "seen", client.Get("/late").Text)
}

func TestASessionTooLargeForACookie(t *testing.T) {
	app := signed()
	log := logInto(app)
	app.Config.Set("MAX_COOKIE_SIZE", 300)
	app.Get("/")(func(c *retort.Context) string {
		c.Session().Update(map[string]any{"small": 1, "large": noise(600), "middle": noise(100), "less": noise(50)})
		return "never sent"
	})
	res := app.TestClient().Get("/")
	assert.Equal(t, 500, res.Status)
	assert.Empty(t, res.Header["Set-Cookie"])
	text := regexp.MustCompile(`would have \d+ bytes`).ReplaceAllString(log.String(), "would have N bytes")
	text = regexp.MustCompile(`_test\.go:\d+`).ReplaceAllString(text, "_test.go:N")
	assert.Equal(t, `level=ERROR msg="exception on / [GET]" error="the session cannot be saved: the cookie \"session\" would have N bytes, and MAX_COOKIE_SIZE is 300, because browsers drop larger ones without saying so; `+
		`the largest values are \"large\" (612 bytes), \"middle\" (113 bytes), \"less\" (61 bytes); keep such data on the server: app.SessionInterface = retort.StoreSessions(store)" type=*fmt.wrapError endpoint=/ `+
		`traceback="github.com/retort-go/retort_test.TestASessionTooLargeForACookie.func1\n    session_test.go:N  (the view; an error that is returned does not say where it came up)"`+"\n", text)

	app = signed()
	app.Config.Set("MAX_COOKIE_SIZE", 0)
	app.Get("/")(func(c *retort.Context) string { c.Session().Set("large", noise(9000)); return "" })
	client := app.TestClient()
	client.Get("/")
	assert.Len(t, client.Session().Get("large"), 9000, "without a limit it is written, and read again")
}

// noise is a text that cannot be compressed much.
func noise(n int) string {
	var b strings.Builder
	sum := sha256.Sum256([]byte("seed"))
	for b.Len() < n {
		for _, c := range sum {
			b.WriteByte("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"[c&63])
		}
		sum = sha256.Sum256(sum[:])
	}
	return b.String()[:n]
}

func TestAValueThatCannotBeStored(t *testing.T) {
	app := signed()
	log := logInto(app)
	app.Get("/")(func(c *retort.Context) string {
		c.Session().Update(map[string]any{"a": 1, "b": make(chan int)})
		return ""
	})
	assert.Equal(t, 500, app.TestClient().Get("/").Status)
	assert.Contains(t, log.String(), `error="the session cannot be saved: taggedjson: at \"b\": a chan int cannot be written as JSON"`)
	assert.Equal(t, 1, strings.Count(log.String(), "the session cannot be saved"), "it is not tried again for the page of the error")
}

func TestDebugTellsOfChangesThatAreNotNoticed(t *testing.T) {
	app := signed()
	log := logInto(app)
	app.Config.Set("DEBUG", true)
	app.Get("/set")(func(c *retort.Context) string { c.Session().Set("cart", []any{"a"}); return "" })
	app.Get("/lost")(func(c *retort.Context) string { c.Session().Get("cart").([]any)[0] = "b"; return "" })
	app.Get("/marked")(func(c *retort.Context) string {
		c.Session().Get("cart").([]any)[0] = "b"
		c.Session().MarkModified()
		return ""
	})
	client := app.TestClient()
	client.Get("/set")
	client.Get("/lost")
	assert.Equal(t, []any{"a"}, client.Session().Get("cart"))
	assert.Equal(t, `level=ERROR msg="the session value \"cart\" was changed in place; that is not saved" error="only changes of the session itself are noticed: call c.Session().MarkModified() after changing a map or slice in it, or Set it anew" type=*errors.errorString endpoint=/lost`+"\n", log.String())
	log.Reset()
	client.Get("/marked")
	assert.Equal(t, []any{"b"}, client.Session().Get("cart"))
	assert.Empty(t, log.String())
}

func TestVaryIsAddedToWhatIsThere(t *testing.T) {
	app := signed()
	app.AfterRequest(func(c *retort.Context, res *retort.Response) {
		res.Header.Set("Vary", c.Request.Args().Get("vary"))
	})
	app.Get("/")(func(c *retort.Context) string { c.Session(); return "" })
	app.Get("/untouched")(func(*retort.Context) string { return "" })
	client := app.TestClient()
	for vary, want := range map[string]string{"Accept": "Accept, Cookie", "cookie": "cookie", "Accept, COOKIE": "Accept, COOKIE"} {
		assert.Equal(t, []string{want}, client.Get("/", retort.WithQuery("vary", vary)).Header["Vary"])
	}
	assert.Equal(t, []string{"Accept"}, client.Get("/untouched?vary=Accept").Header["Vary"])
}

func FuzzSessionCookie(f *testing.F) {
	good := sign(f, map[string]any{"user": "ada"}, "dev")
	for _, seed := range []string{good, "", "..", ".eJyr.ZVPxAA.x", good + "=", strings.ToUpper(good), `"` + good + `"`} {
		f.Add(seed)
	}
	app := signed()
	app.Get("/")(func(c *retort.Context) string {
		value, _ := c.SessionCookie()
		return strings.Join(c.Session().Keys(), ",") + ";" + value
	})
	payload := good[:strings.IndexByte(good, '.')+1]
	f.Fuzz(func(t *testing.T, cookie string) {
		r := getRequest("/")
		r.Header.Set("Cookie", "session="+cookie)
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		require.Equal(t, 200, w.Code)
		keys, value, _ := strings.Cut(w.Body.String(), ";")
		if keys != "" {
			require.True(t, strings.HasPrefix(value, payload), "nobody else can sign: %q", cookie)
		}
	})
}
