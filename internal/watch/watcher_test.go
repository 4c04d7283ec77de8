package watch

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// folder is a temporary folder with files, as a root and by name.
type folder struct {
	t   *testing.T
	dir string
}

func newFolder(t *testing.T, names ...string) folder {
	f := folder{t, t.TempDir()}
	for _, name := range names {
		f.write(name, name)
	}
	return f
}

func (f folder) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

func (f folder) write(name, text string) {
	f.t.Helper()
	require.NoError(f.t, os.MkdirAll(filepath.Dir(f.path(name)), 0o755))
	require.NoError(f.t, os.WriteFile(f.path(name), []byte(text), 0o644))
}

// next gives the next changes as "created a.go" and so on, within some seconds.
func (f folder) next(w *Watcher) []string {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var all []string
	for _, c := range w.Next(ctx) {
		all = append(all, strings.TrimPrefix(c.Op.String()+" "+strings.TrimPrefix(c.Path, f.dir+string(filepath.Separator))+" "+c.Label, " "))
	}
	require.NoError(f.t, ctx.Err(), "no change was seen")
	return all
}

// quiet requires that a look finds nothing.
func (f folder) quiet(w *Watcher) {
	f.t.Helper()
	assert.Empty(f.t, w.look())
}

// everyWay runs a test with the notifications of the system and without.
func everyWay(t *testing.T, test func(t *testing.T, o Options)) {
	for _, statOnly := range []bool{false, true} {
		o := Options{Interval: 20 * time.Millisecond, Debounce: 20 * time.Millisecond, StatOnly: statOnly}
		name := "notified"
		if statOnly {
			name = "stat"
		}
		t.Run(name, func(t *testing.T) { test(t, o) })
	}
}

func TestChangesOfFiles(t *testing.T) {
	everyWay(t, func(t *testing.T, o Options) {
		f := newFolder(t, "a.go", "b.go", "sub/c.go", "sub/.hidden/d.go", "e.go~")
		w := New([]Root{{Path: f.dir, Recursive: true, Label: "rebuild"}}, o)
		defer w.Close()
		f.write("a.go", "other")
		assert.Equal(t, []string{"written a.go rebuild"}, f.next(w))
		f.write("sub/new/x.go", "x")
		assert.Equal(t, []string{"created sub/new/x.go rebuild"}, f.next(w))
		f.write("sub/new/x.go", "y")
		require.NoError(t, os.Remove(f.path("b.go")))
		assert.Equal(t, []string{"removed b.go rebuild", "written sub/new/x.go rebuild"}, f.next(w))
		f.write("sub/.hidden/d.go", "not watched")
		f.write("e.go~", "not watched")
		f.quiet(w)
	})
}

func TestASavedFileOfOtherBytesThatEditorsRename(t *testing.T) {
	everyWay(t, func(t *testing.T, o Options) {
		f := newFolder(t, "a.go")
		w := New([]Root{{Path: f.path("a.go")}}, o)
		defer w.Close()
		f.write("a.go.tmp", "other")
		require.NoError(t, os.Rename(f.path("a.go.tmp"), f.path("a.go")))
		assert.Equal(t, []string{"written a.go "}, f.next(w))
	})
}

func TestWhatIsNoChange(t *testing.T) {
	f := newFolder(t, "a.go", "b.go")
	w := New([]Root{{Path: f.dir}}, Options{})
	defer w.Close()
	now := time.Now().Add(time.Hour)
	require.NoError(t, os.Chtimes(f.path("a.go"), now, now))
	require.NoError(t, os.Chmod(f.path("a.go"), 0o600))
	f.write("b.go", "b.go") // the same bytes again
	f.quiet(w)
}

func TestARootThatAppears(t *testing.T) {
	everyWay(t, func(t *testing.T, o Options) {
		f := newFolder(t)
		w := New([]Root{{Path: f.path("templates"), Recursive: true, Label: "refresh"}, {Path: f.path(".env"), Label: "restart"}}, o)
		defer w.Close()
		f.write("templates/a.html", "a")
		assert.Equal(t, []string{"created templates/a.html refresh"}, f.next(w))
		f.write(".env", "A=1")
		assert.Equal(t, []string{"created .env restart"}, f.next(w))
	})
}

func TestSetRootsMissesNothing(t *testing.T) {
	f := newFolder(t, "a.go", "new/b.go")
	w := New([]Root{{Path: f.dir}}, Options{})
	defer w.Close()
	f.write("a.go", "changed before the roots are set anew")
	w.SetRoots([]Root{{Path: f.dir}, {Path: f.path("new")}})
	assert.Equal(t, []string{"written a.go "}, f.next(w))
	f.quiet(w)
	f.write("new/b.go", "other")
	assert.Equal(t, []string{"written new/b.go "}, f.next(w))
}

// The list of roots is made anew while files change.
func TestSetRootsMissesNoFileThatComesOrGoes(t *testing.T) {
	f := newFolder(t, "a.go", "sub/b.go")
	roots := []Root{{Path: f.dir, Match: func(name string) bool { return strings.HasSuffix(name, ".go") }}, {Path: f.path("sub"), Recursive: true}}
	w := New(roots, Options{})
	defer w.Close()
	f.write("new.go", "new")
	f.write("sub/deep/c.go", "new")
	f.write("sub/.hidden/d.go", "not watched")
	f.write("note.txt", "not watched")
	require.NoError(t, os.Remove(f.path("a.go")))
	w.SetRoots(append(roots, Root{Path: f.path("other")}))
	assert.Equal(t, []string{"removed a.go ", "created new.go ", "created sub/deep/c.go "}, f.next(w))
	f.quiet(w)
}

func TestWhatWasWrittenBeforeItsRootWasAdded(t *testing.T) {
	f := newFolder(t, "old.html", "new.html")
	now := time.Now()
	require.NoError(t, os.Chtimes(f.path("old.html"), now, now.Add(-time.Minute)))
	require.NoError(t, os.Chtimes(f.path("new.html"), now, now.Add(time.Second)))
	w := New(nil, Options{Debounce: time.Millisecond})
	defer w.Close()
	roots := []Root{{Path: f.dir, Label: "page", Since: now}}
	w.SetRoots(roots)
	w.SetRoots(append(roots, Root{Path: f.path("elsewhere")}))
	assert.Equal(t, []string{"created new.html page"}, f.next(w))
	f.quiet(w)
	w.SetRoots(roots)
	f.quiet(w)
	w.SetRoots(nil)
	w.SetRoots([]Root{{Path: f.dir}}) // from any time
	f.quiet(w)
}

func TestOfTwoRootsTheFirstNamesTheFile(t *testing.T) {
	f := newFolder(t, "t/a.html")
	w := New([]Root{{Path: f.path("t/a.html"), Label: "rebuild"}, {Path: f.path("t"), Label: "refresh"}}, Options{})
	defer w.Close()
	f.write("t/a.html", "other")
	assert.Equal(t, []string{"written t/a.html rebuild"}, f.next(w))
}

func TestMatch(t *testing.T) {
	f := newFolder(t, "a.go", "a.txt")
	w := New([]Root{{Path: f.dir, Match: func(name string) bool { return strings.HasSuffix(name, ".go") }}}, Options{})
	defer w.Close()
	f.write("a.txt", "other")
	f.quiet(w)
}

func TestNextEndsWithItsContext(t *testing.T) {
	f := newFolder(t)
	w := New([]Root{{Path: f.dir}}, Options{})
	defer w.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	assert.Nil(t, w.Next(ctx))
}

func TestAFolderThatLeadsIntoItself(t *testing.T) {
	f := newFolder(t, "a/b.go")
	require.NoError(t, os.Symlink(f.path("a"), f.path("a/loop")))
	w := New([]Root{{Path: f.dir, Recursive: true}}, Options{})
	defer w.Close()
	f.quiet(w)
}

func TestMergedChanges(t *testing.T) {
	for _, tt := range []struct {
		ops  []Op
		want map[string]Change
	}{
		{[]Op{Created, Written}, map[string]Change{"f": {Path: "f", Op: Created}}},
		{[]Op{Created, Removed}, map[string]Change{}},
		{[]Op{Removed, Created}, map[string]Change{"f": {Path: "f", Op: Written}}},
		{[]Op{Written, Removed}, map[string]Change{"f": {Path: "f", Op: Removed}}},
	} {
		got := make(map[string]Change)
		for _, op := range tt.ops {
			merge(got, Change{Path: "f", Op: op})
		}
		assert.Equal(t, tt.want, got, tt.ops)
	}
}

func BenchmarkLook(b *testing.B) {
	dir := b.TempDir()
	for i := range 1000 {
		name := filepath.Join(dir, "p"+string(rune('a'+i%26)), "f"+strings.Repeat("x", i%50)+string(rune('a'+i/50)))
		_ = os.MkdirAll(filepath.Dir(name), 0o755)
		_ = os.WriteFile(name, []byte("x"), 0o644)
	}
	w := New([]Root{{Path: dir, Recursive: true}}, Options{StatOnly: true})
	for b.Loop() {
		w.look()
	}
}
