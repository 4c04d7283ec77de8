package tests

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/devbuild"
	"github.com/retort-go/retort/internal/devpage"
	"github.com/retort-go/retort/internal/reloader"
)

// notesSource is the source of a program that has gone wrong in several ways.
const notesSource = `package main

import (
	"log"

	"github.com/retort-go/retort"
)

func main() {
	app := retort.New("notes")
	app.Get("/")(index)
	app.Get("/hello/<name>")(func(name string) string {
		// Names come from the URL, so the template escapes them.
		return greetng(name) + ", and welcome to the notebook that remembers everything you have ever told it, in order"
	})
	if err := app.Run(); err != nil {
		log.Fatal(err)
	}
}
`

// notesTrace is what it writes when it crashes.
const notesTrace = "127.0.0.1 - - [21/Nov/2026 05:10:01] \"GET / HTTP/1.1\" 200 -\n" +
	"127.0.0.1 - - [21/Nov/2026 05:10:02] \"\x1b[33mGET /favicon.ico HTTP/1.1\x1b[0m\" 404 -\n" +
	"127.0.0.1 - - [21/Nov/2026 05:10:04] \"\x1b[1;35mGET /boom HTTP/1.1\x1b[0m\" 500 -\n" +
	`fatal error: concurrent map writes

goroutine 34 [running]:
internal/runtime/maps.fatal({0x6f2f5e?, 0xc000122008?})
	/usr/local/go/src/runtime/panic.go:1058 +0x18
main.(*counters).visit(0xc00012e000, {0x6ed2b7, 0x1})
	DIR/main.go:14 +0x74
created by main.main in goroutine 1
	DIR/main.go:11 +0x165

goroutine 1 [IO wait]:
internal/poll.runtime_pollWait(0x7f4a5c1f6de8, 0x72)
	/usr/local/go/src/runtime/netpoll.go:351 +0x85
main.main()
	DIR/main.go:16 +0x16f
exit status 2
`

// notesRace is what the race detector ends it with.
const notesRace = `==================
WARNING: DATA RACE
Read at 0x00000014f163 by goroutine 18:
  main.(*counters).visit()
      DIR/main.go:14 +0x30

Previous write at 0x00000014f163 by goroutine 16:
  main.(*counters).visit()
      DIR/main.go:11 +0xbd
  net/http.(*conn).serve()
      /usr/local/go/src/net/http/server.go:2067 +0xe64
==================
exit status 66
`

// notesProblems are the problems of that program, by the name of their pictures.
func notesProblems(t *testing.T) (dir string, all map[string]*reloader.Problem) {
	dir = t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.test/notes\n"), 0o600))
	file := filepath.Join(dir, "main.go")
	require.NoError(t, os.WriteFile(file, []byte(notesSource), 0o600))
	excerpt := func(line int) []devbuild.SourceLine { return devbuild.Excerpt(file, line, 3) }
	var many []devbuild.CompileError
	for i := range 40 {
		many = append(many, devbuild.CompileError{File: file, Line: 10 + i%6, Column: 3, Message: fmt.Sprintf(`cannot use "%d" (untyped string constant) as int value in argument to a function of the package`, i), Excerpt: excerpt(10 + i%6)})
	}
	return dir, map[string]*reloader.Problem{
		"compile": {
			Kind: reloader.BuildFailed, ID: "1", Output: "# example.test/notes\n./main.go:11:15: undefined: index\n./main.go:14:10: undefined: greetng\n",
			Errors: []devbuild.CompileError{
				{File: file, Line: 11, Column: 15, Message: "undefined: index", Excerpt: excerpt(11)},
				{File: file, Line: 14, Column: 10, Message: "undefined: greetng", Excerpt: excerpt(14)},
				{File: file, Line: 14, Column: 3, Message: "not enough return values\n\thave (string)\n\twant (string, error)", Excerpt: excerpt(14)},
			},
		},
		"build": {Kind: reloader.BuildFailed, ID: "2", Output: "package example.test/notes\n\timports example.test/notes/store\n\timports example.test/notes: import cycle not allowed\n"},
		"boot":  {Kind: reloader.BootFailed, ID: "3", Exit: "exit status 1", Output: "\x1b[36mINFO\x1b[0m opening the database\n2026/11/21 05:10:11 cannot open notes.db: permission denied\n"},
		"syntax": {
			Kind: reloader.BuildFailed, ID: "5", Output: "# example.test/notes\n./main.go:30:1: syntax error: unexpected EOF, expected }\n",
			Errors: []devbuild.CompileError{{File: file, Line: 30, Column: 1, Message: "syntax error: unexpected EOF, expected }", Excerpt: devbuild.Excerpt(file, 22, 3)}},
		},
		"many":  {Kind: reloader.BuildFailed, ID: "6", Errors: many},
		"long":  {Kind: reloader.BootFailed, ID: "7", Exit: "exit status 1", Output: strings.Repeat("\x1b[33mWARN\x1b[0m a module of the configuration, which is very large, takes a line that is longer than the window to say that it is old\n", 2000) + "cannot open notes.db\n"},
		"race":  {Kind: reloader.Crashed, ID: "8", Exit: "exit status 66", Output: strings.ReplaceAll(notesRace, "DIR", dir)},
		"crash": {Kind: reloader.Crashed, ID: "4", Exit: "exit status 2", Output: strings.ReplaceAll(notesTrace, "DIR", dir)},
	}
}

// TestProblemsInABrowser: nothing is wider than the window, the console has no
// complaints, and pictures are there to be looked at.
func TestProblemsInABrowser(t *testing.T) {
	tab := startBrowser(t).newTab(1280, 900)
	dir, problems := notesProblems(t)
	for name, p := range problems {
		stop := make(chan struct{})
		p.Stopping = stop
		server := httptest.NewServer(devpage.Problem(p, devpage.ProblemOptions{Dir: dir}))
		tab.open(server.URL + "/")
		tab.waitForText(p.Title())
		tab.waitFor(`document.querySelector("[data-copy]").checkVisibility()`)
		tab.do("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-reduced-motion", "value": "reduce"}}})
		assert.Equal(t, "none", tab.run(`getComputedStyle(document.querySelector(".dot")).animationName`))
		order := tab.tabOrder()
		assert.Equal(t, "Copy as text", order[0], name)
		tab.lookAt("problem-" + name)
		assert.Empty(t, tab.complaints(), name)
		close(stop)
		tab.open("about:blank")
		server.Close()
	}
}
