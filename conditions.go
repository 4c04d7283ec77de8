package retort

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gorilla/mux"
)

// condition is what a request must meet besides path and method. gorilla/mux
// evaluates it.
type condition func(*http.Request) bool

// MatchHeaders has the rule answer only requests with these fields, given as
// names and values in pairs; an empty value takes any. Requests without them
// are matched on as if the rule were not there.
//
// Source: gorilla/mux: Route.Headers.
func MatchHeaders(pairs ...string) RouteOption {
	requirePairs("MatchHeaders", pairs)
	return muxCondition("MatchHeaders", func(r *mux.Route) *mux.Route { return r.Headers(pairs...) })
}

// MatchQueries has the rule answer only requests with these values in the
// query, given as names and values in pairs; an empty value takes any, {name}
// or {name:regexp} what fits.
//
// Source: gorilla/mux: Route.Queries.
func MatchQueries(pairs ...string) RouteOption {
	requirePairs("MatchQueries", pairs)
	return muxCondition("MatchQueries", func(r *mux.Route) *mux.Route { return r.Queries(pairs...) })
}

// MatchSchemes has the rule answer only requests with one of these schemes.
//
// Source: gorilla/mux: Route.Schemes.
func MatchSchemes(schemes ...string) RouteOption {
	if len(schemes) == 0 {
		panic("retort: MatchSchemes takes the schemes that the rule answers: MatchSchemes(\"https\")")
	}
	return muxCondition("MatchSchemes", func(r *mux.Route) *mux.Route { return r.Schemes(schemes...) })
}

// MatcherFunc has the rule answer only requests for which f is true. f is
// called after path and method have matched, by many goroutines, and must not
// change the request.
//
// Source: gorilla/mux: Route.MatcherFunc.
func MatcherFunc(f func(*http.Request) bool) RouteOption {
	if f == nil {
		panic("retort: MatcherFunc takes a func(*http.Request) bool, not nil")
	}
	return muxCondition("MatcherFunc", func(r *mux.Route) *mux.Route {
		return r.MatcherFunc(func(r *http.Request, _ *mux.RouteMatch) bool { return f(r) })
	})
}

// requirePairs panics unless there are names with their values.
func requirePairs(name string, pairs []string) {
	switch {
	case len(pairs) == 0:
		panic(fmt.Sprintf("retort: %s takes names and values in pairs, and got none", name))
	case len(pairs)%2 != 0:
		panic(fmt.Sprintf("retort: %s takes names and values in pairs, but the last name, %q, has no value; an empty one takes any", name, pairs[len(pairs)-1]))
	}
}

// muxCondition is a condition that a route of gorilla/mux holds.
func muxCondition(name string, add func(*mux.Route) *mux.Route) RouteOption {
	rt := add(mux.NewRouter().NewRoute())
	if err := rt.GetError(); err != nil {
		panic(fmt.Sprintf("retort: %s: %s", name, strings.TrimPrefix(err.Error(), "mux: ")))
	}
	return routeOption(func(o *routeOptions) {
		o.conditions = append(o.conditions, func(r *http.Request) bool {
			return rt.Match(r, new(mux.RouteMatch))
		})
	})
}
