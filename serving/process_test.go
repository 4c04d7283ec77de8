//go:build unix

package serving

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// program is a running testdata/server.
type program struct {
	cmd    *exec.Cmd
	stdout bytes.Buffer
	stderr syncBuffer
}

func buildServer(t *testing.T) string {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "server")
	out, err := exec.Command("go", "build", "-o", exe, "./testdata/server").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return exe
}

func start(t *testing.T, exe, host string, port int) *program {
	t.Helper()
	p := &program{cmd: exec.Command(exe, host, strconv.Itoa(port))}
	// RETORT_RUN_PORT is the root package's to read, not this one's.
	p.cmd.Env = append(os.Environ(), "RETORT_RUN_PORT=1", "RETORT_RUN_HOST=192.0.2.1")
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() { p.cmd.Process.Kill() })
	return p
}

// url waits for the banner and returns where it says the server runs.
func (p *program) url(t *testing.T) string {
	t.Helper()
	p.stderr.waitFor(t, "Press CTRL+C to quit\n")
	m := regexp.MustCompile(`Running on (\S+)\n`).FindStringSubmatch(p.stderr.String())
	require.NotNil(t, m, p.stderr.String())
	return m[1]
}

func (p *program) signal(t *testing.T, s os.Signal) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(s))
}

// exit waits for the end and returns the exit status.
func (p *program) exit(t *testing.T) int {
	t.Helper()
	done := make(chan struct{})
	go func() { p.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatal("the program still runs; its log: " + p.stderr.String())
	}
	return p.cmd.ProcessState.ExitCode()
}

func TestProcess(t *testing.T) {
	exe := buildServer(t)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(fmt.Sprintf("%v answers what is in flight and exits 0", sig), func(t *testing.T) {
			p := start(t, exe, "127.0.0.1", 0)
			answered := slowRequest(t, p, "400ms")
			p.signal(t, sig)
			assert.Equal(t, "slow hello", <-answered)
			assert.Equal(t, 0, p.exit(t))
			assert.Equal(t, "main went on after RunSimple\n", p.stdout.String())
			assert.Contains(t, p.stderr.String(), " * Stopping: waiting for 1 request (press CTRL+C again to stop at once)\n")
			assert.Contains(t, p.stderr.String(), `"GET /slow?wait=400ms HTTP/1.1" 200 -`)
		})
	}
	t.Run("a second SIGINT does not wait", func(t *testing.T) {
		p := start(t, exe, "127.0.0.1", 0)
		answered := slowRequest(t, p, "1m")
		p.signal(t, syscall.SIGINT)
		p.stderr.waitFor(t, "Stopping: waiting for 1 request")
		p.signal(t, syscall.SIGINT)
		assert.Contains(t, <-answered, "EOF")
		assert.Equal(t, 1, p.exit(t))
		assert.Contains(t, p.stderr.String(), "serving: the server stopped with 1 request unanswered: a second signal asked to stop at once.\n")
	})
	t.Run("port 0 is shown as the real port, and the environment is not read", func(t *testing.T) {
		p := start(t, exe, "127.0.0.1", 0)
		url := p.url(t)
		assert.Regexp(t, `^http://127\.0\.0\.1:[1-9]\d+$`, url)
		_, body := get(t, url)
		assert.Equal(t, "hello", body)
		assert.Regexp(t, `^ \* Serving retort app 'hello'\n \* Debug mode: off\nWARNING: .*\n \* Running on http://127\.0\.0\.1:\d+\nPress CTRL\+C to quit\n`, p.stderr.String())
		p.signal(t, syscall.SIGTERM)
		assert.Equal(t, 0, p.exit(t))
	})
	t.Run("a port in use is explained", func(t *testing.T) {
		port := listen(t).Addr().(*net.TCPAddr).Port
		p := start(t, exe, "127.0.0.1", port)
		assert.Equal(t, 1, p.exit(t))
		want := newListenError("127.0.0.1", port, AddrInUse, nil).Error()
		assert.Equal(t, want+"\n", p.stderr.String())
	})
	t.Run("a Unix socket is served and removed", func(t *testing.T) {
		path := socketPath(t)
		p := start(t, exe, "unix://"+path, 0)
		assert.Equal(t, "unix://"+path, p.url(t))
		c, err := net.Dial("unix", path)
		require.NoError(t, err)
		io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
		answer, err := io.ReadAll(c)
		require.NoError(t, err)
		assert.Regexp(t, `^HTTP/1\.0 200 OK\r\n(?s:.*)hello$`, string(answer))
		p.stderr.waitFor(t, `<local> - - [`)
		p.signal(t, syscall.SIGTERM)
		assert.Equal(t, 0, p.exit(t))
		assert.NoFileExists(t, path)
	})
}

// slowRequest begins a request that is answered wait after the server was told to
// stop, and returns when it is being answered; the channel gives the answer's body,
// or the error.
func slowRequest(t *testing.T, p *program, wait string) <-chan string {
	t.Helper()
	url := p.url(t)
	answered := make(chan string, 1)
	go func() {
		resp, err := http.Get(url + "/slow?wait=" + wait)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		answered <- string(b)
	}()
	p.stderr.waitFor(t, "slow has begun\n")
	return answered
}
