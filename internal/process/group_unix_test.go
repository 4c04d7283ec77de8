//go:build unix

package process

import (
	"bufio"
	"context"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// running reports whether there is a process that is more than a corpse.
func running(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

func TestInterrupted(t *testing.T) {
	for script, want := range map[string]bool{"kill -INT $$": true, "kill -TERM $$": false, "exit 2": false, "exit 0": false} {
		assert.Equal(t, want, Interrupted(Command(t.Context(), "sh", "-c", script).Run()), script)
	}
}

func TestACancelledCommandTakesItsChildrenAlong(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cmd := Command(ctx, "sh", "-c", "sleep 60 & echo $!; wait")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	child, err := strconv.Atoi(strings.TrimSpace(line))
	require.NoError(t, err)
	require.True(t, running(child))
	cancel()
	assert.Error(t, cmd.Wait())
	assert.Eventually(t, func() bool { return !running(child) }, 30*time.Second, 10*time.Millisecond)
}
