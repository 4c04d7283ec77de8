// Package process starts programs in groups of their own, so that one can be
// stopped together with what it has started.
package process

import (
	"context"
	"os/exec"
	"time"
)

// Command is exec.CommandContext for a program in a group of its own: when ctx is
// done the whole group is killed, and Wait does not wait for output that
// something else keeps open.
func Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	NewGroup(cmd)
	cmd.Cancel = func() error { return Kill(cmd) }
	cmd.WaitDelay = time.Second
	return cmd
}
