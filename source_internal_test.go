package retort

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type (
	pageSet      struct{}
	boxOf[T any] struct{}
)

func plainView() string                { return "" }
func genericView[T any]() string       { return "" }
func (pageSet) list() string           { return "" }
func (*pageSet) show() string          { return "" }
func (pageSet) literal() func() string { return func() string { return "" } }
func (boxOf[T]) value() string         { return "" }
func (*boxOf[T]) pointer() string      { return "" }
func literalOf[T any]() func() string  { return func() string { return "" } }
func literalInLiteral() func() string {
	return func() func() string { return func() string { return "" } }()
}

// literalInRange gives a literal made in the body of a range over a function.
func literalInRange() (f func() string) {
	for range func(yield func() bool) { yield() } {
		f = func() string { return "" }
	}
	return f
}

var packageLiteral = func() string { return "" }

func TestTheNamesOfFunctions(t *testing.T) {
	local := func() string { return "" }
	for _, tt := range []struct {
		name string
		f    any
		want string
	}{
		{"a function", plainView, "plainView"},
		{"a generic function", genericView[int], "genericView"},
		{"a generic function of a type with dots", genericView[os.File], "genericView"},
		{"a method value", pageSet{}.list, "list"},
		{"a method value of a pointer", new(pageSet).show, "show"},
		{"a method expression", (*pageSet).show, "show"},
		{"a method value of a generic type", boxOf[int]{}.value, "value"},
		{"a method value of a pointer to a generic type", new(boxOf[os.File]).pointer, "pointer"},
		{"a literal", local, ""},
		{"a literal on the spot", func() string { return "" }, ""},
		{"a literal in a package variable", packageLiteral, ""},
		{"a literal in a method", pageSet{}.literal(), ""},
		{"a literal in a generic function", literalOf[int](), ""},
		{"a literal in a literal", literalInLiteral(), ""},
		{"a literal in a range over a function", literalInRange(), ""},
		{"no function", "text", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			name, at := funcOf(reflect.ValueOf(tt.f))
			assert.Equal(t, tt.want, name)
			if method := strings.HasPrefix(tt.name, "a method value"); reflect.TypeOf(tt.f).Kind() == reflect.Func && !method {
				assert.Regexp(t, `^source_internal_test\.go:\d+$`, at.String())
			} else {
				assert.Equal(t, "an unknown place", at.String(), "the compiler makes the function of a method value")
			}
		})
	}
}

func TestBaseName(t *testing.T) {
	for full, want := range map[string]string{
		"main.index":                            "index",
		"example.com/blog.index":                "index",
		"example.com/my.blog.index":             "index",
		"gopkg.in/blog%2ev3.index":              "index",
		"example.com/blog.(*blog).index-fm":     "index",
		"example.com/blog.blog.index-fm":        "index",
		"example.com/blog.index[...]":           "index",
		"example.com/blog.(*box[...]).index-fm": "index",
		"example.com/blog.box[...].index":       "index",
		"main.größe":                            "größe",
		"main.func1x":                           "func1x",
		"main.main.func1":                       "",
		"main.main.func1.2":                     "",
		"main.main.func1.1.3":                   "",
		"main.glob..func1":                      "",
		"main.init.func3":                       "",
		"main.(*blog).routes.func2":             "",
		"main.main.literalOf[...].func1":        "",
		"main.literalOf[...].func1":             "",
		"main.each-range1":                      "",
		"main.main.func1-range2":                "",
		"main.main.gowrap1":                     "gowrap1",
	} {
		assert.Equal(t, want, baseName(full), full)
	}
}

func TestAPositionIsRelativeToTheWorkingDirectory(t *testing.T) {
	wd, err := os.Getwd()
	require.NoError(t, err)
	assert.Equal(t, "a/b.go:7", position{filepath.Join(wd, "a", "b.go"), 7}.String())
	above := filepath.Join(filepath.Dir(wd), "b.go")
	assert.Equal(t, filepath.ToSlash(above)+":7", position{above, 7}.String())
	assert.Equal(t, "an unknown place", position{}.String())
}
