//go:build linux

package tests

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reloadTime is how long a test waits for what must happen: a program may have to
// be built for it, on a machine that does much else.
const reloadTime = 3 * time.Minute

// reloadedApp is a program under development: its folder, and the process that
// runs it.
type reloadedApp struct {
	t   testing.TB
	dir string
	cmd *exec.Cmd
	log lockedBuffer
	url string
	// done is closed when the process has ended.
	done chan struct{}
}

// reloadedMain is its source. What stands at BOOT is done before Run, TEXT is
// what its page says.
const reloadedMain = `package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/retort-go/retort"
)

func main() {
	log.SetFlags(0)
	retort.LoadDotenv()
	BOOT
	app := retort.New("reloaded")
	app.Config.Set("API_TOKEN", "token-of-the-settings")
	app.Get("/")(func() string { return "TEXT" })
	app.Post("/")(func(c *retort.Context) (string, error) {
		body, err := io.ReadAll(c.Request.HTTP().Body)
		fmt.Fprintf(os.Stderr, "answered %q of TEXT\n", body)
		return "TEXT " + string(body), err
	})
	app.Get("/page")(func(c *retort.Context) any { return c.RenderTemplate("page.html") })
	app.Get("/pid")(func() string { return fmt.Sprint(os.Getpid()) })
	app.Get("/env/<name>")(func(name string) string { return os.Getenv(name) })
	app.Get("/environ")(func() ([]byte, error) { return os.ReadFile("/proc/self/environ") })
	app.Get("/scheme")(func(c *retort.Context) string { return c.URLFor("/", retort.External()) })
	app.Get("/panic")(func() string { panic("on purpose") })
	app.Get("/hang")(func() string { fmt.Fprintln(os.Stderr, "hanging"); time.Sleep(time.Hour); return "" })
	app.Get("/exit")(func() string { fmt.Fprintln(os.Stderr, "last words", app.Config.Get("API_TOKEN")); os.Exit(3); return "" })
	if err := app.Run(retort.RunOptions{Debug: true, Port: retort.AnyPort, UseDebugger: new(DEBUGGER)}); err != nil {
		log.Fatal(err)
	}
	fmt.Fprintln(os.Stderr, "main goes on in", os.Getenv("RETORT_RUN_MAIN") == "true")
}
`

// newReloaded makes the folder of a program, a module of its own.
func newReloaded(t testing.TB) *reloadedApp {
	t.Helper()
	a := &reloadedApp{t: t, dir: t.TempDir(), done: make(chan struct{})}
	root, err := filepath.Abs(moduleDir)
	require.NoError(t, err)
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	_, requirements, ok := strings.Cut(string(mod), "\n") // the first line names the module
	require.True(t, ok)
	a.write("go.mod", "module example.test/reloaded\n"+requirements+"\nrequire "+module+" v0.0.0\nreplace "+module+" => "+root+"\n")
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	a.write("go.sum", string(sum))
	a.write("templates/page.html", "<p>page one</p>")
	a.write("static/style.css", "one")
	a.says("one")
	return a
}

// write writes a file of the program.
func (a *reloadedApp) write(name, text string) {
	a.t.Helper()
	path := filepath.Join(a.dir, filepath.FromSlash(name))
	require.NoError(a.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(a.t, os.WriteFile(path, []byte(text), 0o644))
}

// says writes the source anew.
func (a *reloadedApp) says(text string) { a.source(text, "", false) }

func (a *reloadedApp) source(text, boot string, debugger bool) {
	a.t.Helper()
	a.write("main.go", strings.NewReplacer("TEXT", text, "BOOT", boot, "DEBUGGER", strconv.FormatBool(debugger)).Replace(reloadedMain))
}

// build builds the program as anybody would, without the tag.
func (a *reloadedApp) build() string {
	a.t.Helper()
	exe := filepath.Join(a.t.TempDir(), "program")
	cmd := exec.Command("go", "build", "-o", exe, ".")
	cmd.Dir, cmd.Env = a.dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := cmd.CombinedOutput()
	require.NoError(a.t, err, "%s", out)
	return exe
}

// run starts a command in the folder and waits for the banner.
func (a *reloadedApp) run(args []string, env ...string) {
	a.t.Helper()
	a.cmd = exec.Command(args[0], args[1:]...)
	a.cmd.Dir = a.dir
	a.cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "RETORT_RUN_HOST=", "RETORT_TEST_DIR="+a.dir, "TMPDIR="+a.t.TempDir())
	a.cmd.Env = append(a.cmd.Env, env...)
	a.cmd.Stdout, a.cmd.Stderr = &a.log, &a.log
	a.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	a.cmd.WaitDelay = 5 * time.Second
	require.NoError(a.t, a.cmd.Start())
	go func() {
		_ = a.cmd.Wait() // its status is looked at
		close(a.done)
	}()
	a.t.Cleanup(a.stop)
	address := regexp.MustCompile(`Running on (\S+)\n`)
	a.eventually("the banner", func() bool {
		m := address.FindStringSubmatch(a.log.String())
		if m != nil {
			a.url = m[1]
		}
		return m != nil
	})
}

// stop stops what runs, and makes sure that it does.
func (a *reloadedApp) stop() {
	_ = a.cmd.Process.Signal(syscall.SIGTERM) // fails when it has ended
	select {
	case <-a.done:
	case <-time.After(reloadTime):
		a.t.Error("the program does not end")
		_ = a.cmd.Process.Kill()
	}
	for _, pid := range a.left() {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	a.gone() // before its folders are removed
}

// left are the processes that belong to the program: what it has started has its
// environment.
func (a *reloadedApp) left() []int {
	all, err := filepath.Glob("/proc/[0-9]*/environ")
	require.NoError(a.t, err)
	var pids []int
	for _, name := range all {
		env, _ := os.ReadFile(name) // of another user, or gone
		if !bytes.Contains(env, []byte("RETORT_TEST_DIR="+a.dir+"\x00")) {
			continue
		}
		stat, _ := os.ReadFile(filepath.Join(filepath.Dir(name), "stat"))
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		if err == nil && !bytes.Contains(stat, []byte(") Z ")) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// gone waits until no process of the program is left.
func (a *reloadedApp) gone() {
	a.t.Helper()
	a.eventually("the end of all processes", func() bool { return len(a.left()) == 0 })
}

func (a *reloadedApp) eventually(what string, is func() bool) {
	a.t.Helper()
	for deadline := time.Now().Add(reloadTime); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			require.Fail(a.t, "waited in vain for "+what, a.log.String())
		}
	}
}

// logs waits until the log has a text.
func (a *reloadedApp) logs(text string) {
	a.t.Helper()
	a.eventually(text, func() bool { return strings.Contains(a.log.String(), text) })
}

// ask sends a request on a connection of its own.
func (a *reloadedApp) ask(method, path, body string, header ...string) (status int, text string, err error) {
	r, err := http.NewRequestWithContext(a.t.Context(), method, a.url+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return answered((&http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: reloadTime}).Do(r))
}

func answered(res *http.Response, err error) (int, string, error) {
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, string(text), err
}

// get sends a GET that must be answered.
func (a *reloadedApp) get(path string) (status int, text string) {
	a.t.Helper()
	status, text, err := a.ask(http.MethodGet, path, "")
	require.NoError(a.t, err, a.log.String())
	return status, text
}

// answers waits until a page says something.
func (a *reloadedApp) answers(path string, status int, contains string) {
	a.t.Helper()
	var got int
	var text string
	deadline := time.Now().Add(reloadTime)
	for time.Now().Before(deadline) {
		if got, text = a.get(path); got == status && strings.Contains(text, contains) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	require.Fail(a.t, "another answer", "%d %s\n%s", got, text, a.log.String())
}

// pid is the number of the process that answers.
func (a *reloadedApp) pid() string {
	a.t.Helper()
	_, text := a.get("/pid")
	return text
}

// status is how the process has ended.
func (a *reloadedApp) status() int {
	<-a.done
	return a.cmd.ProcessState.ExitCode()
}

// count is how often the log has a text.
func (a *reloadedApp) count(text string) int { return strings.Count(a.log.String(), text) }

func TestReloadFromGoRun(t *testing.T) {
	a := newReloaded(t)
	a.run([]string{"go", "run", "."})
	a.answers("/", 200, "one")
	a.says("two")
	a.answers("/", 200, "two")
	a.source("three", "undefined()", false)
	a.answers("/", 503, "undefined: undefined")
	a.says("three")
	a.answers("/", 200, "three")
	assert.Equal(t, 1, a.count("Press CTRL+C to quit"), "the banner is there once")
	assert.Contains(t, a.log.String(), ` * Detected change in "`+filepath.Join(a.dir, "main.go")+`", reloading`+"\n * Restarting with inotify\n")
	require.NoError(t, syscall.Kill(-a.cmd.Process.Pid, syscall.SIGINT)) // as a terminal does
	a.gone()
	assert.Contains(t, a.log.String(), "main goes on in true\n")
	assert.Contains(t, a.log.String(), "main goes on in false\n")
}

func TestReloadEndsWithGoRun(t *testing.T) {
	a := newReloaded(t)
	a.run([]string{"go", "run", "."})
	a.answers("/", 200, "one")
	require.NoError(t, a.cmd.Process.Kill()) // go alone; it cannot tell the program
	a.gone()
}

func TestReloadEndsWithItsParent(t *testing.T) {
	a := newReloaded(t)
	tmp := t.TempDir()
	a.run([]string{a.build()}, "TMPDIR="+tmp)
	a.answers("/", 200, "one")
	go func() { _, _, _ = a.ask(http.MethodGet, "/hang", "") }() // is cut off
	a.logs("hanging")
	require.NoError(t, a.cmd.Process.Kill())
	a.gone()
	left, err := os.ReadDir(tmp)
	require.NoError(t, err)
	assert.Empty(t, left, "the program that was built is removed")
}

func TestReloadEndsWithItsTerminal(t *testing.T) {
	// Under nohup the signal is ignored, and so by what the tests start, unless
	// they listen to it themselves.
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	a := newReloaded(t)
	tmp := t.TempDir()
	a.run([]string{a.build()}, "TMPDIR="+tmp)
	a.answers("/", 200, "one")
	a.says("two") // the program may be built meanwhile
	require.NoError(t, a.cmd.Process.Signal(syscall.SIGHUP))
	assert.Equal(t, 0, a.status())
	a.gone()
	left, err := os.ReadDir(tmp)
	require.NoError(t, err)
	assert.Empty(t, left, "nothing is left behind")
}

func TestReloadEndsAtBoot(t *testing.T) {
	a := newReloaded(t)
	a.source("one", `if os.Getenv("RETORT_RUN_MAIN") == "true" { fmt.Fprintln(os.Stderr, "booting"); time.Sleep(time.Hour) }`, false)
	a.run([]string{a.build()})
	a.logs("booting")
	require.NoError(t, a.cmd.Process.Kill())
	a.gone()
}

// TestReloadASecondSignalDoesNotWait: without the second signal a program has three
// seconds. A busy machine may take as long to end it, but not each time.
func TestReloadASecondSignalDoesNotWait(t *testing.T) {
	for range 4 {
		if secondSignal(t) < 3*time.Second {
			return
		}
	}
	t.Error("the program is waited for after the second signal too")
}

// secondSignal is how long a program that hangs takes to end after two signals.
func secondSignal(t *testing.T) time.Duration {
	a := newReloaded(t)
	a.run([]string{a.build()})
	a.answers("/", 200, "one")
	go func() { _, _, _ = a.ask(http.MethodGet, "/hang", "") }() // is cut off
	a.logs("hanging")
	began := time.Now()
	require.NoError(t, a.cmd.Process.Signal(syscall.SIGINT))
	a.logs("Stopping: waiting for the program")
	require.NoError(t, a.cmd.Process.Signal(syscall.SIGINT))
	assert.Equal(t, 0, a.status())
	took := time.Since(began)
	a.gone()
	return took
}
