//go:build !unix

package process

import "os/exec"

// NewGroup does nothing: there are no groups here.
func NewGroup(*exec.Cmd) {}

// Terminate ends the program: it cannot be asked to here.
func Terminate(cmd *exec.Cmd) error { return cmd.Process.Kill() }

// Kill ends the program.
func Kill(cmd *exec.Cmd) error { return cmd.Process.Kill() }

// Quit ends the program.
func Quit(cmd *exec.Cmd) error { return cmd.Process.Kill() }

// Interrupted is false: the system does not tell.
func Interrupted(error) bool { return false }

// KeepFrom does nothing: files are not inherited here.
func KeepFrom(uintptr) {}

// DieWithParent does nothing: the system does not offer it.
func DieWithParent(*exec.Cmd) {}
