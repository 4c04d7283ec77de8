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

// Kill ends the program (SIGKILL), and all of its group if it leads one.
func Kill(cmd *exec.Cmd) error {
	if cmd.SysProcAttr == nil || !cmd.SysProcAttr.Setpgid {
		return cmd.Process.Kill()
	}
	return gone(syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL))
}

// Quit has a Go program write the stacks of its goroutines and end (SIGQUIT).
func Quit(cmd *exec.Cmd) error { return cmd.Process.Signal(syscall.SIGQUIT) }

// Interrupted reports whether the error is that of a program which CTRL+C has ended
// (SIGINT).
func Interrupted(err error) bool {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGINT
}

// KeepFrom keeps an inherited file from the programs that this one starts.
func KeepFrom(fd uintptr) { syscall.CloseOnExec(int(fd)) }

// gone is the error of os/exec for a process that has ended.
func gone(err error) error {
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}
