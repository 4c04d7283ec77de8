package devpage

import (
	"html/template"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/internal/devbuild"
)

func TestTheWordAtAColumnIsMarked(t *testing.T) {
	for _, tt := range []struct {
		text   string
		column int
		want   Line
	}{
		{"\treturn greetng(name)", 9, Line{Before: "\treturn ", Mark: "greetng", After: "(name)"}},
		{"a + b", 3, Line{Before: "a ", Mark: "+", After: " b"}},
		{"größe := 1", 1, Line{Mark: "größe", After: " := 1"}},
		{"ö := 1", 2, Line{Before: "ö := 1"}},
		{"short", 0, Line{Before: "short"}},
		{"short", 99, Line{Before: "short"}},
		{"x", 1, Line{Mark: "x"}},
		{`var x int = "a \" b" // c`, 13, Line{Before: "var x int = ", Mark: `"a \" b"`, After: " // c"}},
		{"x := 'a'", 6, Line{Before: "x := ", Mark: "'a'"}},
		{`"open`, 1, Line{Mark: `"`, After: "open"}},
		{"a \u202eb", 1, Line{Mark: "a", After: ` \u202eb`}},
	} {
		got := Lines([]devbuild.SourceLine{{Number: 7, Text: tt.text, Marked: true}, {Number: 8, Text: "other"}}, tt.column)
		tt.want.Number, tt.want.Marked = 7, true
		assert.Equal(t, []Line{tt.want, {Number: 8, Before: "other"}}, got)
	}
}

func TestLongLinesAreCut(t *testing.T) {
	got := Lines([]devbuild.SourceLine{{Number: 1, Text: strings.Repeat("ö", 3000)}}, 1)
	assert.Equal(t, strings.Repeat("ö", maxLine/2)+" …", got[0].Before)
	assert.Equal(t, " …", shorten("ö", 1))
}

func TestEditorURLs(t *testing.T) {
	for _, tt := range []struct {
		editor, file string
		line, column int
		want         template.URL
	}{
		{"", "/home/x/main.go", 3, 7, "vscode://file/home/x/main.go:3:7"},
		{"VSCode", "/a b/ö?#.go", 0, 0, "vscode://file/a%20b/%C3%B6%3F%23.go:1:1"},
		{"", `C:\x\main.go`, 3, 1, "vscode://file/C:/x/main.go:3:1"},
		{"goland", "/x.go", 3, 1, "goland://open?file=/x.go&line=3&column=1"},
		{"idea", "/a&b=c.go", 3, 1, "idea://open?file=/a%26b%3Dc.go&line=3&column=1"},
		{"my+editor://{file}?l={line}", "/x.go", 3, 1, "my+editor:///x.go?l=3"},
		{"off", "/x.go", 3, 1, ""},
		{"unknown", "/x.go", 3, 1, ""},
		{"javascript:alert('{file}')", "/x.go", 3, 1, ""},
		{"JavaScript:alert({file})", "/x.go", 3, 1, ""},
		{"data:text/html,{file}", "/x.go", 3, 1, ""},
		{`x://"{file}`, "/x.go", 3, 1, ""},
		{"", "x.go", 3, 1, ""},
		{"", "", 3, 1, ""},
		{"", "/x\x00.go", 3, 1, ""},
	} {
		t.Setenv(EnvEditor, tt.editor)
		assert.Equal(t, tt.want, EditorURL(tt.file, tt.line, tt.column), "%s %s", tt.editor, tt.file)
	}
}
