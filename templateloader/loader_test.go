package templateloader

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// folders makes a loader of two folders: "site" and "blog".
func folders(t *testing.T, site, blog map[string]string) (l *Loader, dirs [2]string) {
	t.Helper()
	l = new(Loader)
	for i, files := range []map[string]string{site, blog} {
		dirs[i] = t.TempDir()
		for name, text := range files {
			path := filepath.Join(dirs[i], filepath.FromSlash(name))
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
			require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		}
		l.Sources = append(l.Sources, Source{[]string{`the app "site"`, `the blueprint "blog"`}[i], Dir(dirs[i])})
	}
	return l, dirs
}

func TestTheFirstSourceWins(t *testing.T) {
	l, _ := folders(t, map[string]string{"a.html": "site a", "sub/x.html": "site x"}, map[string]string{"a.html": "blog a", "b.html": "blog b"})
	for name, want := range map[string]string{"a.html": "site a", "b.html": "blog b", "sub/x.html": "site x"} {
		f, err := l.Load(name)
		require.NoError(t, err)
		assert.Equal(t, want, f.Text)
		assert.Equal(t, name, f.Name)
		now, err := l.Stamp(name)
		require.NoError(t, err)
		assert.Equal(t, f.Stamp, now)
	}
	assert.Equal(t, []string{"a.html", "b.html", "sub/x.html"}, l.Names())
}

func TestNotFound(t *testing.T) {
	l, dirs := folders(t, map[string]string{"index.html": "", "sub/x.html": ""}, nil)
	require.NoError(t, os.Remove(dirs[1]))
	tests := []struct{ name, want string }{
		{"zzz.html", `there is no template "zzz.html"; it was looked for in the app "site" (` + dirs[0] + `), the blueprint "blog" (` + dirs[1] + `): there is no such folder`},
		{"indx.html", `there is no template "indx.html", perhaps "index.html" is meant; it was looked for in the app "site" (` + dirs[0] + `), the blueprint "blog" (` + dirs[1] + `): there is no such folder`},
		{"sub", `there is no template "sub", perhaps "sub/x.html" is meant; it was looked for in the app "site" (` + dirs[0] + `): a folder, not a file, the blueprint "blog" (` + dirs[1] + `): there is no such folder`},
		{"index.html/zzz", `there is no template "index.html/zzz"; it was looked for in the app "site" (` + dirs[0] + `), the blueprint "blog" (` + dirs[1] + `): there is no such folder`},
	}
	for _, tt := range tests {
		_, err := l.Load(tt.name)
		require.EqualError(t, err, tt.want)
		assert.ErrorIs(t, err, fs.ErrNotExist)
		_, err = l.Stamp(tt.name)
		assert.EqualError(t, err, tt.want)
	}
	_, err := new(Loader).Load("a.html")
	assert.EqualError(t, err, `there is no template "a.html"; there is no folder of templates to look into`)
}

func TestExplain(t *testing.T) {
	l, dirs := folders(t, map[string]string{"a.html": ""}, map[string]string{"a.html": "", "b.html": ""})
	l.Sources = append(l.Sources, Source{"a tree", fstest.MapFS{}})
	assert.Equal(t, "looking for the template \"a.html\":\n"+
		"    1. the app \"site\" ("+dirs[0]+"): found\n"+
		"    2. the blueprint \"blog\" ("+dirs[1]+"): found too, but that of the app \"site\" comes first\n"+
		"    3. a tree: not there", l.Explain("a.html").String())
	assert.True(t, l.Explain("a.html").Found())
	assert.Equal(t, "looking for the template \"c.html\":\n"+
		"    1. the app \"site\" ("+dirs[0]+"): not there\n"+
		"    2. the blueprint \"blog\" ("+dirs[1]+"): not there\n"+
		"    3. a tree: not there\n"+
		"       it is nowhere", l.Explain("c.html").String())
	assert.Equal(t, `looking for the template "": "" is no name for a template: it is empty`, l.Explain("").String())
	assert.Equal(t, `looking for the template "a": there is no folder of templates to look into`, new(Loader).Explain("a").String())

	var traced []string
	l.Trace = func(e *Explanation) { traced = append(traced, e.Name) }
	_, _ = l.Load("a.html")
	_, _ = l.Load("c.html")
	assert.Equal(t, []string{"a.html", "c.html"}, traced)
}

func TestNames(t *testing.T) {
	tests := []struct{ name, reason string }{
		{"", "it is empty"},
		{".", "it is empty"},
		{"a\x00", "it holds a NUL"},
		{`..\a`, "it holds a backslash; the parts of a name are separated by slashes on every system"},
		{"/etc/passwd", "it starts with a slash; names are relative to the folders of the templates"},
		{"../a", `it leads upwards with ".."; what is outside of the folders of the templates cannot be reached`},
		{"a/../../b", `it leads upwards with ".."; what is outside of the folders of the templates cannot be reached`},
		{"a/../b", `it leads upwards with ".."; what is outside of the folders of the templates cannot be reached`},
		{"a//b", `it is not in its shortest form, "a/b", or not UTF-8`},
		{"./a", `it is not in its shortest form, "a", or not UTF-8`},
		{"a/", `it is not in its shortest form, "a", or not UTF-8`},
	}
	for _, tt := range tests {
		err := CheckName(tt.name)
		var name *NameError
		require.ErrorAs(t, err, &name, "%q", tt.name)
		assert.Equal(t, tt.reason, name.Reason, "%q", tt.name)
		_, loading := new(Loader).Load(tt.name)
		assert.Equal(t, err, loading)
	}
	assert.EqualError(t, CheckName("a/"), `"a/" is no name for a template: it is not in its shortest form, "a", or not UTF-8`)
	assert.NoError(t, CheckName("..a/b..html"))
}

func TestALinkDoesNotLeadOut(t *testing.T) {
	l, dirs := folders(t, nil, nil)
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("secret"), 0o600))
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	require.NoError(t, os.Symlink(secret, filepath.Join(dirs[0], "a.html")))
	_, err := l.Load("a.html")
	require.Error(t, err)
	assert.NotErrorIs(t, err, fs.ErrNotExist)
	assert.Contains(t, err.Error(), `the template "a.html" of the app "site" (`+dirs[0]+`) cannot be read: `)
}

// broken is a tree that cannot be read.
type broken struct{}

var errBroken = errors.New("broken")

func (broken) Open(string) (fs.File, error) { return nil, errBroken }

func TestASourceThatCannotBeRead(t *testing.T) {
	l := &Loader{Sources: []Source{{"the disk", broken{}}, {"a tree", fstest.MapFS{"a.html": {}}}}}
	_, err := l.Load("a.html")
	assert.EqualError(t, err, `the template "a.html" of the disk cannot be read: broken`)
	assert.ErrorIs(t, err, errBroken)
	assert.Equal(t, []string{"a.html"}, l.Names())
	assert.Equal(t, "broken", l.Explain("a.html").Attempts[0].Outcome)
}

func TestDir(t *testing.T) {
	l, dirs := folders(t, map[string]string{"a.html": "a", "sub/b.html": "b"}, nil)
	require.NoError(t, fstest.TestFS(l.Sources[0].FS, "a.html", "sub/b.html"))
	require.NoError(t, os.RemoveAll(dirs[0]))
	_, err := l.Load("a.html")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NoError(t, os.Mkdir(dirs[0], 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dirs[0], "a.html"), []byte("new"), 0o600))
	f, err := l.Load("a.html")
	require.NoError(t, err)
	assert.Equal(t, "new", f.Text, "a folder that was replaced")
}

// FuzzName: no name reads what is outside, and CheckName refuses nothing that
// the sources would find.
func FuzzName(f *testing.F) {
	for _, name := range []string{"a.html", "../secret", "/secret", `..\secret`, "sub/../../secret", "a\x00", "sub/b.html", ".", "a.html/", "sub//b.html"} {
		f.Add(name)
	}
	outside := f.TempDir()
	inside := filepath.Join(outside, "in")
	require.NoError(f, os.MkdirAll(filepath.Join(inside, "sub"), 0o700))
	for name, text := range map[string]string{"secret": "secret", "in/a.html": "template", "in/sub/b.html": "template"} {
		require.NoError(f, os.WriteFile(filepath.Join(outside, name), []byte(text), 0o600))
	}
	l := &Loader{Sources: []Source{{"inside", Dir(inside)}, {"a tree", os.DirFS(inside)}}}
	f.Fuzz(func(t *testing.T, name string) {
		file, err := l.Load(name)
		if err == nil {
			assert.Equal(t, "template", file.Text)
			assert.True(t, strings.HasSuffix(name, ".html"))
			return
		}
		assert.NotContains(t, err.Error(), "secret\n")
		assert.False(t, CheckName(name) != nil && (name == "a.html" || name == "sub/b.html"))
	})
}
