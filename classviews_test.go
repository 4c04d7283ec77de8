package retort_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// The structs of these tests are named after what they have.

type anyMethod struct{}

func (anyMethod) DispatchRequest(c *retort.Context) string { return c.Request.Method() }

type getPost struct{}

func (*getPost) Get() string  { return "GET" }
func (*getPost) Post() string { return "POST" }

type getPostDelete struct{ getPost }

func (*getPostDelete) Delete() string { return "DELETE" }

// answersGetAndPost is what the tests of Flask ask of most class-based views.
func answersGetAndPost(t *testing.T, app *retort.App) {
	t.Helper()
	client := app.TestClient()
	assert.Equal(t, "GET", client.Get("/").Text)
	assert.Equal(t, "POST", client.Post("/").Text)
	res := client.Put("/")
	assert.Equal(t, 405, res.Status)
	assert.Equal(t, "GET, HEAD, OPTIONS, POST", res.Header.Get("Allow"))
	assert.Equal(t, "GET, HEAD, OPTIONS, POST", client.Options("/").Header.Get("Allow"))
}

func TestAViewOfAStruct(t *testing.T) {
	app := quiet()
	app.Route("/", retort.Methods("GET", "POST"))(retort.View(&anyMethod{}))
	answersGetAndPost(t, app)
}

func TestAViewAnswersGETByDefault(t *testing.T) {
	app := quiet()
	app.Route("/")(retort.View(anyMethod{}))
	client := app.TestClient()
	assert.Equal(t, "GET", client.Get("/").Text)
	assert.Equal(t, "GET, HEAD, OPTIONS", client.Post("/").Header.Get("Allow"))
}

func TestAMethodView(t *testing.T) {
	app := quiet()
	app.Route("/")(retort.MethodView(&getPost{}))
	answersGetAndPost(t, app)
}

func TestAMethodViewByTheOtherWaysOfRegistering(t *testing.T) {
	app := quiet()
	app.AddURLRule("/", "index", retort.MethodView(&getPost{}))
	answersGetAndPost(t, app)

	app = quiet()
	bp := retort.NewBlueprint("site")
	bp.Route("/")(retort.MethodView(&getPost{}))
	app.RegisterBlueprint(bp)
	answersGetAndPost(t, app)
	assert.Equal(t, "site.getPost", app.TestRequestContext("/").Endpoint())
}

func TestTheMethodsOfEmbeddedStructs(t *testing.T) {
	app := quiet()
	app.Route("/")(retort.MethodView(&getPostDelete{}))
	client := app.TestClient()
	assert.Equal(t, "DELETE, GET, HEAD, OPTIONS, POST", client.Options("/").Header.Get("Allow"))
	assert.Equal(t, "POST", client.Post("/").Text)
	assert.Equal(t, "DELETE", client.Delete("/").Text)
}

func TestMethodsTakesMethodsAway(t *testing.T) {
	app := quiet()
	app.Route("/", retort.Methods("GET"))(retort.MethodView(&getPost{}))
	client := app.TestClient()
	assert.Equal(t, "GET", client.Get("/").Text)
	assert.Equal(t, 405, client.Post("/").Status)
}

type getPropfind struct{}

func (getPropfind) Get() string                 { return "GET" }
func (getPropfind) Propfind() string            { return "PROPFIND" }
func (getPropfind) Close(what, how string) bool { return false }

func TestMethodsAsksForOtherMethods(t *testing.T) {
	app := quiet()
	app.Route("/", retort.Methods("GET", "PROPFIND"))(retort.MethodView(getPropfind{}))
	client := app.TestClient()
	assert.Equal(t, "GET", client.Get("/").Text)
	assert.Equal(t, "PROPFIND", client.Open("PROPFIND", "/").Text)

	app = quiet()
	app.Route("/")(retort.MethodView(getPropfind{}))
	assert.Equal(t, 405, app.TestClient().Open("PROPFIND", "/").Status, "it must be asked for")
}

type parachute struct{ opened *[]string }

func (parachute) Get() string             { return "Awesome" }
func (parachute) DispatchRequest() string { return "Awesome" }

func (p parachute) open(name string) retort.Decorator {
	return func(view any) any {
		return retort.Decorate(view, func(c *retort.Context, next retort.Next) any {
			*p.opened = append(*p.opened, name)
			res := retort.Reply(next())
			res.Header.Set("X-Parachute", "awesome")
			return res
		})
	}
}

func TestTheDecoratorsOfAClass(t *testing.T) {
	for _, classView := range []func(any, ...retort.Decorator) any{retort.View, retort.MethodView} {
		app := quiet()
		p := parachute{new([]string)}
		app.Get("/")(p.open("outermost")(classView(p, p.open("first"), p.open("second"))))
		res := app.TestClient().Get("/")
		assert.Equal(t, "awesome", res.Header.Get("X-Parachute"))
		assert.Equal(t, "Awesome", res.Text)
		assert.Equal(t, []string{"outermost", "second", "first"}, *p.opened)
		assert.Equal(t, "parachute", app.TestRequestContext("/").Endpoint())
	}
}

func TestAutomaticOptionsOfAClass(t *testing.T) {
	app := quiet()
	app.Route("/", retort.ProvideAutomaticOptions(false))(retort.View(anyMethod{}))
	assert.Equal(t, 405, app.TestClient().Options("/").Status)

	app = quiet()
	app.Config.Set("PROVIDE_AUTOMATIC_OPTIONS", false)
	app.Route("/", retort.ProvideAutomaticOptions(true))(retort.MethodView(&getPost{}))
	app.Route("/off")(retort.View(anyMethod{}))
	client := app.TestClient()
	assert.Equal(t, "GET, HEAD, OPTIONS, POST", client.Options("/").Header.Get("Allow"))
	assert.Equal(t, 405, client.Options("/off").Status)
}

type getOptions struct{}

func (getOptions) Get() string { return "GET" }
func (getOptions) Options() (string, http.Header) {
	return "", http.Header{"X-Test": {"test"}}
}

func TestAMethodOptionsTakesThePlaceOfTheAutomaticOne(t *testing.T) {
	app := quiet()
	app.Route("/")(retort.MethodView(getOptions{}))
	app.Route("/view", retort.Methods("OPTIONS"))(retort.View(anyMethod{}))
	client := app.TestClient()
	res := client.Options("/")
	assert.Equal(t, "test", res.Header.Get("X-Test"))
	assert.Empty(t, res.Header.Get("Allow"))
	assert.Equal(t, "OPTIONS", client.Options("/view").Text)
}

type implicitHead struct{}

func (implicitHead) Get(c *retort.Context) (string, http.Header) {
	return "Blub", http.Header{"X-Method": {c.Request.Method()}}
}

type explicitHead struct{ implicitHead }

func (explicitHead) Head() (string, http.Header) { return "", http.Header{"X-Method": {"own"}} }

func TestHEADOfAMethodView(t *testing.T) {
	app := quiet()
	app.Route("/implicit")(retort.MethodView(implicitHead{}))
	app.Route("/explicit")(retort.MethodView(&explicitHead{}))
	app.Route("/only", retort.Methods("HEAD"), retort.Endpoint("only"))(retort.MethodView(implicitHead{}))
	client := app.TestClient()
	for _, tt := range []struct{ target, get, head string }{{"/implicit", "GET", "HEAD"}, {"/explicit", "GET", "own"}, {"/only", "", "HEAD"}} {
		assert.Equal(t, tt.get, client.Get(tt.target).Header.Get("X-Method"), tt.target)
		res := client.Head(tt.target)
		assert.Equal(t, tt.head, res.Header.Get("X-Method"), tt.target)
		assert.Empty(t, res.Text)
	}
}

type counter struct {
	n    *int
	seen int
}

func (c *counter) Get() string {
	c.seen++
	return fmt.Sprint(*c.n, c.seen)
}
func (c *counter) DispatchRequest() string { return c.Get() }
func (c *counter) Put(w http.ResponseWriter, r *http.Request) {
	fmt.Fprint(w, r.Method, *c.n, c.seen)
}

func TestOneInstanceForAllRequestsOrANewOneForEach(t *testing.T) {
	n := 0
	build := func() *counter { n++; return &counter{n: &n} }
	for name, classView := range map[string]func(any, ...retort.Decorator) any{"View": retort.View, "MethodView": retort.MethodView} {
		n = 0
		app := quiet()
		app.Route("/once")(classView(build()))
		app.Route("/each", retort.Endpoint("each"))(classView(build))
		app.Route("/context", retort.Endpoint("context"))(classView(func(c *retort.Context) *counter { return &counter{&n, len(c.Request.Path())} }))
		client := app.TestClient()
		assert.Equal(t, "1 1", client.Get("/once").Text, name)
		assert.Equal(t, "1 2", client.Get("/once").Text, name)
		assert.Equal(t, "2 1", client.Get("/each").Text, name)
		assert.Equal(t, "3 1", client.Get("/each").Text, name)
		assert.Equal(t, "3 9", client.Get("/context").Text, name)
		if name == "MethodView" {
			assert.Equal(t, "PUT3 2", client.Put("/once").Text, "a handler function")
			assert.Equal(t, "PUT4 0", client.Put("/each").Text, "a handler function")
		}
	}
}

type userAPI struct{ greeting string }

func (a *userAPI) Get(id userID) string  { return fmt.Sprint(a.greeting, " ", id) }
func (a *userAPI) Post() (retort.H, int) { return retort.H{"made": true}, 201 }
func (a *userAPI) Delete(c *retort.Context, id int) error {
	if id == 0 {
		return retort.Error(403)
	}
	return nil
}

func TestOneValueAnswersSeveralRules(t *testing.T) {
	app := quiet()
	users := retort.MethodView(&userAPI{"user"})
	app.Route("/users/", retort.Methods("POST"))(users)
	app.Route("/users/", retort.Methods("GET"), retort.Default("id", 0))(users)
	app.Route("/users/<int:id>", retort.Methods("GET", "DELETE"))(users)
	client := app.TestClient()
	assert.Equal(t, "user 7", client.Get("/users/7").Text)
	assert.Equal(t, "user 0", client.Get("/users/").Text)
	assert.Equal(t, 201, client.Post("/users/").Status)
	assert.Equal(t, 204, client.Delete("/users/7").Status)
	assert.Equal(t, 403, client.Delete("/users/0").Status)
	assert.Equal(t, "DELETE, GET, HEAD, OPTIONS", client.Post("/users/7").Header.Get("Allow"))
	assert.Equal(t, "GET, HEAD, OPTIONS, POST", client.Put("/users/").Header.Get("Allow"))
	c := app.TestRequestContext("/")
	assert.Equal(t, "/users/7", c.URLFor("userAPI", "id", 7))
	assert.Equal(t, "/users/", c.URLFor("userAPI"))
}

type itemAPI[T any] struct{ item T }

func (a itemAPI[T]) Get() retort.H { return retort.H{"item": a.item} }

func TestTheEndpointOfAClassIsTheNameOfItsType(t *testing.T) {
	app := quiet()
	app.Route("/")(retort.MethodView(itemAPI[int]{7}))
	app.Route("/method")(retort.MethodView(struct{ itemAPI[int] }{}))
	assert.Equal(t, "itemAPI", app.TestRequestContext("/").Endpoint())
	assert.Equal(t, "/method", app.TestRequestContext("/method").Endpoint(), "a type without a name")
	assert.JSONEq(t, `{"item": 7}`, app.TestClient().Get("/").Text)

	app = quiet()
	app.Route("/user", retort.Endpoint("user"))(retort.MethodView(&getPost{}))
	assert.Equal(t, "user", app.TestRequestContext("/user", retort.WithMethod("POST")).Endpoint())
}

// placeOfMethod is the line on which a method of v is declared.
func placeOfMethod(v any, name string) string {
	m, _ := reflect.TypeOf(v).MethodByName(name)
	return placeOf(m.Func.Interface())
}

func TestAMethodThatDoesNotFitItsRule(t *testing.T) {
	users := retort.MethodView(&userAPI{})
	get, post := placeOfMethod(&userAPI{}, "Get"), placeOfMethod(&userAPI{}, "Post")
	class := here()
	pages := retort.MethodView(&getPost{})
	testRefusals(t, []refusal{
		{"a method without the variable", here(), func(app *retort.App) { app.Route("/users/<int:id>")(users) },
			`retort: the rule "/users/<int:id>" (HERE) and its view userAPI.Post (` + post + `) do not fit: the rule gives id (int), but the view takes none; the view is of type func() (retort.H, int); make it func(id int), or change the rule, or register it for the methods that fit: Methods("DELETE", "GET")`},
		{"a method that wants a variable", here(), func(app *retort.App) { app.Get("/users/")(users) },
			`retort: the rule "/users/" (HERE) and its view userAPI.Get (` + get + `) do not fit: the rule gives no arguments, but the view takes retort_test.userID; the view is of type func(retort_test.userID) string; make it func(), or change the rule, or register it for the methods that fit: Methods("POST")`},
		{"a type that does not fit", here(), func(app *retort.App) { app.Get("/users/<name>")(users) },
			`retort: the rule "/users/<name>" (HERE) and its view userAPI.Get (` + get + `) do not fit: the rule gives name as type string, but parameter 1 of the view is of type retort_test.userID; the view is of type func(retort_test.userID) string; make it func(name string), or change the rule`},
		{"a method that is not there", here(), func(app *retort.App) { app.Put("/")(pages) },
			`retort: the rule "/" (HERE) answers PUT, but its view getPost (` + lineAfter(class) + `) has no method Put that could be a view; write it, or leave PUT out of the rule's Methods`},
		{"a method that is no view", here(), func(app *retort.App) { app.Route("/", retort.Methods("CLOSE"))(retort.MethodView(getPropfind{})) },
			`retort: the rule "/" (HERE) answers CLOSE, but its view getPropfind (HERE) has no method Close that could be a view; write it, or leave CLOSE out of the rule's Methods`},
		{"a view", here(), func(app *retort.App) { app.Get("/<int:id>")(retort.View(&anyMethod{})) },
			`retort: the rule "/<int:id>" (HERE) and its view anyMethod.DispatchRequest (` + placeOfMethod(anyMethod{}, "DispatchRequest") + `) do not fit: the rule gives id (int), but the view takes none; the view is of type func(*retort.Context) string; make it func(c *retort.Context, id int), or change the rule`},
	})
}

// lineAfter is the line below a place.
func lineAfter(place string) string {
	file, line, _ := strings.Cut(place, ":")
	n := 0
	_, _ = fmt.Sscan(line, &n)
	return fmt.Sprintf("%s:%d", file, n+1)
}

type (
	noMethods   struct{}
	inCapitals  struct{}
	variadicGet struct{}
	silentView  struct{}
	onPointer   struct{}
)

func (noMethods) Close() error             { return nil }
func (inCapitals) GET() string             { return "" }
func (variadicGet) Get(a ...string) string { return "" }
func (silentView) DispatchRequest()        {}
func (*onPointer) Get() string             { return "" }
func (*onPointer) DispatchRequest() string { return "" }

func TestAClassThatIsNoView(t *testing.T) {
	var nilUsers *userAPI
	const methods = "Get, Head, Post, Put, Delete, Options, Trace or Patch; methods are found only when they are exported"
	for _, tt := range []struct {
		name, at string
		do       func()
		want     string
	}{
		{"nil", here(), func() { retort.MethodView(nil) }, "MethodView: the value is nil; give a pointer to a struct, or a function that makes one for each request"},
		{"a nil pointer", here(), func() { retort.View(nilUsers) }, "View: the value is nil; give a pointer to a struct, or a function that makes one for each request"},
		{"no methods", here(), func() { retort.MethodView(&noMethods{}) }, "MethodView: *retort_test.noMethods has no method " + methods},
		{"no DispatchRequest", here(), func() { retort.View(&getPost{}) }, "View: *retort_test.getPost has no method DispatchRequest; to answer each method of HTTP by a method of its own, use retort.MethodView"},
		{"only DispatchRequest", here(), func() { retort.MethodView(&anyMethod{}) }, "MethodView: *retort_test.anyMethod has a method DispatchRequest, which is that of a retort.View"},
		{"a method in capitals", here(), func() { retort.MethodView(inCapitals{}) }, "MethodView: retort_test.inCapitals has a method GET, which no request would get to; call it Get"},
		{"methods of a pointer", here(), func() { retort.MethodView(onPointer{}) }, "MethodView: the methods of retort_test.onPointer are those of a pointer to it; give a pointer: &retort_test.onPointer{…}"},
		{"DispatchRequest of a pointer", here(), func() { retort.View(onPointer{}) }, "View: the methods of retort_test.onPointer are those of a pointer to it; give a pointer: &retort_test.onPointer{…}"},
		{"a variadic method", here(), func() { retort.MethodView(variadicGet{}) },
			"MethodView: the view variadicGet.Get (" + placeOfMethod(variadicGet{}, "Get") + ") has a variadic parameter; a view takes a *retort.Context and the arguments of its rule, one by one"},
		{"a method without a result", here(), func() { retort.View(silentView{}) },
			"View: the view silentView.DispatchRequest (" + placeOfMethod(silentView{}, "DispatchRequest") + ") returns nothing; return a string, a *retort.Response, any, or an error (nil answers 204)"},
		{"a function that takes something else", here(), func() { retort.View(func(int) *getPost { return nil }) },
			"View: func(int) *retort_test.getPost makes no value for a request; a func() *T or a func(*retort.Context) *T does, where T is a type with methods"},
		{"a function that makes an interface", here(), func() { retort.View(func() http.Handler { return nil }) },
			"View: func() http.Handler makes no value for a request; a func() *T or a func(*retort.Context) *T does, where T is a type with methods"},
		{"a view function", here(), func() { retort.MethodView(noArguments) }, "MethodView: string has no method " + methods},
		{"a nil decorator", here(), func() { retort.View(anyMethod{}, nil) }, "View: decorator 1 is nil"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, "retort: "+tt.at+": "+tt.want, panicOf(t, tt.do))
		})
	}
}

func TestAStructIsNoViewByItself(t *testing.T) {
	const want = `retort: HERE: rule "/": a view is a function, an http.Handler or a gateway.App, not of type `
	testRefusals(t, []refusal{
		{"with methods", here(), func(app *retort.App) { app.Get("/")(&getPost{}) }, want + "*retort_test.getPost; retort.MethodView makes a view of its methods"},
		{"with DispatchRequest", here(), func(app *retort.App) { app.Get("/")(anyMethod{}) }, want + "retort_test.anyMethod; retort.View makes a view of its method DispatchRequest"},
		{"with other methods", here(), func(app *retort.App) { app.Get("/")(noMethods{}) }, want + "retort_test.noMethods"},
	})
}

func TestAnotherInstanceUnderTheSameEndpoint(t *testing.T) {
	app := quiet()
	shared := &getPostDelete{}
	first := below()
	app.Route("/")(retort.MethodView(shared))
	second := below()
	got := panicOf(t, func() { app.Route("/other")(retort.MethodView(func() *getPostDelete { return nil })) })
	assert.Equal(t, `retort: `+second+`: the endpoint "getPostDelete" has a view already: getPostDelete (`+first+`), registered at `+first+
		`; the new one is getPostDelete (`+second+`); give one of them an Endpoint of its own, or URLFor could not tell them apart`, got)
	require.Panics(t, func() { app.Get("/function", retort.Endpoint("getPostDelete"))(noArguments) })
	app.Route("/again")(retort.MethodView(shared))
	assert.Equal(t, "DELETE", app.TestClient().Delete("/again").Text, "the same instance may have several rules")
}

type permuted struct{}

func (p *permuted) Get(month, year int) string      { return fmt.Sprint(month, year) }
func (p permuted) Put(year, month int) string       { return fmt.Sprint(month, year) }
func (p permuted) Post(x, y int) (string, error)    { return "", nil }
func (p *permuted) DispatchRequest(b, a int) string { return "" }

func TestPermutedParameterNamesOfMethodsAreReported(t *testing.T) {
	get, dispatch := placeOfMethod(&permuted{}, "Get"), placeOfMethod(&permuted{}, "DispatchRequest")
	log := warnings(t, true, func(app *retort.App) {
		app.Route("/<int:year>/<int:month>")(retort.MethodView(&permuted{}))
		app.Route("/of/<int:a>/<int:b>", retort.Endpoint("of"))(retort.View(&permuted{}))
	})
	assert.Equal(t, 2, strings.Count(log, "another order"))
	assert.Contains(t, log, `view="permuted.Get (`+get+`)"`)
	assert.Contains(t, log, `gets="[year month]" takes="[month year]"`)
	assert.Contains(t, log, `view="permuted.DispatchRequest (`+dispatch+`)"`)
}
