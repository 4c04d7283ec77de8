//go:build unix && !linux

package process

import "os/exec"

// DieWithParent does nothing: the system does not offer it.
func DieWithParent(*exec.Cmd) {}
