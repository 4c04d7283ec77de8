package traceback

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// caught is the traceback of what f panics with.
func caught(f func()) (t *Traceback) {
	defer func() {
		v := recover()
		err, ok := v.(error)
		if !ok {
			err = fmt.Errorf("panic: %v", v)
		}
		t = Of(err, Callers(0))
	}()
	f()
	return nil
}

func names(frames []Frame) []string {
	var all []string
	for _, f := range frames {
		all = append(all, f.Name())
	}
	return all
}

//go:noinline
func nilPointer(s *struct{ n int }) int { return s.n }

//go:noinline
func outOfRange(s []int, i int) int { return s[i] }

//go:noinline
func divide(a, b int) int { return a / b }

//go:noinline
func throws(v any) { panic(v) }

func TestTheFirstFrameIsTheFunctionThatPanicked(t *testing.T) {
	var m map[string]int
	for _, tt := range []struct {
		name, first, message string
		f                    func()
	}{
		{"a nil pointer", "traceback.nilPointer", "runtime error: invalid memory address or nil pointer dereference", func() { nilPointer(nil) }},
		{"an index", "traceback.outOfRange", "runtime error: index out of range [3] with length 0", func() { outOfRange(nil, 3) }},
		{"a division", "traceback.divide", "runtime error: integer divide by zero", func() { t.Log(divide(1, 0)) }},
		{"an error", "traceback.throws", "boom", func() { throws(errors.New("boom")) }},
		{"nil", "traceback.throws", "panic called with nil argument", func() { throws(nil) }},
		{"a nil map", "traceback.TestTheFirstFrameIsTheFunctionThatPanicked.func6", "assignment to entry in nil map", func() { m["a"] = 1 }},
		{"a wrong type", "traceback.TestTheFirstFrameIsTheFunctionThatPanicked.func7", "interface conversion: interface {} is int, not string", func() { _ = any(1).(string) }},
		{"in a method that the standard library calls", "traceback.rude.MarshalJSON", "panic: rude", func() { _, _ = json.Marshal(rude{}) }},
		{"in the standard library", "strings.Repeat", "panic: strings: negative Repeat count", func() { _ = strings.Repeat("x", -len(os.Args)) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tb := caught(tt.f)
			require.NotEmpty(t, tb.Frames)
			assert.Equal(t, tt.first, tb.Frames[0].Name())
			assert.Equal(t, tt.message, tb.Message)
			assert.Equal(t, "traceback.caught", names(tb.Frames)[len(tb.Frames)-2], "what called it is there too")
		})
	}
}

type rude struct{}

func (rude) MarshalJSON() ([]byte, error) { panic("rude") }

func TestNestedPanics(t *testing.T) {
	tb := caught(func() {
		defer func() {
			defer func() { throws(fmt.Errorf("third, after: %v", recover())) }()
			throws(errors.New("second"))
		}()
		throws(errors.New("first"))
	})
	assert.Equal(t, "third, after: second", tb.Message)
	assert.Equal(t, "traceback.throws", tb.Frames[0].Name(), "that of the last one")
	all := strings.Join(names(tb.Frames), " ")
	assert.Equal(t, 3, strings.Count(all, "traceback.throws"), "the others are below it")
	assert.Equal(t, 2, strings.Count(all, "runtime.gopanic"))
}

//go:noinline
func descend(n int) int {
	if n == 0 {
		panic("bottom")
	}
	return descend(n-1) + 1
}

//go:noinline
func ping(n int) int {
	if n == 0 {
		panic("bottom")
	}
	return pong(n) + 1
}

//go:noinline
func pong(n int) int { return ping(n-1) + 1 }

func TestRecursionIsFolded(t *testing.T) {
	tb := caught(func() { descend(5000) })
	require.Equal(t, []string{"traceback.descend", "traceback.descend"}, names(tb.Frames)[:2], "the call at the bottom is at another line")
	assert.Equal(t, 1, tb.Frames[1].Cycle)
	assert.Equal(t, 4999, tb.Frames[1].Repeated)
	assert.Less(t, len(tb.Frames), 10)
	assert.Zero(t, tb.Omitted)
	assert.Contains(t, tb.String(), "\n(this call 4999 times more)\n")

	tb = caught(func() { ping(1000) })
	assert.Equal(t, []string{"traceback.ping", "traceback.pong", "traceback.ping"}, names(tb.Frames)[:3])
	assert.Equal(t, 2, tb.Frames[2].Cycle)
	assert.Equal(t, 999, tb.Frames[2].Repeated)
	assert.Contains(t, tb.String(), "\n(these 2 calls 999 times more)\n")
	assert.Less(t, len(tb.Frames), 10)

	tb = caught(func() { descend(3) })
	assert.Zero(t, tb.Frames[1].Repeated, "a few calls are no recursion")
}

func TestAStackWithoutEnd(t *testing.T) {
	tb := caught(func() { descend(100_000) })
	assert.Less(t, len(tb.Frames), 10)
	assert.Greater(t, tb.Frames[1].Repeated, maxFrames/2)
}

// many calls itself through functions of its own, so that no cycle is short.
func many(n int) {
	if n == 0 {
		panic("bottom")
	}
	switch n % 11 {
	case 0:
		many(n - 1)
	case 1:
		many(n - 1)
	case 2:
		many(n - 1)
	case 3:
		many(n - 1)
	case 4:
		many(n - 1)
	case 5:
		many(n - 1)
	case 6:
		many(n - 1)
	case 7:
		many(n - 1)
	case 8:
		many(n - 1)
	case 9:
		many(n - 1)
	default:
		many(n - 1)
	}
}

func TestALongStackIsCutInTheMiddle(t *testing.T) {
	tb := caught(func() { many(1000) })
	assert.Len(t, tb.Frames, maxShown)
	assert.Greater(t, tb.Omitted, 700)
	assert.Equal(t, "testing.tRunner", caughtOutermost(tb))
	assert.Contains(t, tb.String(), fmt.Sprintf("\n(%d calls left out)\n", tb.Omitted))
}

// caughtOutermost is what would call the last frame: it was cut off.
func caughtOutermost(tb *Traceback) string {
	if last := tb.Frames[len(tb.Frames)-1]; strings.HasPrefix(last.Name(), "traceback.Test") {
		return "testing.tRunner"
	}
	return ""
}

type tree struct{ causes []error }

func (e *tree) Error() string   { return "several" }
func (e *tree) Unwrap() []error { return e.causes }

type endless struct{}

func (e endless) Error() string { return "endless" }
func (e endless) Unwrap() error { return e }

type silent struct{}

func (*silent) Error() string { panic("no text") }
func (*silent) Unwrap() error { panic("no cause") }

func TestChain(t *testing.T) {
	_, missing := os.Open("/nowhere/notes.txt")
	joined := errors.Join(fmt.Errorf("save: %w", missing), fs.ErrExist)
	assert.Equal(t, []Link{
		{0, "*errors.joinError", "save: open /nowhere/notes.txt: no such file or directory\nfile already exists"},
		{1, "*fmt.wrapError", "save: open /nowhere/notes.txt: no such file or directory"},
		{2, "*fs.PathError", "open /nowhere/notes.txt: no such file or directory"},
		{3, "syscall.Errno", "no such file or directory"},
		{1, "*errors.errorString", "file already exists"},
	}, Of(joined, nil).Chain)
	assert.Equal(t, []Link{{0, "*traceback.tree", "several"}, {1, "syscall.Errno", "interrupted system call"}},
		Of(&tree{[]error{nil, syscall.EINTR}}, nil).Chain)
	assert.Len(t, Of(endless{}, nil).Chain, maxLinks)
	assert.Equal(t, []Link{{0, "*traceback.silent", "(the method Error of *traceback.silent panicked)"}}, Of(&silent{}, nil).Chain)
	assert.Equal(t, []Link{{0, "nil", "nil"}}, Of(nil, nil).Chain)
}

func TestAHugeMessageIsShortened(t *testing.T) {
	tb := Of(errors.New(strings.Repeat("ä", 1<<20)), nil)
	same := func(s string) string { return s }
	tb.Mask(same, same)
	assert.Equal(t, strings.Repeat("ä", maxMessage/2)+shortened, tb.Message)
	assert.LessOrEqual(t, len(tb.String()), 2*maxMessage)
}

// withStack is an error as some packages make them.
type stackTrace []uintptr

type withStack struct{ stack []uintptr }

func (withStack) Error() string            { return "with a stack" }
func (w withStack) StackTrace() stackTrace { return w.stack }

type withCallers struct{ error }

func (withCallers) Callers() []uintptr { return Callers(0) }

func TestAnErrorMayBringItsStack(t *testing.T) {
	tb := Of(fmt.Errorf("outer: %w", withStack{Callers(0)}), nil)
	require.NotEmpty(t, tb.Frames)
	assert.Equal(t, "traceback.TestAnErrorMayBringItsStack", tb.Frames[0].Name())
	tb = Of(withCallers{errors.New("x")}, nil)
	require.NotEmpty(t, tb.Frames)
	assert.Equal(t, "traceback.withCallers.Callers", tb.Frames[0].Name())
	assert.Empty(t, Of(errors.New("x"), nil).Frames)
}

func frame(function, file string) Frame {
	p := &program{own: []string{"example.com/notes", "hello"}}
	pkg := packageOf(function)
	return Frame{Function: function, Package: pkg, File: file, Line: 1, Kind: p.kind(pkg, file)}
}

func TestWhoseAFrameIs(t *testing.T) {
	for function, want := range map[string]Kind{
		"main.main":                                           App,
		"example.com/notes/store.(*Store).Get":                App,
		"example.com/notes.f[go.shape.int]":                   App,
		"example.com/notesandmore.F":                          Library,
		"hello.index":                                         App,
		"hello/web.index":                                     App,
		"github.com/gorilla/mux.(*Router).ServeHTTP":          Library,
		"gopkg.in/yaml%2ev3.Unmarshal":                        Library,
		"net/http.(*conn).serve":                              Standard,
		"runtime.gopanic":                                     Standard,
		"vendor/golang.org/x/net/http2.f":                     Standard,
		"github.com/retort-go/retort.(*App).ServeHTTP":        Framework,
		"github.com/retort-go/retort/middleware.Recover.f":    Framework,
		"github.com/retort-go/retort/contrib/redis.f":         Library,
		"github.com/retort-go/retort/examples/apps/blog.show": App,
		"github.com/retort-go/retort-extras.F":                Library,
	} {
		assert.Equal(t, want, frame(function, "f.go").Kind, function)
	}
	assert.Equal(t, App, frame("github.com/retort-go/retort.TestX", "x_test.go").Kind)
	assert.Equal(t, "gopkg.in/yaml.v3", packageOf("gopkg.in/yaml%2ev3.Unmarshal"))
	assert.Equal(t, "slices", packageOf("slices.SortFunc[go.shape.[]example.com/x.T]"))
	assert.Equal(t, "", packageOf("show.html"[:4]))
	assert.Equal(t, "app library standard framework template", fmt.Sprint(App, " ", Library, " ", Standard, " ", Framework, " ", Template))
}

func TestTheServerIsCutOff(t *testing.T) {
	frames := []Frame{
		frame("main.show", "a.go"), frame("reflect.Value.Call", "r.go"), frame("github.com/retort-go/retort.(*App).serve", "d.go"),
		frame("main.log.func1", "a.go"), frame("github.com/retort-go/retort.(*App).ServeHTTP", "d.go"),
		frame("main.outer", "a.go"), frame("net/http.(*conn).serve", "s.go"),
	}
	assert.Equal(t, []string{"main.show", "reflect.Value.Call", "retort.(*App).serve", "main.log.func1"}, names(withoutServer(frames)))
	assert.Equal(t, []string{"main.outer"}, names(withoutServer(frames[5:])))
	assert.Equal(t, []string{"http.(*conn).serve"}, names(withoutServer(frames[6:])), "rather than nothing")

	tb := &Traceback{Type: "*errors.errorString", Message: "boom", Chain: make([]Link, 1), Frames: frames[:4]}
	tb.Frames[0].Note = "a note"
	assert.Equal(t, "*errors.errorString: boom\n\nmain.show\n    a.go:1  (a note)\n(1 call of reflect)\n(1 call of retort)\nmain.log.func1\n    a.go:1\n", tb.String())
}

func TestText(t *testing.T) {
	file := filepath.Join(t.TempDir(), "main.go")
	require.NoError(t, os.WriteFile(file, []byte("package main\n\nfunc main() {\n\tpanic(1)\n}\n"), 0o600))
	tb := Of(fmt.Errorf("outer: %w", errors.New("two\nlines")), nil)
	tb.Frames = []Frame{{Function: "main.main", File: file, Line: 4}, {Function: "main.gone", File: "/nowhere/x.go", Line: 7}, {Function: "C"}}
	tb.ReadSource()
	assert.Len(t, tb.Frames[0].Excerpt, 5)
	assert.Nil(t, tb.Frames[1].Excerpt)
	assert.Equal(t, "*fmt.wrapError: outer: two\nlines\n  wraps *errors.errorString: two\n    lines\n\nmain.main\n    "+file+":4  panic(1)\nmain.gone\n    /nowhere/x.go:7\nC\n    an unknown place\n", tb.String())
	assert.Equal(t, "    main.go:4  panic(1)", tb.Stack(filepath.Dir(file))[1])

	tb.Mask(func(s string) string { return strings.ReplaceAll(s, "two", "2") }, func(s string) string { return strings.ReplaceAll(s, "1", "I") })
	assert.Contains(t, tb.String(), "outer: 2\nlines")
	assert.Contains(t, tb.String(), "panic(I)")
}

func TestExcerpt(t *testing.T) {
	lines := Excerpt("a\nb\r\nc\n", 2)
	require.Len(t, lines, 3)
	assert.True(t, lines[1].Marked)
	assert.Equal(t, "b", lines[1].Text)
	assert.Len(t, Excerpt(strings.Repeat("x\n", 100), 50), 2*around+1)
	assert.Empty(t, Excerpt("", 1))
}

func TestTheSourceOfAFunctionOfWhichNoMoreIsKnown(t *testing.T) {
	file := filepath.Join(t.TempDir(), "main.go")
	long := "func long() {\n" + strings.Repeat("\tx()\n", 2*maxDeclared) + "}\n"
	require.NoError(t, os.WriteFile(file, []byte("package main\n\nfunc view() error {\n\tif x {\n\t}\n\treturn nil\n}\n\nfunc main() {\n\tapp.Get(\"/\")(func() error {\n\t\treturn nil\n\t})\n\tapp.Get(\"/b\")(func() error { return nil })\n}\n"+long), 0o600))
	for _, tt := range []struct {
		name        string
		line        int
		first, last int
	}{
		{"a function", 3, 3, 7},
		{"a function literal", 10, 10, 12},
		{"one in a line", 13, 8, 18},
		{"a long one", 15, 15, 14 + maxDeclared},
	} {
		tb := &Traceback{Frames: []Frame{{File: file, Line: tt.line, Declared: true}}}
		tb.ReadSource()
		lines := tb.Frames[0].Excerpt
		require.NotEmpty(t, lines, tt.name)
		assert.Equal(t, [2]int{tt.first, tt.last}, [2]int{lines[0].Number, lines[len(lines)-1].Number}, tt.name)
		assert.True(t, lines[tt.line-tt.first].Marked, tt.name)
	}
	gone := &Traceback{Frames: []Frame{{File: file, Line: 1000, Declared: true}}}
	gone.ReadSource()
	assert.Empty(t, gone.Frames[0].Excerpt)
}

func TestASourceThatIsNewerThanTheProgram(t *testing.T) {
	file := filepath.Join(t.TempDir(), "main.go")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	assert.False(t, (&program{built: time.Now().Add(time.Hour)}).newer(file))
	assert.True(t, (&program{built: time.Now().Add(-time.Hour)}).newer(file))
	assert.False(t, (&program{built: time.Now().Add(-time.Hour)}).newer(file+"x"))
	assert.False(t, (&program{}).newer(file), "nothing is known about the program")
	assert.False(t, readProgram().built.IsZero())
}

func TestInlinedCallsAreMarked(t *testing.T) {
	tb := caught(func() { inlined(nil) })
	require.NotEmpty(t, tb.Frames)
	assert.Equal(t, "traceback.inlined", tb.Frames[0].Name())
	assert.Equal(t, testOptimised(), tb.Frames[0].Inlined)
}

func inlined(s []int) int { return s[0] }

// testOptimised reports whether the compiler inlines here: with -N -l it does not.
func testOptimised() bool {
	f := runtime.FuncForPC(reflect.ValueOf(inlined).Pointer())
	return f != nil && !strings.Contains(os.Getenv("GOFLAGS"), "-l")
}

func BenchmarkOf(b *testing.B) {
	err := errors.New("boom")
	stack := Callers(0)
	for b.Loop() {
		Of(err, stack)
	}
}
