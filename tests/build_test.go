package tests

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// moduleDir is the root of the module, seen from this package.
const moduleDir = ".."

// sourceDir makes a directory inside the module, so that programs in it are
// built with its dependencies.
func sourceDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(moduleDir, ".test-")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// build builds the program in dir and gives its path.
func build(t *testing.T, dir string) string {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "program")
	cmd := exec.Command("go", "build", "-o", exe, ".")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return exe
}

// buildSource is build for the text of a program of one file.
func buildSource(t *testing.T, text string) string {
	t.Helper()
	dir := sourceDir(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(text), 0o600))
	return build(t, dir)
}

// process is a running program.
type process struct {
	cmd    *exec.Cmd
	stdout bytes.Buffer // whole when it has ended
	stderr *bufio.Reader
	log    strings.Builder // what was read of it
}

// start starts a program with env besides the environment of the test.
func start(t *testing.T, exe string, env ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(exe)}
	p.cmd.Env = append(os.Environ(), "RETORT_RUN_HOST=", "RETORT_DEBUG=")
	p.cmd.Env = append(p.cmd.Env, env...)
	p.cmd.Stdout = &p.stdout
	stderr, err := p.cmd.StderrPipe()
	require.NoError(t, err)
	p.stderr = bufio.NewReader(stderr)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	})
	return p
}

// url reads the log up to the banner and gives the address in it.
func (p *process) url(t *testing.T) string {
	t.Helper()
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	for {
		line, err := p.stderr.ReadString('\n')
		p.log.WriteString(line)
		if url := address.FindString(line); url != "" {
			return url
		}
		require.NoError(t, err, "the log has no address: %s", &p.log)
	}
}

// stop sends a signal and gives the exit status and the rest of the log.
func (p *process) stop(t *testing.T, sig os.Signal) (status int, log string) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(sig))
	kill := time.AfterFunc(time.Minute, func() { _ = p.cmd.Process.Kill() })
	defer kill.Stop()
	rest, err := io.ReadAll(p.stderr)
	require.NoError(t, err)
	_ = p.cmd.Wait() // the status says it too
	return p.cmd.ProcessState.ExitCode(), p.log.String() + string(rest)
}

// fetch gets a URL, trying until somebody listens there, and closes the
// connection.
func fetch(t *testing.T, url string) (res *http.Response, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	r.Close = true
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if res, err = http.DefaultClient.Do(r); err == nil || time.Now().After(deadline) {
			break
		}
	}
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res, string(data)
}
