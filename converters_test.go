package retort_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// day is the converter for <day:d>: 2024-02-29.
func day() *retort.Converter {
	return retort.NewConverter(`\d{4}-\d\d-\d\d`,
		func(text string) (time.Time, error) { return time.Parse(time.DateOnly, text) },
		func(t time.Time) (string, error) { return t.Format(time.DateOnly), nil })
}

type point struct{ X, Y int }

// points is the converter for <point:p>: 3,-4.
func points() *retort.Converter {
	return retort.NewConverter(`-?\d+,-?\d+`,
		func(text string) (p point, err error) {
			_, err = fmt.Sscanf(text, "%d,%d", &p.X, &p.Y)
			return p, err
		},
		func(p point) (string, error) {
			if p == (point{}) {
				return "", errors.New("the origin has no page")
			}
			return fmt.Sprintf("%d,%d", p.X, p.Y), nil
		})
}

// bases is the converter for <base(16):n>: a number in that base.
func bases() *retort.Converter {
	return retort.NewConverterFunc(func(args retort.ConverterArgs) (*retort.Converter, error) {
		if len(args.Positional) != 1 {
			return nil, errors.New("it takes one argument, the base")
		}
		base, ok := args.Positional[0].(int)
		if !ok || base < 2 || base > 36 {
			return nil, fmt.Errorf("the base %v is not a number from 2 to 36", args.Positional[0])
		}
		return retort.NewConverter("[0-9a-z]+",
			func(text string) (int64, error) { return strconv.ParseInt(text, base, 64) },
			func(n int64) (string, error) { return strconv.FormatInt(n, base), nil }), nil
	})
}

// converting is an app with these converters.
func converting() *retort.App {
	app := quiet()
	app.AddConverter("day", day())
	app.AddConverter("point", points())
	app.AddConverter("base", bases())
	return app
}

func TestAConverterGivesTheViewItsType(t *testing.T) {
	app := converting()
	app.Get("/day/<day:d>")(func(d time.Time) string { return d.Weekday().String() })
	app.Get("/point/<point:p>")(func(p point) string { return fmt.Sprint(p.X + p.Y) })
	app.Get("/any/<point:p>")(func(p any) string { return fmt.Sprintf("%T", p) })
	app.Get("/hex/<base(16):n>")(func(n int) string { return fmt.Sprint(n) })
	app.Get("/octal/<base(8):n>")(func(n int8) string { return fmt.Sprint(n) })
	app.Get("/from/<day:a>/to/<day:b>")(func(a, b time.Time) string { return b.Sub(a).String() })
	client := app.TestClient()
	for path, want := range map[string]string{
		"/day/2024-02-29":                    "Thursday",
		"/point/3,-4":                        "-1",
		"/any/1,2":                           "retort_test.point",
		"/hex/ff":                            "255",
		"/octal/17":                          "15",
		"/from/2024-02-28/to/2024-03-01":     "48h0m0s",
		"/from/2024%2D02-28/to/2024-03%2D01": "48h0m0s",
	} {
		res := client.Get(path)
		assert.Equal(t, 200, res.Status, path)
		assert.Equal(t, want, res.Text, path)
	}
	for _, path := range []string{"/day/2023-02-29", "/day/today", "/day/2024-02-29x", "/day/2024-02-29/", "/hex/fg", "/octal/8", "/octal/200", "/point/1,99999999999999999999"} {
		assert.Equal(t, 404, client.Get(path).Status, path)
	}
}

func TestAConverterFormatsForURLFor(t *testing.T) {
	app := converting()
	app.AddURLRule("/day/<day:d>", "day", func(time.Time) string { return "" })
	app.AddURLRule("/point/<point:p>", "point", func(point) string { return "" })
	app.AddURLRule("/hex/<base(16):n>", "hex", func(int64) string { return "" })
	c := app.TestRequestContext("/")
	type number int
	assert.Equal(t, "/day/2024-02-29", c.URLFor("day", "d", time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)))
	assert.Equal(t, "/point/3,-4", c.URLFor("point", "p", point{3, -4}))
	assert.Equal(t, "/hex/ff", c.URLFor("hex", "n", int64(255)))
	assert.Equal(t, "/hex/ff", c.URLFor("hex", "n", number(255)), "another integer is converted")
}

func TestAValueThatAConverterDoesNotFormat(t *testing.T) {
	app := converting()
	app.AddURLRule("/point/<point:p>", "point", func(point) string { return "" })
	c := app.TestRequestContext("/")
	for _, tt := range []struct {
		value any
		want  string
	}{
		{point{}, `no URL for endpoint "point" with "p": the value of "p" is a retort_test.point, which the rule /point/<point:p> does not take: the origin has no page`},
		{"3,4", `no URL for endpoint "point" with "p": the value of "p" is the string "3,4", the rule /point/<point:p> wants a retort_test.point`},
	} {
		err, ok := panicOf(t, func() { c.URLFor("point", "p", tt.value) }).(error)
		require.True(t, ok)
		assert.EqualError(t, err, tt.want)
	}
}

func TestTheWeightOfAConverter(t *testing.T) {
	word := func() *retort.Converter {
		return retort.NewConverter("[a-z]+", func(s string) (string, error) { return s, nil }, func(s string) (string, error) { return s, nil })
	}
	for _, tt := range []struct {
		name      string
		converter *retort.Converter
		want      string
	}{
		{"equal weights are tried in the order of registration", word(), "string"},
		{"a lower weight is tried earlier", word().WithWeight(99), "word"},
		{"a higher one later", word().WithWeight(101), "string"},
		{"a function's converter has its own weight", retort.NewConverterFunc(func(retort.ConverterArgs) (*retort.Converter, error) { return word().WithWeight(50), nil }), "word"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := quiet()
			app.AddConverter("word", tt.converter)
			app.AddURLRule("/<name>", "string", func(string) string { return "string" })
			app.AddURLRule("/<word:name>", "word", func(string) string { return "word" })
			assert.Equal(t, tt.want, app.TestClient().Get("/x").Text)
		})
	}
}

func TestAConverterWithASlashTakesTheRest(t *testing.T) {
	app := quiet()
	app.AddConverter("list", retort.NewConverter(`[a-z/]+`,
		func(s string) ([]string, error) { return strings.Split(s, "/"), nil },
		func(list []string) (string, error) { return strings.Join(list, "/"), nil }))
	app.Get("/tags/<list:tags>", retort.Endpoint("tags"))(func(tags []string) string { return strings.Join(tags, "+") })
	assert.Equal(t, "a+b+c", app.TestClient().Get("/tags/a/b/c").Text)
	assert.Equal(t, "/tags/a/b", app.TestRequestContext("/").URLFor("tags", "tags", []string{"a", "b"}))
}

func TestAConverterThatPanics(t *testing.T) {
	errBroken := errors.New("broken")
	app := quiet()
	log := logOf(app)
	app.AddConverter("bad", retort.NewConverter(".+", func(string) (string, error) { panic(errBroken) }, func(s string) (string, error) { return s, nil }))
	app.Get("/<bad:x>")(func(string) string { return "" })
	assert.NotPanics(t, func() { assert.Equal(t, 500, app.TestClient().Get("/y").Status) })
	assert.Equal(t, []string{"broken"}, log.errors(t))
}

// with is app with one more converter.
func with(app *retort.App, name string, c *retort.Converter) *retort.App {
	app.AddConverter(name, c)
	return app
}

func TestConvertersThatMakeNoSense(t *testing.T) {
	text := func(s string) (string, error) { return s, nil }
	nothing := func(string) string { return "" }
	testRefusals(t, []refusal{
		{"no converter", "", func(app *retort.App) { app.AddConverter("x", nil) },
			`retort: the converter "x" is nil; make one with retort.NewConverter`},
		{"a name that is none", below(), func(app *retort.App) {
			app.AddConverter("a-b", day())
		}, `retort: HERE: AddConverter("a-b"): converter name "a-b": a name has ASCII letters, digits and "_" and does not start with a digit`},
		{"an expression that is none", below(), func(app *retort.App) {
			app.AddConverter("x", retort.NewConverter("(", text, text))
		}, "retort: HERE: AddConverter(\"x\"): converter: error parsing regexp: missing closing ): `(`"},
		{"no parse function", below(), func(app *retort.App) {
			app.AddConverter("x", retort.NewConverter[string](".", nil, text))
		}, `retort: HERE: AddConverter("x"): converter: both parse and format are needed`},
		{"a converter that nothing made", below(), func(app *retort.App) {
			app.AddConverter("x", new(retort.Converter))
		}, `retort: HERE: AddConverter("x"): a Converter is made by NewConverter or NewConverterFunc`},
		{"an unknown converter", below(), func(app *retort.App) {
			app.Get("/<dya:d>")(nothing)
		}, "retort: HERE: there is no converter \"dya\"; known are any, default, float, int, path, string, uuid\n    /<dya:d>\n      ^\n"},
		{"arguments that it does not take", below(), func(app *retort.App) {
			with(app, "day", day()).Get("/x/<day(1):d>")(nothing)
		}, "retort: HERE: the converter \"day\" takes no arguments\n    /x/<day(1):d>\n        ^\n"},
		{"arguments that the function refuses", below(), func(app *retort.App) {
			with(app, "base", bases()).Get("/<base(99):d>")(nothing)
		}, "retort: HERE: the base 99 is not a number from 2 to 36\n    /<base(99):d>\n      ^\n"},
		{"a function that gives none", below(), func(app *retort.App) {
			with(app, "x", retort.NewConverterFunc(func(retort.ConverterArgs) (*retort.Converter, error) { return nil, nil })).Get("/<x:d>")(nothing)
		}, "retort: HERE: the function of the converter \"x\" must give a converter made by NewConverter\n    /<x:d>\n      ^\n"},
		{"a view with another type", below(), func(app *retort.App) {
			with(app, "point", points()).Get("/<point:p>")(oneNumber)
		}, `retort: the rule "/<point:p>" (HERE) and its view oneNumber (` + placeOf(oneNumber) + `) do not fit: the rule gives p as type retort_test.point, but parameter 1 of the view is of type int; the view is of type func(int) string; make it func(p retort_test.point), or change the rule`},
	})
}
