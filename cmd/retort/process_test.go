//go:build unix

package main

import (
	"bufio"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tool is the program retort, built, with a new app beside it.
type tool struct {
	t   *testing.T
	exe string
	app string // the folder of the app

	url string

	mu  sync.Mutex
	log strings.Builder
}

func newTool(t *testing.T) *tool {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	to := &tool{t: t, exe: filepath.Join(dir, "retort"), app: filepath.Join(dir, "notes")}
	goCommand(t, ".", "build", "-o", to.exe, ".")
	out, err := to.command("new", "notes", "--dir", to.app, "--replace", checkout()).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return to
}

// command is a call of the tool, outside of any workspace.
func (to *tool) command(words ...string) *exec.Cmd {
	cmd := exec.Command(to.exe, words...)
	cmd.Dir = filepath.Dir(to.app)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "RETORT_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "GOWORK=off")
	return cmd
}

// run starts the app, and stops it at the end of the test as CTRL+C does.
func (to *tool) run(words ...string) {
	cmd := to.command(append([]string{"run", to.app, "--port", "0"}, words...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stderr, err := cmd.StderrPipe()
	require.NoError(to.t, err)
	require.NoError(to.t, cmd.Start())
	found, read := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(read)
		address := regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			to.note(lines.Text())
			if at := address.FindString(lines.Text()); at != "" {
				found <- at
			}
		}
	}()
	to.t.Cleanup(func() {
		kill := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
		defer kill.Stop()
		assert.NoError(to.t, cmd.Process.Signal(os.Interrupt))
		<-read // by now nobody has its standard error any more
		assert.NoError(to.t, cmd.Wait(), to.logged())
		_, err := http.Get(to.url)
		assert.ErrorIs(to.t, err, syscall.ECONNREFUSED)
	})
	select {
	case to.url = <-found:
	case <-read:
		to.t.Fatalf("it does not run: %s", to.logged())
	}
}

func (to *tool) note(line string) {
	to.mu.Lock()
	defer to.mu.Unlock()
	to.log.WriteString(line + "\n")
}

func (to *tool) logged() string {
	to.mu.Lock()
	defer to.mu.Unlock()
	return to.log.String()
}

// edit replaces a text in a file of the app.
func (to *tool) edit(name, old, text string) {
	to.t.Helper()
	path := filepath.Join(to.app, name)
	data, err := os.ReadFile(path)
	require.NoError(to.t, err)
	require.Contains(to.t, string(data), old)
	require.NoError(to.t, os.WriteFile(path, []byte(strings.Replace(string(data), old, text, 1)), 0o666))
}

// shows waits until the app answers with a status and a text.
func (to *tool) shows(status int, text string) {
	to.t.Helper()
	var got string
	for deadline := time.Now().Add(3 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		res, err := http.Get(to.url)
		require.NoError(to.t, err, to.logged())
		body, err := io.ReadAll(res.Body)
		require.NoError(to.t, err)
		require.NoError(to.t, res.Body.Close())
		if got = res.Status + "\n" + string(body); res.StatusCode == status && strings.Contains(got, text) {
			return
		}
	}
	to.t.Fatalf("there is no answer %d with %q; the last one was\n%s\n%s", status, text, got, to.logged())
}

func TestANewApp(t *testing.T) {
	to := newTool(t)
	to.routes(t)
	to.run()
	to.shows(200, "Nothing noted yet.")

	res, err := http.PostForm(to.url, url.Values{"text": {"hello"}})
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, 200, res.StatusCode, "its SECRET_KEY signs a session: %s", to.logged())
	to.shows(200, "<span>hello</span>")

	to.edit("views.go", `retort.H{"notes": v.notes.all()}`, `retort.H{"notes": []note{{1, "a change"}}}`)
	to.shows(200, "<span>a change</span>")
	to.edit("templates/index.html", "<h1>Notes</h1>", "<h1>Ideas</h1>")
	to.shows(200, "<h1>Ideas</h1>")
	to.edit("views.go", "v.notes.add(text)", "v.notes.ad(text)")
	to.shows(503, "v.notes.ad undefined")
	to.edit("views.go", "v.notes.ad(text)", "v.notes.add(text)")
	to.shows(200, "<span>a change</span>")
	assert.Contains(t, to.logged(), " * Building notes in "+to.app+"\n * Serving retort app 'notes'\n * Debug mode: on\n")
	assert.Contains(t, to.logged(), ` * Detected change in "`+filepath.Join(to.app, "views.go")+`", reloading`)
}

// routes holds what the command routes shows of the app.
func (to *tool) routes(t *testing.T) {
	out, err := to.command("routes", to.app, "--sort", "rule").CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Equal(t, `Endpoint  Methods  Rule
--------  -------  -----------------------
index     GET      /
add       POST     /
remove    POST     /notes/<int:id>/remove
static    GET      /static/<path:filename>
`, string(out))

	cmd := to.command("routes", to.app, "--match", "GET", "/nowhere")
	out, err = cmd.CombinedOutput()
	require.Error(t, err)
	assert.Equal(t, 1, cmd.ProcessState.ExitCode(), "that of the program")
	assert.Contains(t, string(out), "404: no rule matches\n")
	assert.NotContains(t, string(out), "retort", "the program has said why")

	to.edit("app.go", "retort.New", "retort.Knew")
	out, err = to.command("routes", to.app).CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(out), "app.go:9:16: undefined: retort.Knew\n")
	assert.True(t, strings.HasSuffix(string(out), "retort routes: the program in "+to.app+" cannot be built\n"), "%s", out)
	to.edit("app.go", "retort.Knew", "retort.New")
}
