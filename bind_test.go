package retort_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/datastructures"
)

type address struct {
	City string `json:"city" required:"true"`
	Zip  int32  `json:"zip"`
}

type order struct {
	Title   string             `json:"title" required:"true"`
	Count   uint8              `json:"count"`
	Price   float64            `json:"price"`
	Paid    *bool              `json:"paid"`
	When    time.Time          `json:"when"`
	Raw     []byte             `json:"raw"`
	Home    *address           `json:"home"`
	Stops   []address          `json:"stops"`
	Rooms   map[string]address `json:"rooms"`
	Ignored int                `json:"-"`
}

// bindJSON binds a body and gives the faults as one text.
func bindJSON(body string, v any) (code int, faults string) {
	err := posted(quiet(), "/", body, "application/json").Request.BindJSON(v)
	return faultsOf(err)
}

func faultsOf(err error) (code int, faults string) {
	var bad *retort.BindError
	if !errors.As(err, &bad) {
		return 0, fmt.Sprint(err)
	}
	var list []string
	for _, f := range bad.Fields {
		list = append(list, f.In+" "+f.String())
	}
	return bad.Code, strings.Join(list, "; ")
}

func TestBindJSONGivesAllFaultsAtOnce(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		code       int
		faults     string
	}{
		{"all is well", `{"title": "a", "count": 255, "price": 1e3, "home": {"city": "b"}}`, 0, "<nil>"},
		{"zero is not missing", `{"title": "", "count": 0}`, 0, "<nil>"},
		{"another case of a name, as encoding/json has it", `{"TITLE": "a"}`, 0, "<nil>"},
		{"a required field is missing", `{}`, 422, "json title is missing"},
		{"null is missing", `{"title": null}`, 422, "json title is missing"},
		{"null is all right elsewhere", `{"title": "a", "home": null, "stops": null}`, 0, "<nil>"},
		{"each of several faults", `{"title": 1, "count": 256, "price": "x", "paid": "yes", "when": "now", "raw": "?"}`, 422,
			`json title is not a text; json count is out of range; json price is not a number; json paid is neither true nor false; json when is not a time such as "2006-01-02T15:04:05Z"; json raw is not a text in base64`},
		{"a fraction is no whole number", `{"title": "a", "count": 1.5}`, 422, "json count is not a whole number"},
		{"faults further down", `{"title": "a", "home": {"zip": "x"}, "stops": [{"city": "b"}, {}, 7], "rooms": {"r": {"city": 1}}}`, 422,
			"json home.city is missing; json home.zip is not a whole number; json stops[1].city is missing; json stops[2] is not an object; json rooms.r.city is not a text"},
		{"no list", `{"title": "a", "stops": {}, "rooms": []}`, 422, "json stops is not a list; json rooms is not an object"},
		{"no object", `[]`, 422, "json the value is not an object"},
		{"no JSON", `{"title": `, 400, ""},
		{"no UTF-8", "{\"title\": \"\xff\"}", 400, ""},
		{"nothing", ``, 400, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, faults := bindJSON(tt.body, new(order))
			assert.Equal(t, tt.code, code)
			assert.Equal(t, tt.faults, faults)
		})
	}
}

func TestBindJSONOfWhatIsNoStruct(t *testing.T) {
	var numbers []int8
	code, faults := bindJSON(`[1, "x", 300]`, &numbers)
	assert.Equal(t, 422, code)
	assert.Equal(t, "json [1] is not a whole number; json [2] is out of range", faults)
	var v any
	_, faults = bindJSON(`[1]`, &v)
	assert.Equal(t, "<nil>", faults)
	assert.Equal(t, []any{1.0}, v)
}

func TestBindJSONRefusesAnotherContentType(t *testing.T) {
	err := posted(quiet(), "/", "{}", "text/plain").Request.BindJSON(new(order))
	var e *retort.HTTPError
	require.ErrorAs(t, err, &e)
	assert.Equal(t, 415, e.Code)
}

type node struct {
	Next *node `json:"next"`
	N    int   `json:"n" required:"true"`
}

// tree holds itself more than once.
type tree struct {
	Left  *tree           `json:"left"`
	Right *tree           `json:"right"`
	More  []tree          `json:"more"`
	Named map[string]tree `json:"named"`
	N     int             `json:"n"`
}

func TestBindJSONOfATypeThatHoldsItself(t *testing.T) {
	var v tree
	_, faults := bindJSON(`{"left": {"n": 1}, "more": [{"n": 2}]}`, &v)
	assert.Equal(t, "<nil>", faults)
	assert.Equal(t, 2, v.More[0].N)
	_, faults = bindJSON(`{"left": {"right": {"n": "x"}}, "named": {"a": {"n": []}}}`, &v)
	assert.Equal(t, "json left.right.n is not a whole number; json named.a.n is not a whole number", faults)
}

func TestBindJSONOfADeepBodyIsQuick(t *testing.T) {
	body := strings.Repeat(`{"n": 1, "next": `, 4000) + "7" + strings.Repeat("}", 4000)
	start := time.Now()
	code, _ := bindJSON(body, new(node))
	assert.Equal(t, 422, code)
	assert.Less(t, time.Since(start), 5*time.Second)
	_, faults := bindJSON("["+strings.Repeat(`"x",`, 9999)+`"x"]`, new([]int))
	assert.Len(t, strings.Split(faults, "; "), 100, "a body of faults is reported in part")
}

type search struct {
	ID      int           `path:"id"`
	Page    int           `query:"page"`
	Limit   *int          `query:"limit"`
	Tags    []string      `query:"tag"`
	Ratios  []float64     `query:"ratio"`
	Open    bool          `query:"open"`
	Wait    time.Duration `query:"wait"`
	Since   time.Time     `query:"since"`
	Token   string        `header:"X-Token" required:"true"`
	Untaged string
}

// bindIn calls f in a view of /search/<int:id>.
func bindIn(t *testing.T, app *retort.App, method, target string, f func(*retort.Request) error, opts ...retort.TestOption) error {
	t.Helper()
	var err error
	app.Route("/search/<int:id>", retort.Methods("GET", "POST"))(func(c *retort.Context, _ int) string {
		err = f(c.Request)
		return ""
	})
	require.Equal(t, 200, app.TestClient().Open(method, target, opts...).Status)
	return err
}

func TestBindReadsEachFieldFromItsPlace(t *testing.T) {
	q := search{Page: 1, Untaged: "kept"}
	err := bindIn(t, quiet(), "GET", "/search/7?limit=0&tag=a&tag=b&tag=&ratio=1&ratio=.5&open=on&wait=90s&since=2024-02-29T00:00:00Z&ID=9&Untaged=x&X-Token=query",
		func(r *retort.Request) error { return r.Bind(&q) }, retort.WithHeader("X-Token", "secret"))
	require.NoError(t, err)
	zero := 0
	assert.Equal(t, search{
		ID: 7, Page: 1, Limit: &zero, Tags: []string{"a", "b", ""}, Ratios: []float64{1, .5}, Open: true, Wait: 90 * time.Second,
		Since: time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), Token: "secret", Untaged: "kept",
	}, q)
}

func TestBindGivesAllFaultsAtOnce(t *testing.T) {
	err := bindIn(t, quiet(), "GET", "/search/7?page=x&limit=99999999999999999999&ratio=1&ratio=NaN&open=perhaps&wait=5&since=today&X-Token=query",
		func(r *retort.Request) error { return r.Bind(new(search)) })
	code, faults := faultsOf(err)
	assert.Equal(t, 422, code)
	assert.Equal(t, `query page is not a whole number; query limit is out of range; query ratio is not a number; query open is neither true nor false; query wait is not a duration such as "1m30s"; query since is not a time such as "2006-01-02T15:04:05Z"; header X-Token is missing`, faults)
}

func TestAnEmptyInputIsNotSentUnlessItIsText(t *testing.T) {
	var form struct {
		Age  *int    `form:"age"`
		Name *string `form:"name"`
		Size int     `form:"size" required:"true"`
	}
	code, faults := faultsOf(posted(quiet(), "/", "age=&name=&size=+", encoded).Request.BindForm(&form))
	assert.Equal(t, 422, code)
	assert.Equal(t, "form size is missing", faults)
	assert.Nil(t, form.Age)
	assert.Equal(t, "", *form.Name)
}

func TestBindFormTakesFiles(t *testing.T) {
	type upload struct {
		Title string                        `form:"title"`
		File  *datastructures.FileStorage   `form:"file" required:"true"`
		More  []*datastructures.FileStorage `form:"more"`
	}
	var u upload
	body := multipartOf("name=title\r\n\r\nx", "name=file; filename=a\r\n\r\n1", "name=more; filename=b\r\n\r\n2", "name=more; filename=\"\"\r\n\r\n", "name=more; filename=c\r\n\r\n3")
	require.NoError(t, posted(quiet(), "/", body, boundaryB).Request.BindForm(&u))
	assert.Equal(t, "x a 2", fmt.Sprint(u.Title, " ", u.File.Filename, " ", len(u.More)))
	code, faults := faultsOf(posted(quiet(), "/", multipartOf("name=file; filename=\"\"\r\n\r\n"), boundaryB).Request.BindForm(&u))
	assert.Equal(t, 422, code)
	assert.Equal(t, "form file is missing", faults, "no file was chosen")
}

func TestBindReadsOneBody(t *testing.T) {
	err := posted(quiet(), "/", `{"a": 1}`, "application/json").Request.BindForm(&struct {
		A int `form:"a"`
	}{})
	var e *retort.HTTPError
	require.ErrorAs(t, err, &e)
	assert.Equal(t, 415, e.Code)
	err = posted(quiet(), "/", multipartOf()[:3], boundaryB).Request.BindForm(&struct {
		A int `form:"a"`
	}{})
	code, _ := faultsOf(err)
	assert.Equal(t, 400, code)

	var both struct {
		ID int    `path:"id"`
		T  string `json:"t" required:"true"`
		N  []int  `json:"n"`
	}
	err = bindIn(t, quiet(), "POST", "/search/4", func(r *retort.Request) error { return r.Bind(&both) }, retort.JSON{V: retort.H{"t": "x", "n": []int{1}, "id": 5, "ID": 6}})
	require.NoError(t, err)
	assert.Equal(t, "4 x [1]", fmt.Sprint(both.ID, " ", both.T, " ", both.N), "the body cannot set what comes from the path")
}

func TestBindRefusesStructsThatAreNotClear(t *testing.T) {
	q := posted(quiet(), "/", "{}", "application/json").Request
	for _, tt := range []struct {
		want string
		bind func()
	}{
		{"retort: Bind takes a pointer to a struct, not a retort_test.search", func() { _ = q.Bind(search{}) }},
		{"retort: BindJSON takes a pointer to what is to be set, not a retort_test.order", func() { _ = q.BindJSON(order{}) }},
		{"retort: BindQuery: no field of *retort_test.order has a tag that it reads: query", func() { _ = q.BindQuery(&order{}) }},
		{"retort: Bind: the field A of struct { A int \"path:\\\"a\\\" query:\\\"a\\\"\" } has the tags path and query; a value comes from one place: take a struct of its own for what else it is used for", func() {
			_ = q.Bind(&struct {
				A int `path:"a" query:"a"`
			}{})
		}},
		{"retort: Bind: the body is a form or JSON: a struct has fields with the tag form or with the tag json, not both", func() {
			_ = q.Bind(&struct {
				A int `form:"a"`
				B int `json:"b"`
			}{})
		}},
		{"retort: Bind cannot set the field a of struct { a int \"query:\\\"a\\\"\" }: its name must begin with a capital letter", func() {
			_ = q.Bind(&struct {
				a int `query:"a"`
			}{})
		}},
		{"retort: Bind cannot read the field A of struct { A map[string]int \"query:\\\"a\\\"\" } from a query value: a map[string]int is not made of one text", func() {
			_ = q.Bind(&struct {
				A map[string]int `query:"a"`
			}{})
		}},
	} {
		assert.PanicsWithValue(t, tt.want, tt.bind)
	}
}

// span checks itself.
type span struct {
	From int `query:"from"`
	To   int `query:"to"`
}

func (s *span) Validate() error {
	if s.To < s.From {
		return &retort.BindError{Fields: []retort.FieldError{{In: "query", Name: "to", Reason: "is before from"}}}
	}
	if s.To > 100 {
		return errors.New("is too long")
	}
	if s.To == 100 {
		return retort.Error(409)
	}
	return nil
}

// picky is an app's validator.
type picky struct{ calls int }

func (p *picky) Validate(v any) error {
	p.calls++
	if s, ok := v.(*span); ok && s.From == 13 {
		return &retort.BindError{Fields: []retort.FieldError{{Name: "from", Reason: "is unlucky"}}}
	}
	return nil
}

func TestValidatorsComeAfterwards(t *testing.T) {
	for _, tt := range []struct {
		query, faults string
		code, calls   int
	}{
		{"from=1&to=2", "<nil>", 0, 1},
		{"from=3&to=2", "query to is before from", 422, 0},
		{"to=101", " the value is too long", 422, 0},
		{"to=100", "409 Conflict: " + "", 0, 0},
		{"from=13&to=14", " from is unlucky", 422, 1},
		{"from=x&to=0", "query from is not a whole number", 422, 0},
	} {
		p := new(picky)
		app := quiet()
		app.Validator = p
		code, faults := faultsOf(app.TestRequestContext("/?" + tt.query).Request.BindQuery(new(span)))
		assert.Equal(t, tt.code, code, tt.query)
		assert.True(t, strings.HasPrefix(faults, tt.faults), "%s: %s", tt.query, faults)
		assert.Equal(t, tt.calls, p.calls, tt.query)
	}
}

func TestABindErrorIsAPageAndData(t *testing.T) {
	app := quiet()
	app.Post("/page")(func(c *retort.Context) error { return c.Request.BindJSON(new(order)) })
	res := app.TestClient().Post("/page", retort.JSON{V: retort.H{"count": "<b>"}})
	assert.Equal(t, 422, res.Status)
	assert.Contains(t, res.Text, "<p>The request cannot be used: title is missing; count is not a whole number.</p>")
	res = app.TestClient().Post("/page", retort.WithBody("{", "application/json"))
	assert.Equal(t, 400, res.Status)

	app = quiet()
	app.Post("/data")(func(c *retort.Context) error { return c.Request.BindJSON(new(order)) })
	retort.OnError(app, func(_ *retort.Context, err *retort.BindError) any {
		return retort.Reply(retort.H{"errors": err.Fields}, err.Code)
	})
	res = app.TestClient().Post("/data", retort.JSON{V: retort.H{"count": "x"}})
	assert.Equal(t, 422, res.Status)
	assert.JSONEq(t, `{"errors": [{"in": "json", "name": "title", "reason": "is missing", "missing": true}, {"in": "json", "name": "count", "reason": "is not a whole number"}]}`, res.Text)
}

// FuzzBindJSON: a body is bound exactly when encoding/json takes it and nothing
// that is required is missing; every other answer names a fault or is a 400.
func FuzzBindJSON(f *testing.F) {
	f.Add([]byte(`{"title": "a", "stops": [{"city": "b"}]}`))
	f.Add([]byte(`{"title": null, "rooms": {"": 1}}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var got, want order
		code, faults := bindJSON(string(body), &got)
		switch code {
		case 0:
			require.NoError(t, json.Unmarshal(body, &want))
			require.Equal(t, want, got)
		case 422:
			require.NotEmpty(t, faults)
		default:
			require.Equal(t, 400, code)
		}
	})
}
