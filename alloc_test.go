package retort_test

import (
	"net/http"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// allocations is how many allocations a request costs.
func allocations(t *testing.T, app http.Handler, method, path string, status int) float64 {
	t.Helper()
	w := &sinkWriter{header: http.Header{}}
	r := getRequest(path)
	r.Method = method
	app.ServeHTTP(w, r)
	require.Equal(t, status, w.status)
	return testing.AllocsPerRun(200, func() { app.ServeHTTP(w, r) })
}

func TestAllocationsOfARequest(t *testing.T) {
	for _, tt := range []struct {
		name, method, path string
		status             int
		most               float64
	}{
		{"a typed view that returns its parameter", "GET", "/typed/ada", 200, 0},
		{"HEAD of it", "HEAD", "/typed/ada", 200, 0},
		{"a view with a number", "GET", "/number/7", 200, 0},
		{"a view with a Context", "GET", "/context/ada", 200, 1},
		{"a view that only reflection can call", "GET", "/reflected/7/ada", 200, 4},
		{"what is not there", "GET", "/nothing", 404, 0},
		{"a wrong method", "GET", "/write", 405, 64},
	} {
		assert.LessOrEqual(t, allocations(t, viewApp(), tt.method, tt.path, tt.status), tt.most, tt.name)
	}
}

func TestConditionsOfOneRuleCostTheOthersNothing(t *testing.T) {
	app := viewApp()
	app.AddURLRule("/guarded", "guarded", noArguments, retort.MatchHeaders("X-Own", "1"))
	assert.LessOrEqual(t, allocations(t, app, "GET", "/typed/ada", 200), 1.0, "one closure over the request")
}

func TestALongPageAllocatesOnlyItsLength(t *testing.T) {
	app := quiet()
	page := string(make([]byte, 1000))
	app.Get("/")(func() string { return page })
	assert.LessOrEqual(t, allocations(t, app, "GET", "/", 200), 2.0, "the text of the Content-Length and its slice")
}

func TestTheSizeOfAContext(t *testing.T) {
	assert.LessOrEqual(t, reflect.TypeFor[retort.Context]().Size(), uintptr(128))
}

func TestAllocationsOfURLFor(t *testing.T) {
	c := site().TestRequestContext("/user/ada")
	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { c.URLFor("post", "id", 7) }), 2.0, "the list of values and the URL")
}
