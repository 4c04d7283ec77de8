package main

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHelp(t *testing.T) {
	assert.Equal(t, outcome{stdout: `Usage: retort COMMAND [ARGS]...

  Make apps, and run them while they are being written. To begin:

    retort new notes
    cd notes
    retort run

Commands:
  completion  Print a script that completes commands in a shell.
  help        Show the help of a command.
  new         Make a new app.
  routes      Show the rules of an app.
  run         Run a program, and build it anew whenever a file is saved.
  secret      Print a new SECRET_KEY.
  version     Show the versions of retort and Go.

Options:
  -h, --help  Show this help.
`}, call(t, "--help"))
}

func TestACommandThatIsNotThere(t *testing.T) {
	assert.Equal(t, outcome{status: 2, stderr: `retort: there is no command "rotes"; did you mean routes?` + "\n"}, call(t, "rotes"))
}

// TestTheToolContainsNoApp: what it runs is built from the source of the app, with
// the retort that the app requires.
func TestTheToolContainsNoApp(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	assert.Contains(t, string(out), retortPath+"/serving\n")
	assert.NotContains(t, string(out), retortPath+"\n")
	assert.NotContains(t, string(out), retortPath+"/cli\n")
}
