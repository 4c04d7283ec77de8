package devpage

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// crash is what a program writes that panics, with its source below ROOT.
const crash = `127.0.0.1 - - "GET / HTTP/1.1" 200 -
panic: first [recovered]
	panic: second

goroutine 7 [running]:
panic({0x1, 0x2})
	/usr/local/go/src/runtime/panic.go:783 +0x132
example.test/app/store.(*Store).Save(0xc0000, {0x1})
	ROOT/store/store.go:3 +0x1d
main.main.func1()
	ROOT/main.go:9
created by main.main in goroutine 1
	ROOT/main.go:8 +0x65

goroutine 1 [sleep, 2 minutes]:
time.Sleep(0x77359400)
	/usr/local/go/src/runtime/time.go:363 +0x165
exit status 2
`

func crashOf(root string) string { return strings.ReplaceAll(crash, "ROOT", root) }

func TestStacksAreToldFromTheRest(t *testing.T) {
	t.Setenv(EnvEditor, "")
	o := readOutput(crashOf("/home/x"), "/home/x")
	var got []string
	for _, l := range o.Lines {
		link := ""
		for _, s := range l.Spans {
			link += string(s.URL)
		}
		got = append(got, fmt.Sprintf("%s|%s|%s", l.Class, l.plain(), link))
	}
	assert.Equal(t, []string{
		`|127.0.0.1 - - "GET / HTTP/1.1" 200 -|`,
		"|panic: first [recovered]|",
		"|\tpanic: second|",
		"||",
		"goroutine|goroutine 7 [running]:|",
		"foreign|panic({0x1, 0x2})|",
		"foreign|\t/usr/local/go/src/runtime/panic.go:783 +0x132|vscode://file/usr/local/go/src/runtime/panic.go:783:1",
		"own|example.test/app/store.(*Store).Save(0xc0000, {0x1})|",
		"own|\t/home/x/store/store.go:3 +0x1d|vscode://file/home/x/store/store.go:3:1",
		"own|main.main.func1()|",
		"own|\t/home/x/main.go:9|vscode://file/home/x/main.go:9:1",
		"own|created by main.main in goroutine 1|",
		"own|\t/home/x/main.go:8 +0x65|vscode://file/home/x/main.go:8:1",
	}, got)
	assert.Equal(t, 1, o.Goroutines)
	assert.Equal(t, "goroutine 1 [sleep, 2 minutes]:", o.More[0].plain())
	assert.Equal(t, "exit status 2", o.More[len(o.More)-1].plain())
}

func TestNothingWritten(t *testing.T) {
	assert.Equal(t, output{}, readOutput(" \n\n", "/x"))
	assert.Equal(t, ending{}, readEnding("\n", "/x"))
}

func TestWhatAProgramEndedWith(t *testing.T) {
	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "store"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, "store", "store.go"), []byte("one\ntwo\nthree\nfour\n"), 0o644))
	e := readEnding(crashOf(root), root)
	assert.Equal(t, "first [recovered]\n\tpanic: second", e.Message)
	assert.Equal(t, filepath.Join(root, "store", "store.go"), e.File)
	assert.Equal(t, 3, e.Line)
	assert.Len(t, e.Excerpt, 4)
	for _, tt := range []struct{ name, text, want string }{
		{"log.Fatal", "INFO x\n2026/11/21 05:10:11 cannot open notes.db\n", "cannot open notes.db"},
		{"log.Fatal with microseconds", "2026/11/21 05:10:11.123456 no\nexit status 1\n", "no"},
		{"a deadlock", "x\nfatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]:\nmain.main()\n\t/x/main.go:3 +0x1\n", "fatal error: all goroutines are asleep - deadlock!"},
		{"a nil pointer", "panic: runtime error: nil\n[signal SIGSEGV: x]\n\ngoroutine 1 [running]:\n", "runtime error: nil\n[signal SIGSEGV: x]"},
		{"the last panic of several", "panic: logged\n\ngoroutine 1 [running]:\nx\n\npanic: real\n\ngoroutine 2 [running]:\n", "real"},
		{"with the state of the scheduler", "panic: x\n\ngoroutine 1 gp=0xc000002380 m=0 mp=0x5b [running]:\n", "x"},
		{"a word without a stack", "panic: is what somebody wrote\nbye\n", "bye"},
	} {
		assert.Equal(t, tt.want, readEnding(tt.text, root).Message, tt.name)
	}
	long := readEnding("panic: "+strings.Repeat("x\n", 100)+strings.Repeat("y", 5000)+"\n\ngoroutine 1 [running]:\n", root)
	assert.Equal(t, maxMessageLines, strings.Count(long.Message, "\n")+1)
}

// race is what the race detector reports before it ends a program that runs with
// GORACE=halt_on_error=1.
const race = `127.0.0.1 - - "GET / HTTP/1.1" 200 -
==================
WARNING: DATA RACE
Read at 0x0000014f1630 by goroutine 18:
  net/http.(*Server).Serve()
      /usr/local/go/src/net/http/server.go:3464 +0x46
  main.race.func1()
      ROOT/store/store.go:2 +0x30

Previous write at 0x0000014f1630 by goroutine 16:
  main.race()
      ROOT/store/store.go:3 +0xbd

Goroutine 18 (running) created at:
  main.race()
      ROOT/store/store.go:1 +0x99
==================
exit status 66
`

func TestWhatTheRaceDetectorReports(t *testing.T) {
	t.Setenv(EnvEditor, "")
	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "store"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, "store", "store.go"), []byte("one\ntwo\nthree\n"), 0o644))
	text := strings.ReplaceAll(race, "ROOT", root)
	e := readEnding(text, root)
	assert.Equal(t, "data race\nRead at 0x0000014f1630 by goroutine 18\nPrevious write at 0x0000014f1630 by goroutine 16", e.Message)
	assert.Equal(t, filepath.Join(root, "store", "store.go"), e.File)
	assert.Equal(t, 2, e.Line)
	assert.Equal(t, "bye", readEnding(text+"bye\n", root).Message, "one that did not end the program")

	o := readOutput(text, root)
	var classes []string
	for _, l := range o.Lines {
		classes = append(classes, l.Class)
	}
	assert.Equal(t, []string{"", "", "", "goroutine", "foreign", "foreign", "own", "own", "", "goroutine", "own", "own", "", "goroutine", "own", "own", "", ""}, classes)
	assert.Equal(t, "      "+filepath.Join(root, "store", "store.go")+":2 +0x30", o.Lines[7].plain())
	assert.NotEmpty(t, o.Lines[7].Spans[1].URL)
	assert.Zero(t, o.Goroutines)
}

func TestWhoseFilesAreTheApplications(t *testing.T) {
	for file, want := range map[string]bool{
		"/x/app/main.go":              true,
		"/x/app/a/b.go":               true,
		"/x/app/vendor/y/z.go":        false,
		"/x/app/go/pkg/mod/y@v1/z.go": false,
		"/x/application/main.go":      false,
		"/x/main.go":                  false,
	} {
		assert.Equal(t, want, within(file, "/x/app"), file)
	}
	assert.False(t, within("/x", ""))
}
