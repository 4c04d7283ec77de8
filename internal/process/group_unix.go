//go:build unix

package process

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// NewGroup has cmd, which has not been started, be the leader of a new group.
func NewGroup(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = new(syscall.SysProcAttr)
	}
	cmd.SysProcAttr.Setpgid = true
}

// Terminate asks the program to stop (SIGTERM).
func Terminate(cmd *exec.Cmd) error { return cmd.Process.Signal(syscall.SIGTERM) }

// Kill ends the program and all of its group (SIGKILL).
func Kill(cmd *exec.Cmd) error { return gone(syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)) }

// Quit has a Go program write the stacks of its goroutines and end (SIGQUIT).
func Quit(cmd *exec.Cmd) error { return cmd.Process.Signal(syscall.SIGQUIT) }

// gone is the error of os/exec for a process that has ended.
func gone(err error) error {
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}
