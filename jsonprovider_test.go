package retort_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"html/template"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// upperJSON is a provider with the two methods only.
type upperJSON struct{ log *[]string }

func (p upperJSON) Marshal(v any) ([]byte, error) {
	*p.log = append(*p.log, "marshal")
	data, err := json.Marshal(v)
	return bytes.ToUpper(data), err
}

func (p upperJSON) Unmarshal(data []byte, v any) error {
	*p.log = append(*p.log, "unmarshal")
	return json.Unmarshal(bytes.ToLower(data), v)
}

// indentingJSON is one that can also indent.
type indentingJSON struct{ upperJSON }

func (p indentingJSON) MarshalIndent(v any, prefix, indent string) ([]byte, error) {
	*p.log = append(*p.log, "indent")
	return json.MarshalIndent(v, prefix, "_"+indent)
}

func TestAnAppWritesItsResponsesWithItsProvider(t *testing.T) {
	for _, tt := range []struct {
		name  string
		view  any
		debug bool
		want  string
		log   []string
	}{
		{"a value", func() any { return retort.H{"a": 1} }, false, "{\"A\":1}\n", []string{"marshal"}},
		{"JSONify", func(c *retort.Context) any { return c.JSONify("a", "b") }, false, "[\"A\",\"B\"]\n", []string{"marshal"}},
		{"indented in debug mode", func() any { return retort.H{"a": 1} }, true, "{\n_  \"a\": 1\n}\n", []string{"indent"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log []string
			app := answering(tt.view)
			app.JSON = indentingJSON{upperJSON{&log}}
			app.Config.Set("DEBUG", tt.debug)
			res := app.TestClient().Get("/")
			assert.Equal(t, tt.want, res.Text)
			assert.Equal(t, "application/json", res.Header.Get("Content-Type"))
			assert.Equal(t, tt.log, log)
		})
	}
	t.Run("one that cannot indent", func(t *testing.T) {
		var log []string
		app := answering(func() any { return retort.H{"a": 1} })
		app.JSON = upperJSON{&log}
		app.Config.Set("DEBUG", true)
		assert.Equal(t, "{\"A\":1}\n", app.TestClient().Get("/").Text)
	})
}

func TestAnAppWithoutAProviderHasTheDefault(t *testing.T) {
	app := answering(func() any { return retort.H{"ä": nil} })
	app.JSON = nil
	assert.Equal(t, "{\"\\u00e4\":null}\n", app.TestClient().Get("/").Text)
}

func TestJSONify(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []any
		want string
	}{
		{"nothing is null", nil, "null\n"},
		{"one value", []any{retort.H{"b": 1, "a": 2}}, "{\"a\":2,\"b\":1}\n"},
		{"a string is a JSON string", []any{"é"}, "\"\\u00e9\"\n"},
		{"nil is null", []any{nil}, "null\n"},
		{"several are a list", []any{1, nil, "x"}, "[1,null,\"x\"]\n"},
		{"a list of one is given as a list", []any{[]any{1}}, "[1]\n"},
		{"a nil map", []any{map[string]int(nil)}, "{}\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := answering(func(c *retort.Context) any { return c.JSONify(tt.args...) })
			res := app.TestClient().Get("/")
			assert.Equal(t, tt.want, res.Text)
			assert.Equal(t, "application/json", res.Header.Get("Content-Type"))
		})
	}
}

func TestJSONifyWritesAtOnce(t *testing.T) {
	app := answering(func(c *retort.Context) any {
		h := retort.H{"a": 1}
		res := c.JSONify(h)
		h["a"] = 2
		res.Status = 201
		return res
	})
	res := app.TestClient().Get("/")
	assert.Equal(t, 201, res.Status)
	assert.Equal(t, "{\"a\":1}\n", res.Text)
}

func TestJSONifyKeepsItsError(t *testing.T) {
	var kept error
	app := answering(func(c *retort.Context) any {
		res := c.JSONify(make(chan int))
		kept = res.Err()
		return res
	})
	log := logOf(app)
	assert.Equal(t, 500, app.TestClient().Get("/").Status)
	assert.EqualError(t, kept, "a chan int cannot be written as JSON: json: unsupported type: chan int")
	assert.Equal(t, []string{kept.Error()}, log.errors(t))
}

// A buffer that went back to its pool must not be reachable: what a response
// holds stays as it is while others are made.
func TestTheTextOfAResponseIsItsOwn(t *testing.T) {
	app := answering(func(c *retort.Context) any { return "" })
	c := app.TestRequestContext("/")
	first, err := c.JSONify("first").Data()
	require.NoError(t, err)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 200 {
				data, err := c.JSONify("other").Data()
				assert.NoError(t, err)
				clear(data)
			}
		})
	}
	wait.Wait()
	assert.Equal(t, "\"first\"\n", string(first))
	again, err := c.JSONify("again").Data()
	require.NoError(t, err)
	assert.Equal(t, "\"again\"\n", string(again))
}

func TestJSONAfterAPanic(t *testing.T) {
	app := answering(func(c *retort.Context) any { return []any{"half", panics{}} })
	app.Get("/good")(func() any { return []int{1} })
	logOf(app)
	for range 3 {
		assert.Equal(t, 500, app.TestClient().Get("/").Status)
		assert.Equal(t, "[1]\n", app.TestClient().Get("/good").Text)
	}
}

type panics struct{}

func (panics) MarshalJSON() ([]byte, error) { panic("no") }

func TestToJSONIsSafeInAPage(t *testing.T) {
	app := retort.New("tojson")
	for _, tt := range []struct {
		name string
		v    any
		want template.JS
	}{
		{"the end of a script", "</script>", `"\u003c/script\u003e"`},
		{"a comment that opens", "<!--", `"\u003c!--"`},
		{"quotes and entities", `'"&`, `"\u0027\"\u0026"`},
		{"what is not ASCII", "é\u2028", `"\u00e9\u2028"`},
		{"sorted, on one line", retort.H{"b": "<", "a": 1}, `{"a":1,"b":"\u003c"}`},
		{"a key", retort.H{"<": 1}, `{"\u003c":1}`},
	} {
		got, err := app.ToJSON(tt.v)
		require.NoError(t, err, tt.name)
		assert.Equal(t, tt.want, got, tt.name)
	}
	_, err := app.ToJSON(func() {})
	assert.EqualError(t, err, "a func() cannot be written as JSON: json: unsupported type: func()")
}

func TestToJSONInATemplate(t *testing.T) {
	app := retort.New("tojson")
	app.Config.Set("DEBUG", true) // no line breaks there either
	app.JSON = retort.DefaultJSON{Unicode: true}
	page := template.Must(template.New("").Funcs(template.FuncMap{"tojson": app.ToJSON}).
		Parse(`<script>x = {{tojson .}}</script><a onclick='f({{tojson .}})'>`))
	var out strings.Builder
	require.NoError(t, page.Execute(&out, []string{"</script>'\u2028é"}))
	assert.Equal(t, `<script>x = ["\u003c/script\u003e\u0027\u2028é"]</script><a onclick='f([&#34;\u003c/script\u003e\u0027\u2028é&#34;])'>`, out.String())
}

type (
	base struct {
		Created time.Time `json:"created"`
	}
	event struct {
		base
		*retort.H `json:"-"`
		Name      string
		At        *time.Time `json:"at,omitempty"`
		Ends      time.Time  `json:"ends,omitzero"`
		Days      []time.Time
		Extra     any            `json:",omitempty"`
		More      map[string]any `json:"more,omitempty"`
		Count     int            `json:",string"`
		hidden    time.Time
		Inner     *event `json:",omitempty"`
		Own       ownTime
		Raw       json.RawMessage `json:",omitempty"`
	}
	ownTime struct{ T time.Time }
)

func (ownTime) MarshalJSON() ([]byte, error) { return []byte(`"own"`), nil }

func TestHTTPDates(t *testing.T) {
	at := time.Date(2024, 2, 29, 1, 2, 3, 999, time.FixedZone("", 3600))
	const text = `"Thu, 29 Feb 2024 00:02:03 GMT"`
	for _, tt := range []struct {
		name string
		v    any
		want string
	}{
		{"a time", at, text},
		{"a pointer to one", &at, text},
		{"a nil pointer to one", (*time.Time)(nil), "null"},
		{"nil", nil, "null"},
		{"in a map", retort.H{"b": at, "a": nil, "c": &at}, `{"a":null,"b":` + text + `,"c":` + text + `}`},
		{"in typed maps and slices", map[int][]time.Time{2: {at}, 1: nil}, `{"1":null,"2":[` + text + `]}`},
		{"in an array", [2]any{at, 1.5}, `[` + text + `,1.5]`},
		{"a nil slice of times", []time.Time(nil), "[]"},
		{"no times at all", []string{"a"}, `["a"]`},
		{"bytes", retort.H{"a": []byte("hi")}, `{"a":"aGk="}`},
		{"an empty struct with tags", event{}, `{"created":"Mon, 01 Jan 0001 00:00:00 GMT","Name":"","Days":null,"Count":"0","Own":"own"}`},
		{"a full struct", &event{base: base{at}, Name: "n", At: &at, Ends: at, Days: []time.Time{at}, Extra: at, More: map[string]any{"x": at},
			Count: 7, hidden: at, Inner: &event{Days: []time.Time{}}, Raw: json.RawMessage(`[1]`)},
			`{"created":` + text + `,"Name":"n","at":` + text + `,"ends":` + text + `,"Days":[` + text + `],"Extra":` + text + `,"more":{"x":` + text + `},"Count":"7",` +
				`"Inner":{"created":"Mon, 01 Jan 0001 00:00:00 GMT","Name":"","Days":[],"Count":"0","Own":"own"},"Own":"own","Raw":[1]}`},
	} {
		got, err := retort.DefaultJSON{HTTPDates: true}.Marshal(tt.v)
		require.NoError(t, err, tt.name)
		assert.Equal(t, tt.want, string(got), tt.name)
	}
}

func TestHTTPDatesRefuseACycle(t *testing.T) {
	loop := retort.H{}
	loop["a"], loop["b"] = loop, loop
	_, err := retort.DefaultJSON{HTTPDates: true}.Marshal(loop)
	assert.ErrorContains(t, err, "encountered a cycle")
}

// Without times the option changes nothing.
func TestHTTPDatesAreOnlyAboutTimes(t *testing.T) {
	type inner struct {
		A int `json:"a,omitempty"`
		B any
	}
	type outer struct {
		*inner
		C []any          `json:"c,omitempty"`
		D map[string]any `json:"d"`
		E error          `json:"-"`
		F *outer
	}
	for _, v := range []any{
		outer{}, &outer{inner: &inner{1, "x"}, C: []any{}, D: map[string]any{}, F: &outer{}},
		[]outer{{C: []any{nil, 1}}}, map[string]outer{"a": {}},
	} {
		want, err := retort.DefaultJSON{}.Marshal(v)
		require.NoError(t, err)
		got, err := retort.DefaultJSON{HTTPDates: true}.Marshal(v)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got))
	}
}

func TestDefaultJSON(t *testing.T) {
	var p retort.JSONProvider = retort.DefaultJSON{}
	got, err := p.Marshal(retort.H{"b": "<é>", "a": []int{1}})
	require.NoError(t, err)
	assert.Equal(t, `{"a":[1],"b":"<\u00e9>"}`, string(got))
	got, err = retort.DefaultJSON{Unicode: true}.MarshalIndent(retort.H{"b": "<é>", "a": []int{1}}, ">", "\t")
	require.NoError(t, err)
	assert.Equal(t, "{\n>\t\"a\": [\n>\t\t1\n>\t],\n>\t\"b\": \"<é>\"\n>}", string(got))
	_, err = p.Marshal(func() {})
	var unsupported *json.UnsupportedTypeError
	assert.True(t, errors.As(err, &unsupported))

	var v struct{ A int }
	require.NoError(t, p.Unmarshal([]byte(`{"a": 7}`), &v))
	assert.Equal(t, 7, v.A)
}
