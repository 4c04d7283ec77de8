package retort_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
)

// tagged puts tag around what the view answers.
func tagged(tag string, view any) any {
	return retort.Decorate(view, func(_ *retort.Context, next retort.Next) any {
		return fmt.Sprintf("%s(%v)", tag, next())
	})
}

func TestDecoratorsStackAsInPython(t *testing.T) {
	app := answering(tagged("outer", tagged("inner", func() string { return "view" })))
	assert.Equal(t, "outer(inner(view))", app.TestClient().Get("/").Text)
}

func TestADecoratedViewKeepsItsParameters(t *testing.T) {
	app := quiet()
	app.Get("/<a>/<int:b>/<float:c>")(tagged("x", func(c *retort.Context, a string, b uint8, f float64) string {
		return fmt.Sprint(c.Endpoint(), " ", a, b, f)
	}))
	app.Get("/<int:n>")(tagged("y", oneNumber))
	client := app.TestClient()
	assert.Equal(t, "x(/<a>/<int:b>/<float:c> a7 1.5)", client.Get("/a/7/1.5").Text)
	assert.Equal(t, "y()", client.Get("/7").Text)
}

func TestADecoratedViewKeepsItsNameAndPlace(t *testing.T) {
	app := quiet()
	got := panicOf(t, func() { app.Get("/")(tagged("x", oneNumber)) })
	assert.Contains(t, got, "its view oneNumber ("+placeOf(oneNumber)+") do not fit")

	app.Get("/<int:n>")(tagged("x", oneNumber))
	assert.Equal(t, "oneNumber", app.TestRequestContext("/7").Endpoint())
}

func TestWhatNextGives(t *testing.T) {
	failed := errors.New("failed")
	for _, tt := range []struct {
		name string
		view any
		want any
	}{
		{"a string", func() string { return "a" }, "a"},
		{"a value of any", func() any { return 7 }, 7},
		{"nil", func() any { return nil }, nil},
		{"a map", func() retort.H { return retort.H{"a": 1} }, retort.H{"a": 1}},
		{"a value and no error", func() (any, error) { return "a", nil }, "a"},
		{"a value and an error", func() (any, error) { return "a", failed }, failed},
		{"an error", func() error { return failed }, failed},
		{"a status of 0 and no header", func() (string, int, http.Header) { return "a", 0, nil }, "a"},
		{"several results and an error", func() (string, int, error) { return "a", 201, failed }, failed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			calls := 0
			answering(retort.Decorate(tt.view, func(_ *retort.Context, next retort.Next) any {
				calls++
				assert.Equal(t, tt.want, next())
				return ""
			})).TestClient().Get("/")
			assert.Equal(t, 1, calls)
		})
	}
}

func TestNextGivesSeveralResultsAsOneResponse(t *testing.T) {
	for _, tt := range []struct {
		name   string
		view   any
		status int
		body   string
	}{
		{"a body and a status", func() (string, int) { return "a", 201 }, 201, "a"},
		{"a body and a header", func() (retort.H, http.Header) { return retort.H{}, http.Header{"X": {"1"}} }, 200, "{}\n"},
		{"a nil error", func() error { return nil }, 204, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res := answering(retort.Decorate(tt.view, func(_ *retort.Context, next retort.Next) any {
				res, ok := next().(*retort.Response)
				if assert.True(t, ok) {
					res.Header.Set("X-Decorated", "1")
				}
				return res
			})).TestClient().Get("/")
			assert.Equal(t, tt.status, res.Status)
			assert.Equal(t, tt.body, res.Text)
			assert.Equal(t, "1", res.Header.Get("X-Decorated"))
		})
	}
}

func TestADecoratorMayAnswerItself(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer any
		status int
		body   string
	}{
		{"a string", "no", 200, "no"},
		{"a response", retort.Reply("no", 403), 403, "no"},
		{"an error", retort.Error(401), 401, retort.Error(401).Page()},
		{"a map", retort.H{}, 200, "{}\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res := answering(retort.Decorate(func() string { t.Error("the view was called"); return "" },
				func(*retort.Context, retort.Next) any { return tt.answer })).TestClient().Get("/")
			assert.Equal(t, tt.status, res.Status)
			assert.Equal(t, tt.body, res.Text)
		})
	}
}

func TestADecoratorThatAnswersNil(t *testing.T) {
	app := answering(retort.Decorate(noArguments, func(_ *retort.Context, next retort.Next) any { next(); return nil }))
	log := logOf(app)
	assert.Equal(t, 500, app.TestClient().Get("/").Status)
	assert.Equal(t, []string{`endpoint "noArguments": ` + noAnswerText}, log.errors(t))
}

func TestADecoratorMayHandleThePanicOfTheView(t *testing.T) {
	res := answering(retort.Decorate(func() string { panic("no") }, func(_ *retort.Context, next retort.Next) (result any) {
		defer func() { result = fmt.Sprint("recovered ", recover()) }()
		return next()
	})).TestClient().Get("/")
	assert.Equal(t, "recovered no", res.Text)
}

func TestNextMayBeCalledOnce(t *testing.T) {
	app := answering(retort.Decorate(noArguments, func(_ *retort.Context, next retort.Next) any { next(); return next() }))
	log := logOf(app)
	client := app.TestClient()
	assert.Equal(t, 500, client.Get("/").Status)
	assert.Equal(t, 500, client.Get("/").Status)
	want := "panic: retort: a decorator called next twice; the view has run already"
	assert.Equal(t, []string{want, want}, log.errors(t))
}

func TestDecoratedHandlersAndGatewayApplications(t *testing.T) {
	for _, tt := range []struct {
		name string
		view any
		want string
	}{
		{"a handler", handler{"handler"}, "handler"},
		{"a handler function", handler{"function"}.ServeHTTP, "function"},
		{"a gateway application", gateway.AppFunc(gatewayHello), "gateway"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stop := false
			client := answering(retort.Decorate(tt.view, func(_ *retort.Context, next retort.Next) any {
				if stop {
					return "stopped"
				}
				return next()
			})).TestClient()
			assert.Equal(t, tt.want, client.Get("/").Text)
			stop = true
			assert.Equal(t, "stopped", client.Get("/").Text)
		})
	}
}

func TestARouteGivesItsViewBack(t *testing.T) {
	app := quiet()
	view := func(page int) string { return fmt.Sprint("page ", page) }
	app.Get("/all/", retort.Default("page", 1))(app.Get("/all/page/<int:page>", retort.Endpoint("all"))(view))
	app.Get("/<int:page>")(tagged("x", app.Get("/plain/<int:page>", retort.Endpoint("plain"))(view)))
	client := app.TestClient()
	assert.Equal(t, "page 1", client.Get("/all/").Text)
	assert.Equal(t, "page 2", client.Get("/all/page/2").Text)
	assert.Equal(t, "page 2", client.Get("/plain/2").Text)
	assert.Equal(t, "x(page 2)", client.Get("/2").Text)
}

// The Context of a decorator is that of the view and of the hooks.
func TestADecoratorSharesTheContext(t *testing.T) {
	user := retort.NewKey[string]("user")
	app := answering(retort.Decorate(func(c *retort.Context) string { return user.Get(c) },
		func(c *retort.Context, next retort.Next) any { user.Set(c, user.Get(c)+" and grace"); return next() }))
	app.BeforeRequest(func(c *retort.Context) { user.Set(c, "ada") })
	assert.Equal(t, "ada and grace", app.TestClient().Get("/").Text)
}
