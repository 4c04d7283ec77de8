package process

import (
	"os/exec"
	"syscall"
)

// DieWithParent has cmd, which has not been started, be asked to stop (SIGTERM)
// when this process ends, however it does.
func DieWithParent(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = new(syscall.SysProcAttr)
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGTERM
}
