package tests

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// terminalShell is a shell on a terminal, in a folder of its own, with the
// program on its PATH as dyer.
type terminalShell struct {
	t     *testing.T
	dir   string
	keys  io.Writer
	mu    sync.Mutex
	shown strings.Builder
}

// startShell starts a shell under script, which makes the terminal.
func startShell(t *testing.T, exe, command string) *terminalShell {
	t.Helper()
	s := &terminalShell{t: t, dir: t.TempDir()}
	bin := t.TempDir()
	require.NoError(t, os.Symlink(exe, filepath.Join(bin, "dyer")))
	cmd := exec.Command(needProgram(t, "script", "apt-get install bsdutils"), "-qec", command, "/dev/null")
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "HOME="+s.dir, "TERM=xterm", "PATH="+bin+":"+os.Getenv("PATH"),
		"PWD="+s.dir, "TMPDIR="+bin, "RETORT_SKIP_DOTENV=1", "CHATTY=1")
	cmd.Stdout, cmd.Stderr = s, s
	keys, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		kill := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
		defer kill.Stop()
		ended := make(chan struct{})
		go func() {
			_ = cmd.Wait() // it writes its history before
			close(ended)
		}()
		for { // what is typed while a program ends may be lost
			_, _ = io.WriteString(keys, "\x15exit\r")
			select {
			case <-ended:
				return
			case <-time.After(time.Second):
			}
		}
	})
	s.keys = keys
	return s
}

// Write keeps what the terminal shows.
func (s *terminalShell) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown.Write(b)
}

func (s *terminalShell) screen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown.String()
}

func (s *terminalShell) press(keys string) {
	s.t.Helper()
	_, err := io.WriteString(s.keys, keys)
	require.NoError(s.t, err)
}

// ready waits until the shell has done what was typed before.
func (s *terminalShell) ready(mark string) {
	s.t.Helper()
	s.press("echo " + mark + "'!'\r")
	require.Eventually(s.t, func() bool { return strings.Contains(s.screen(), mark+"!") }, time.Minute, 10*time.Millisecond, "%s", s)
}

// String is the screen, for messages.
func (s *terminalShell) String() string { return s.screen() }

// dyed waits until the program has been called so many times, and gives what it
// was called with the last time.
func (s *terminalShell) dyed(times int) string {
	s.t.Helper()
	var lines []string
	require.Eventually(s.t, func() bool {
		data, err := os.ReadFile(filepath.Join(s.dir, "dyed"))
		lines = strings.SplitAfter(string(data), "\n")
		return err == nil && len(lines) > times
	}, time.Minute, 10*time.Millisecond, "%s", s)
	return strings.TrimSuffix(lines[times-1], "\n")
}

// testCLICompletion has each shell complete lines on a terminal, and the real
// program tell how it was called then.
func testCLICompletion(t *testing.T, exe string) {
	for shell, tt := range map[string]struct{ command, script string }{
		"bash": {"bash --norc --noprofile -i", `eval "$(dyer completion bash)"`},
		"zsh":  {"zsh -f -i", `autoload -U compinit && compinit -u -D; source <(dyer completion zsh)`},
		"fish": {"fish --no-config -i", `dyer completion fish | source`},
	} {
		t.Run(shell, func(t *testing.T) {
			needProgram(t, shell, "apt-get install "+shell)
			s := startShell(t, exe, tt.command)
			require.NoError(t, os.WriteFile(filepath.Join(s.dir, "my photo.jpg"), nil, 0o600))
			require.NoError(t, os.Mkdir(filepath.Join(s.dir, "dye"), 0o700)) // as the command is called
			s.press(tt.script + "\r")
			s.ready("ready")
			assert.NotContains(t, strings.ToLower(s.screen()), "hello: ", "what the app prints is no part of the script")
			for i, line := range []struct{ typed, want string }{
				{"dyer dy\t--colour deep\t", "deep blue|"},
				{"dyer dy\t--col\tdeep\\ \t", "deep blue|"},
				{"dyer dye --colour 'deep\t", "deep blue|"},
				{"dyer dye --colour \"deep b\t", "deep blue|"},
				{"dyer dye --colour=deep\t", "deep blue|"},
				{"dyer dye --colour='d\t", "deep blue|"},
				{"dyer dye --colour a:\t", "a:b|"},
				{"dyer dye --colour=a\t", "a:b|"},
				{"dyer dye --colour x=\t", "x=y|"},
				{"dyer dye --colour i\t", "it's|"},
				{"dyer dye --colour '$\t", "$HOME|"},
				{"dyer dye my\t", "|my photo.jpg"},
				{"dyer dye 'my p\t", "|my photo.jpg"},
				{"A=b dyer dy\t", "|"},
			} {
				s.press(line.typed + "\r")
				assert.Equal(t, line.want, s.dyed(i+1), "%q", line.typed)
			}
		})
	}
}
