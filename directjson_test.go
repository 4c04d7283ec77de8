package retort_test

import (
	"encoding/json"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

// A JSON value is sent in a shorter way when no function looks at the response.
// Nobody may see the difference.
func TestJSONIsTheSameWithAndWithoutAfterRequest(t *testing.T) {
	long := make([]int, 200)
	for _, tt := range []struct {
		name   string
		view   any
		method string
		status int
		logged bool
	}{
		{"a map", func() any { return retort.H{"a": 1} }, "GET", 200, false},
		{"a struct", func() any { return struct{ A int }{1} }, "GET", 200, false},
		{"a pointer", func() any { return &struct{ A int }{1} }, "GET", 200, false},
		{"a slice, longer than the lengths at hand", func() any { return long }, "GET", 200, false},
		{"a nil map", func() any { return map[string]int(nil) }, "GET", 200, false},
		{"a value of a type that writes itself", func() any { return ownTime{} }, "GET", 200, false},
		{"with a Context", func(*retort.Context) (any, error) { return retort.H{"a": 1}, nil }, "GET", 200, false},
		{"with a status", func() (any, int) { return retort.H{"a": 1}, 201 }, "GET", 201, false},
		{"HEAD", func() any { return retort.H{"a": 1} }, "HEAD", 200, false},
		{"text of JSON", func() any { return json.RawMessage(`{"a": 1}`) }, "GET", 200, false},
		{"bytes", func() any { return []byte("a") }, "GET", 200, false},
		{"a nil pointer", func() any { return (*struct{})(nil) }, "GET", 500, true},
		{"a number", func() any { return 7 }, "GET", 500, true},
		{"what JSON cannot say", func() any { return []any{func() {}} }, "GET", 500, true},
		{"a MarshalJSON that panics", func() any { return []any{panics{}} }, "GET", 500, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			send := func(after func(*retort.App)) (*httptest.ResponseRecorder, []string) {
				app := answering(tt.view)
				log := logOf(app)
				after(app)
				w := httptest.NewRecorder()
				func() {
					defer func() { _ = recover() }() // an error that leaves the app, where nobody runs it
					app.ServeHTTP(w, httptest.NewRequest(tt.method, "/", nil))
				}()
				return w, log.errors(t)
			}
			short, shortLog := send(func(*retort.App) {})
			long, longLog := send(func(app *retort.App) { app.AfterRequest(func(*retort.Context, *retort.Response) {}) })
			assert.Equal(t, tt.status, short.Code)
			assert.Equal(t, long.Code, short.Code)
			assert.Equal(t, long.Header(), short.Header())
			assert.Equal(t, long.Body.String(), short.Body.String())
			assert.Equal(t, longLog, shortLog)
			assert.Equal(t, tt.logged, len(shortLog) > 0)
		})
	}
}

func TestFunctionsOfThisRequestSeeTheJSON(t *testing.T) {
	app := answering(func(c *retort.Context) any {
		c.AfterThisRequest(func(res *retort.Response) { res.Header.Set("X-Seen", "yes"); res.Status = 202 })
		return retort.H{"a": 1}
	})
	res := app.TestClient().Get("/")
	assert.Equal(t, 202, res.Status)
	assert.Equal(t, "yes", res.Header.Get("X-Seen"))
	assert.Equal(t, "{\"a\":1}\n", res.Text)
}

func TestTeardownRunsAfterJSON(t *testing.T) {
	app := answering(func() any { return retort.H{} })
	errs := teardowns(app)
	app.TestClient().Get("/")
	assert.Equal(t, []error{nil}, *errs)
}

type jsonValue struct {
	Name string
	N    int
}
