//go:build unix

package reloader

import (
	"context"
	"fmt"
	"io"
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

// program is the source of a program that answers with a text, as a child of the
// reloader does. What stands at BOOT is done before it accepts connections.
const program = `package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
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
	go server.Serve(ln)
	fmt.Fprintln(status, "ready")
	lines := bufio.NewScanner(os.NewFile(4, "control"))
	for lines.Scan() {
		refreshed = lines.Text()[len("refresh ")+len(os.Getenv("TEMPLATES")):]
	}
	ln.Close()
	fmt.Fprintln(status, "paused")
	time.Sleep(50 * time.Millisecond) // what has been accepted reaches the server
	server.Shutdown(context.Background())
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
	case <-time.After(20 * time.Second):
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
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
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
	}, 30*time.Second, 20*time.Millisecond)
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
	r.answers(503, "The program crashed|exit status 3|")
	r.answers(200, "one")
	_, _, err = r.post("/crash", "")
	assert.Error(t, err)
	r.answers(503, "it goes down")
	time.Sleep(1500 * time.Millisecond)
	r.answers(503, "The program crashed|")
	r.program("two", "")
	r.answers(200, "two")
}

func TestAPostDuringARebuildIsAnsweredOnceByTheNewCode(t *testing.T) {
	r := start(t, "one", "")
	r.answers(200, "one")
	r.program("two", "")
	require.Eventually(t, func() bool { return strings.Contains(r.logged(), "Detected change") }, 10*time.Second, time.Millisecond)
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
	require.Eventually(t, func() bool { _, text, _ := r.post("/", ""); return text == "one" }, 10*time.Second, 20*time.Millisecond)
}

func TestATemplateThatIsSavedWhileTheProgramStarts(t *testing.T) {
	r := start(t, "one", `os.WriteFile(os.Getenv("TEMPLATES")+"/b.html", nil, 0o644)`)
	r.answers(200, "one /b.html")
}

func TestExcludedFilesAreNotWatched(t *testing.T) {
	r := start(t, "one", "")
	r.answers(200, "one")
	r.write("x_gen.go", "package main\n\nbroken\n")
	time.Sleep(time.Second)
	r.answers(200, "one")
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
		require.Eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return seen[text] > 0 }, 30*time.Second, 10*time.Millisecond)
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
	case <-time.After(30 * time.Second):
		t.Fatal("the reloader goes on")
	}
}
