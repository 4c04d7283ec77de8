//go:build retort_dev

package debug

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/internal/fault"
	"github.com/retort-go/retort/internal/traceback"
)

func frame(kind traceback.Kind, function string) traceback.Frame {
	return traceback.Frame{Function: function, Kind: kind}
}

func TestCallsOfOthersAreFoldedTogether(t *testing.T) {
	all := runs([]traceback.Frame{
		frame(traceback.Standard, "sort.a"), frame(traceback.Library, "x/lib.b"), frame(traceback.Standard, "sort.c"),
		frame(traceback.App, "main.d"), frame(traceback.Template, "page.html"), frame(traceback.Framework, "retort.e"),
	})
	var got []string
	for _, r := range all {
		var names []string
		for _, c := range r.Calls {
			names = append(names, c.Name)
		}
		got = append(got, strings.Join(names, " "))
	}
	assert.Equal(t, []string{"sort.a lib.b sort.c", "main.d", "page.html", "retort.e"}, got)
	assert.Equal(t, "3 calls in the standard library and libraries", all[0].Title)
	assert.False(t, all[0].Calls[0].Open)
	assert.True(t, all[1].Calls[0].Open)
	assert.Equal(t, []string{"template"}, all[2].Calls[0].Badges)
}

func TestOnlyTheFirstCallsAreOpen(t *testing.T) {
	var frames []traceback.Frame
	for range maxOpen + 5 {
		frames = append(frames, frame(traceback.App, "main.f"))
	}
	open := 0
	for _, r := range runs(frames) {
		if r.Calls[0].Open {
			open++
		}
	}
	assert.Equal(t, maxOpen, open)
}

func TestWhatIsSpecialAboutACall(t *testing.T) {
	f := frame(traceback.App, "main.f")
	f.Inlined, f.Newer, f.Cycle, f.Repeated, f.Note = true, true, 2, 900, "The view."
	c := newCall(f)
	assert.Equal(t, []string{"inlined", "changed since the build"}, c.Badges)
	assert.Equal(t, "The view. The 2 calls up to this one come 900 more times.", c.Note)
	f.Cycle, f.Note = 1, ""
	assert.Equal(t, "This call comes 900 more times.", newCall(f).Note)
}

func TestLongMessagesAreShortened(t *testing.T) {
	for _, tt := range []struct{ name, message, short string }{
		{"short", "a\nb", "a\nb"},
		{"long", strings.Repeat("é", 500), strings.Repeat("é", 400) + " …"},
		{"many lines", strings.Repeat("x\n", 20), strings.Repeat("x\n", 7) + "x …"},
		{"empty", "", ""},
	} {
		short, long := shorten(tt.message)
		assert.Equal(t, tt.short, short, tt.name)
		if tt.short == tt.message {
			assert.Empty(t, long, tt.name)
		} else {
			assert.Equal(t, tt.message, long, tt.name)
		}
	}
}

func TestFilesAreNamedShortly(t *testing.T) {
	for _, tt := range []struct {
		kind       traceback.Kind
		file, want string
	}{
		{traceback.Library, "/home/ada/go/pkg/mod/example.test/lib@v1.2.3/a.go", "example.test/lib@v1.2.3/a.go"},
		{traceback.Standard, "/usr/local/go/src/sort/sort.go", "sort/sort.go"},
		{traceback.App, "/elsewhere/main.go", "/elsewhere/main.go"},
		{traceback.App, "", ""},
	} {
		assert.Equal(t, tt.want, shortFile(traceback.Frame{Kind: tt.kind, File: tt.file}))
	}
}

func TestSectionsAreDividedByThePIN(t *testing.T) {
	rec := small("1")
	rec.sections = []fault.Section{
		{ID: fault.Routing, Title: "Routing"},
		{ID: fault.Headers, Title: "Headers", Private: true, Rows: [][]string{{"a", "b"}}},
		{ID: fault.Environment, Title: "Environment", Private: true, Rows: [][]string{{"a", "b"}}},
	}
	rec.goroutines = &traceback.Goroutines{Total: 3, Omitted: 1, Groups: []traceback.Group{
		{IDs: []int{1, 2}, State: "select", Frames: []traceback.Frame{frame(traceback.Standard, "runtime.x"), frame(traceback.App, "main.wait")}},
	}}
	v := newView(rec)
	assert.Len(t, v.Public, 1)
	assert.Empty(t, v.Private)
	p := newPrivate(rec)
	assert.Len(t, p.Sections, 2)
	assert.True(t, p.Sections[0].Open)
	assert.False(t, p.Sections[1].Open)
	assert.Equal(t, "3 goroutines, 1 of them left out", p.Goroutines.Title)
	assert.Equal(t, "main.wait", p.Goroutines.Groups[0].At)
	assert.Equal(t, 2, p.Goroutines.Groups[0].Count)
}
