//go:build retort_dev

package debug

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/fault"
	"github.com/retort-go/retort/internal/traceback"
)

func frame(kind traceback.Kind, function string) traceback.Frame {
	return traceback.Frame{Function: function, Kind: kind}
}

// callNames are the names of the calls in each run.
func callNames(all []run) []string {
	var got []string
	for _, r := range all {
		var names []string
		for _, c := range r.Calls {
			names = append(names, c.Name)
		}
		got = append(got, strings.Join(names, " "))
	}
	return got
}

func TestCallsOfOthersAreFoldedTogether(t *testing.T) {
	all := runs([]traceback.Frame{
		frame(traceback.Standard, "sort.a"), frame(traceback.Library, "x/lib.b"), frame(traceback.Standard, "sort.c"),
		frame(traceback.App, "main.d"), frame(traceback.Template, "page.html"), frame(traceback.Framework, "retort.e"),
	}, 0)
	assert.Equal(t, []string{"sort.a lib.b sort.c", "main.d", "page.html", "retort.e"}, callNames(all))
	assert.Equal(t, "3 calls in the standard library and libraries", all[0].Title)
	assert.False(t, all[0].Calls[0].Open)
	assert.True(t, all[1].Calls[0].Open)
	assert.Equal(t, []string{"template"}, all[2].Calls[0].Badges)
}

func TestALongStackIsFoldedInTheMiddle(t *testing.T) {
	frames := []traceback.Frame{frame(traceback.Standard, "sort.Slice")}
	for range 30 {
		frames = append(frames, frame(traceback.App, "main.f"))
	}
	frames[len(frames)-1] = frame(traceback.App, "main.view")
	all := runs(frames, 0)
	require.Len(t, all, 1+maxOpen+1+maxEnd)
	assert.Equal(t, "sort.Slice", all[0].Calls[0].Name)
	assert.True(t, all[maxOpen].Calls[0].Open)
	assert.Equal(t, "15 more calls", all[1+maxOpen].Title)
	assert.Len(t, all[1+maxOpen].Calls, 15)
	assert.Equal(t, "main.view", all[len(all)-1].Calls[0].Name)
	assert.False(t, all[len(all)-1].Calls[0].Open)

	all = runs(frames, 100)
	assert.Equal(t, "115 more calls", all[1+maxOpen].Title)
	assert.Equal(t, 100, all[1+maxOpen].Calls[1].Omitted, "they are missing in the middle")

	all = runs(frames[:maxOpen+maxEnd+2], 0)
	assert.Len(t, all, maxOpen+maxEnd+2, "one call is not worth folding")
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

func TestAChainRepeatsNothing(t *testing.T) {
	e := func(depth int, kind, message string) traceback.Link {
		return traceback.Link{Depth: depth, Type: kind, Message: message}
	}
	for _, tt := range []struct {
		name  string
		chain []traceback.Link
		want  []link
	}{
		{"one error", []traceback.Link{e(0, "*E", "gone")}, nil},
		{"each adds something", []traceback.Link{e(0, "*A", "a: b: c"), e(1, "*B", "b: c"), e(2, "*C", "c")},
			[]link{{1, "*B", "b: …", "b: c"}, {2, "*C", "c", ""}}},
		{"one passes its error on", []traceback.Link{e(0, "*A", "c"), e(1, "*B", "c"), e(2, "*C", "c")},
			[]link{{1, "*B", "", "c"}, {2, "*C", "c", ""}}},
		{"one says it otherwise", []traceback.Link{e(0, "*A", "a"), e(1, "*B", "no such note (c)"), e(2, "*C", "c")},
			[]link{{1, "*B", "no such note (c)", ""}, {2, "*C", "c", ""}}},
		{"errors that were joined", []traceback.Link{e(0, "*A", "a: b\nc: d"), e(1, "*J", "b\nc: d"), e(2, "*B", "b"), e(2, "*C", "c: d"), e(3, "*D", "d")},
			[]link{{1, "*J", "2 errors", "b\nc: d"}, {2, "*B", "b", ""}, {2, "*C", "c: …", "c: d"}, {3, "*D", "d", ""}}},
		{"one without a message", []traceback.Link{e(0, "*A", "a"), e(1, "*B", "b"), e(2, "*C", "")},
			[]link{{1, "*B", "b", ""}, {2, "*C", "", ""}}},
		{"control characters", []traceback.Link{e(0, "*A", "a"), e(1, "*B", "b: \x1b"), e(2, "*C", "\x1b")},
			[]link{{1, "*B", "b: …", `b: \x1b`}, {2, "*C", `\x1b`, ""}}},
	} {
		assert.Equal(t, tt.want, chainOf(tt.chain), tt.name)
	}
}

func TestTheHeadlineOfAFailure(t *testing.T) {
	for _, tt := range []struct{ name, kind, message, wantKind, want string }{
		{"an error", "*fs.PathError", "open x", "*fs.PathError", "open x"},
		{"a value that is no error", "*retort.PanicError", "panic: 42", "panic", "42"},
		{"an error that speaks of a panic", "*mine.Error", "panic: 42", "*mine.Error", "panic: 42"},
		{"no message", "*mine.Error", " \n", "*mine.Error", "(there is no message)"},
	} {
		kind, message := headline(tt.kind, tt.message)
		assert.Equal(t, [2]string{tt.wantKind, tt.want}, [2]string{kind, message}, tt.name)
	}
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
		{ID: fault.Routing, Title: "Routing", Columns: []string{"Step", "Part", "Outcome"}, Rows: [][]string{{"search", "", "GET /notes/7"}, {"outcome", "/notes/<int:id>", "found: endpoint note"}}},
		{ID: fault.Request, Title: "Request", Rows: [][]string{{"Method", "GET"}}},
		{ID: fault.Headers, Title: "Headers", Private: true, Rows: [][]string{{"a", "b"}}},
		{ID: fault.Environment, Title: "Environment", Private: true, Rows: [][]string{{"a", "b"}}},
	}
	rec.goroutines = &traceback.Goroutines{Total: 3, Omitted: 1, Groups: []traceback.Group{
		{IDs: []int{1, 2}, State: "select", Frames: []traceback.Frame{frame(traceback.Standard, "runtime.x"), frame(traceback.App, "main.wait")}},
	}}
	v := newView(rec)
	require.Len(t, v.Public, 2)
	assert.Equal(t, "Request", v.Public[0].Title)
	assert.Equal(t, section{Section: rec.sections[0], Hint: "/notes/<int:id>"}, v.Public[1], "how it was found is told last, and folded")
	assert.Empty(t, v.Private)
	p := newPrivate(rec)
	assert.Len(t, p.Sections, 2)
	assert.True(t, p.Sections[0].Open)
	assert.False(t, p.Sections[1].Open)
	assert.Equal(t, "3 goroutines, 1 of them left out", p.Goroutines.Title)
	assert.Equal(t, "main.wait", p.Goroutines.Groups[0].At)
	assert.Equal(t, 2, p.Goroutines.Groups[0].Count)
}
