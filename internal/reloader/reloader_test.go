//go:build unix

package reloader

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/devbuild"
)

// patience is how long a test waits for what must happen: a program may have to be
// built for it, on a machine that does much else.
const patience = 3 * time.Minute

// program is the source of a program that answers with a text, as a child of the
// reloader does. What stands at BOOT is done before it accepts connections.
const program = `package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
)

func main() {
	BOOT
	socket := os.NewFile(3, "socket")
	ln, err := net.FileListener(socket)
	if err != nil {
		panic(err)
	}
	socket.Close()
	status := os.NewFile(5, "status")
	fmt.Fprintln(status, "watch refresh "+os.Getenv("TEMPLATES"))
	refreshed := ""
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/crash" {
			fmt.Fprintln(os.Stderr, "it goes down")
			os.Exit(3)
		}
		body, _ := io.ReadAll(r.Body)
		fmt.Fprint(w, strings.TrimSpace("TEXT "+string(body)+refreshed))
	})}
	server.SetKeepAlivesEnabled(false)
	var open sync.WaitGroup
	server.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed:
			open.Done()
		}
	}
	accepting := make(chan struct{})
	go func() { server.Serve(ln); close(accepting) }()
	fmt.Fprintln(status, "ready")
	lines := bufio.NewScanner(os.NewFile(4, "control"))
	for lines.Scan() {
		refreshed = lines.Text()[len("refresh ")+len(os.Getenv("TEMPLATES")):]
	}
	ln.Close()
	<-accepting
	fmt.Fprintln(status, "paused")
	open.Wait() // and no Shutdown: it drops what has been accepted and not read
}
`

// running is a reloader under test.
type running struct {
	t         *testing.T
	dir       string
	templates string
	url       string
	done      chan error
	cancel    context.CancelFunc

	mu  sync.Mutex
	log []string
}

func start(t *testing.T, text, boot string) *running {
	r := &running{t: t, dir: t.TempDir(), templates: t.TempDir(), done: make(chan error, 1)}
	r.write("go.mod", "module example.test/app\n\ngo 1.26\n")
	r.program(text, boot)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	r.url = "http://" + ln.Addr().String()
	p := devbuild.InFolder(r.dir)
	p.Env = []string{"GOWORK=off", "GOFLAGS="}
	var ctx context.Context
	ctx, r.cancel = context.WithCancel(context.Background())
	o := Options{
		Program: p, Listener: ln, Interval: 50 * time.Millisecond, Env: []string{"TEMPLATES=" + r.templates},
		Stdout: t.Output(), Stderr: t.Output(), ExtraFiles: []string{filepath.Join(r.dir, "extra.txt")}, ExcludePatterns: []string{"*_gen.go"},
		Log: r.note,
		Page: func(p *Problem) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusServiceUnavailable)
				_, _ = fmt.Fprintf(w, "%s|%s|%s|%v", p.Title(), p.Exit, p.Output, p.Errors)
			})
		},
	}
	go func() { r.done <- Run(ctx, o) }()
	t.Cleanup(r.stop)
	return r
}

func (r *running) stop() {
	r.cancel()
	select {
	case err := <-r.done:
		assert.NoError(r.t, err)
		r.done <- nil
	case <-time.After(patience):
		r.t.Error("the reloader does not end")
	}
}

func (r *running) note(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log = append(r.log, line)
}

func (r *running) logged() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.log, "\n")
}

// logs waits until the reloader has logged a text.
func (r *running) logs(text string) {
	r.t.Helper()
	require.Eventually(r.t, func() bool { return strings.Contains(r.logged(), text) }, patience, 5*time.Millisecond, text)
}

func (r *running) write(name, text string) {
	r.t.Helper()
	require.NoError(r.t, os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o644))
}

// program writes the source anew.
func (r *running) program(text, boot string) {
	r.t.Helper()
	r.write("main.go", strings.NewReplacer("TEXT", text, "BOOT", boot).Replace(program))
}

// post sends a request on a connection of its own.
func (r *running) post(path, body string) (int, string, error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	res, err := client.Post(r.url+path, "text/plain", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, string(text), err
}

// answers waits until a request is answered so.
func (r *running) answers(status int, contains string) {
	r.t.Helper()
	var got int
	var text string
	ok := assert.Eventually(r.t, func() bool {
		var err error
		got, text, err = r.post("/", "")
		return assert.NoError(r.t, err) && got == status && strings.Contains(text, contains)
	}, patience, 20*time.Millisecond)
	if !ok {
		r.t.Fatalf("the last answer: %d %s\n%s", got, text, r.logged())
	}
}

func TestASavedFileIsServed(t *testing.T) {
	r := start(t, "one", "")
	r.answers(200, "one")
	r.program("two", "")
	r.answers(200, "two")
	assert.Contains(t, r.logged(), fmt.Sprintf(" * Detected change in %q, reloading", filepath.Join(r.dir, "main.go")))
}

func TestAnErrorOfTheCompilerIsAnsweredUntilItIsMended(t *testing.T) {
	r := start(t, "one", "")
	r.answers(200, "one")
	r.program("two", "undefined()")
	r.answers(503, "The program cannot be compiled|")
	_, text, err := r.post("/", "")
	require.NoError(t, err)
	assert.Contains(t, text, "undefined: undefined")
	r.program("three", "")
	r.answers(200, "three")
	r.write("new.go", "package main\n\nvar x int = \"\"\n") // in a file that was not there
	r.answers(503, "cannot use")
	require.NoError(t, os.Remove(filepath.Join(r.dir, "new.go")))
	r.answers(200, "three")
}

func TestAProgramThatDoesNotCompileAtFirst(t *testing.T) {
	r := start(t, "one", "undefined()")
	r.answers(503, "cannot be compiled")
	r.program("two", "")
	r.answers(200, "two")
}

func TestACrashWhileStarting(t *testing.T) {
	r := start(t, "one", `panic("no database")`)
	r.answers(503, "The program ended while it was starting|exit status 2|panic: no database")
	r.program("two", "")
	r.answers(200, "two")
}

func TestACrashHealsOnce(t *testing.T) {
	r := start(t, "one", "")
	r.answers(200, "one")
	_, _, err := r.post("/crash", "")
	assert.Error(t, err)
	r.logs(" * The program crashed (exit status 3); starting it again")
	r.answers(200, "one") // the page between is there for a second; who is slow does not see it
	_, _, err = r.post("/crash", "")
	assert.Error(t, err)
	r.logs(" * The program crashed again (exit status 3); waiting for a change")
	r.answers(503, "The program crashed|exit status 3|it goes down")
	r.program("two", "")
	r.answers(200, "two")
}

func TestAPostDuringARebuildIsAnsweredOnceByTheNewCode(t *testing.T) {
	r := start(t, "one", "")
	r.answers(200, "one")
	r.program("two", "")
	r.logs("Detected change")
	status, text, err := r.post("/", "posted")
	require.NoError(t, err)
	assert.Equal(t, 200, status)
	assert.Equal(t, "two posted", text)
}

func TestRefreshAndRestart(t *testing.T) {
	r := start(t, "one", "")
	r.answers(200, "one")
	require.NoError(t, os.WriteFile(filepath.Join(r.templates, "a.html"), nil, 0o644))
	r.answers(200, "one /a.html")
	r.write("extra.txt", "x")
	r.answers(200, "one") // without the line that the last program was told
	require.Eventually(t, func() bool { _, text, _ := r.post("/", ""); return text == "one" }, patience, 20*time.Millisecond)
}

func TestATemplateThatIsSavedWhileTheProgramStarts(t *testing.T) {
	r := start(t, "one", `os.WriteFile(os.Getenv("TEMPLATES")+"/b.html", nil, 0o644)`)
	r.answers(200, "one /b.html")
}

// A template that is read at the start, and is wrong there.
func TestATemplateThatKeepsTheProgramFromStarting(t *testing.T) {
	boot := `if text, _ := os.ReadFile(os.Getenv("TEMPLATES") + "/c.html"); string(text) == "bad" { panic("the template is bad") }`
	r := start(t, "one", boot)
	r.answers(200, "one")
	require.NoError(t, os.WriteFile(filepath.Join(r.templates, "c.html"), []byte("bad"), 0o644))
	r.answers(200, "one /c.html")
	r.program("two", boot)
	r.answers(503, "the template is bad")
	require.NoError(t, os.WriteFile(filepath.Join(r.templates, "c.html"), []byte("good"), 0o644))
	r.answers(200, "two")
}

func TestAProgramThatCannotBeStarted(t *testing.T) {
	var log []string
	r := &reloader{folder: "/tmp/retort-build-1", Options: Options{Log: func(line string) { log = append(log, line) }}}
	r.notStarted(&fs.PathError{Op: "fork/exec", Path: "/tmp/retort-build-1/program1", Err: fs.ErrPermission})
	r.notStarted(errors.New("out of memory"))
	assert.Equal(t, []string{
		" * The program cannot be started: fork/exec /tmp/retort-build-1/program1: permission denied\n" +
			"The program was built in /tmp/retort-build-1, where the system lets no programs run (noexec).\n" +
			"Set TMPDIR to a folder where it does, and start the server again.",
		" * The program cannot be started: out of memory",
	}, log)
}

func TestExcludedFilesAreNotWatched(t *testing.T) {
	r := start(t, "one", "")
	r.answers(200, "one")
	r.write("x_gen.go", "package main\n\nbroken\n")
	require.NoError(t, os.WriteFile(filepath.Join(r.templates, "a.html"), nil, 0o644))
	r.answers(200, "one /a.html") // what came before it has been looked at
	assert.NotContains(t, r.logged(), "Detected")
}

func TestNoRequestIsLostOverManyBuilds(t *testing.T) {
	r := start(t, "one", "")
	r.answers(200, "one")
	stop := make(chan struct{})
	var clients sync.WaitGroup
	var mu sync.Mutex
	seen := make(map[string]int)
	for range 20 {
		clients.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				_, text, err := r.post("/", "")
				mu.Lock()
				if assert.NoError(t, err) {
					seen[text]++
				}
				mu.Unlock()
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	for i := range 6 {
		text := fmt.Sprint("build", i)
		r.program(text, "")
		require.Eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return seen[text] > 0 }, patience, 10*time.Millisecond)
	}
	close(stop)
	clients.Wait()
}

func TestAProgramThatEndsByItself(t *testing.T) {
	r := start(t, "one", "os.Exit(0)")
	select {
	case err := <-r.done:
		assert.NoError(t, err)
		r.done <- nil
	case <-time.After(patience):
		t.Fatal("the reloader goes on")
	}
}
