package benchmarks

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/julienschmidt/httprouter"
	"github.com/labstack/echo/v5"

	"github.com/retort-go/retort"
)

// Route is a route of a set; :name stands for a variable of its path.
type Route struct{ Method, Path string }

var variable = regexp.MustCompile(`:(\w+)`)

// ReadRoutes reads the route set of a name from dir.
func ReadRoutes(dir, set string) ([]Route, error) {
	data, err := os.ReadFile(filepath.Join(dir, set+".json"))
	if err != nil {
		return nil, err
	}
	var routes []Route
	return routes, json.Unmarshal(data, &routes)
}

// with is the path with its variables written in another way.
func (r Route) with(form string) string { return variable.ReplaceAllString(r.Path, form) }

// URL is a path that the route matches.
func (r Route) URL() string { return r.with("value-of-$1") }

// Router makes an application that answers each route with a 204.
type Router func(routes []Route) http.Handler

// Routers are the applications by name.
func Routers() map[string]Router {
	return map[string]Router{
		"retort": RetortRoutes, "gin": GinRoutes, "echo": EchoRoutes,
		"chi": ChiRoutes, "httprouter": HTTPRouterRoutes, "ServeMux": ServeMuxRoutes,
	}
}

// noContent gives a view for a rule with n variables.
func noContent(n int) any {
	return [...]any{
		func() error { return nil },
		func(string) error { return nil },
		func(_, _ string) error { return nil },
		func(_, _, _ string) error { return nil },
		func(_, _, _, _ string) error { return nil },
	}[n]
}

// RetortRoutes serves the routes with retort.
func RetortRoutes(routes []Route) http.Handler {
	app := retort.New("routes")
	for i, r := range routes {
		view := noContent(len(variable.FindAllString(r.Path, -1)))
		app.AddURLRule(r.with("<$1>"), fmt.Sprint("r", i), view, retort.Methods(r.Method))
	}
	return app
}

// GinRoutes serves the routes with gin.
func GinRoutes(routes []Route) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	g := gin.New()
	for _, r := range routes {
		g.Handle(r.Method, r.Path, func(c *gin.Context) { c.Status(http.StatusNoContent); c.Writer.WriteHeaderNow() })
	}
	return g
}

// EchoRoutes serves the routes with echo.
func EchoRoutes(routes []Route) http.Handler {
	e := echo.New()
	for _, r := range routes {
		e.Add(r.Method, r.Path, func(c *echo.Context) error { return c.NoContent(http.StatusNoContent) })
	}
	return e
}

func write204(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

// ChiRoutes serves the routes with chi.
func ChiRoutes(routes []Route) http.Handler {
	m := chi.NewRouter()
	for _, r := range routes {
		m.MethodFunc(r.Method, r.with("{$1}"), write204)
	}
	return m
}

// HTTPRouterRoutes serves the routes with httprouter.
func HTTPRouterRoutes(routes []Route) http.Handler {
	m := httprouter.New()
	for _, r := range routes {
		m.Handle(r.Method, r.Path, func(w http.ResponseWriter, _ *http.Request, _ httprouter.Params) { w.WriteHeader(http.StatusNoContent) })
	}
	return m
}

// ServeMuxRoutes serves the routes with net/http's ServeMux.
func ServeMuxRoutes(routes []Route) http.Handler {
	m := http.NewServeMux()
	for _, r := range routes {
		pattern := r.with("{$1}")
		if strings.HasSuffix(pattern, "/") {
			pattern += "{$}"
		}
		m.HandleFunc(r.Method+" "+pattern, write204)
	}
	return m
}
