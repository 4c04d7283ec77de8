package tests

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// pythonPeer is a Python program that answers questions: each is a line of JSON,
// and so is each answer. It is for one goroutine.
type pythonPeer struct {
	in  *json.Encoder
	out *bufio.Reader
}

// pythonLoop asks the function answer of the program before it for each line. An
// exception is an answer too.
const pythonLoop = `
import json, sys
for line in sys.stdin:
    try:
        result = {"answer": answer(json.loads(line))}
    except Exception as e:
        result = {"error": type(e).__name__ + ": " + str(e)}
    print(json.dumps(result), flush=True)
`

// pythonWith is a Python 3 that has the modules, "" if there is none. That of the
// system may have what the one on the PATH has not.
func pythonWith(modules []string) string {
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import "+strings.Join(modules, ",")).Run() == nil {
			return python
		}
	}
	return ""
}

// startPython runs a Python program that defines answer(question), a function
// from one JSON value to another, until the test ends. Without a python3 that
// has the modules the test is skipped, or fails if RETORT_REQUIRE_PEERS is 1.
func startPython(t *testing.T, program string, modules ...string) *pythonPeer {
	t.Helper()
	python := pythonWith(modules)
	if python == "" {
		if os.Getenv("RETORT_REQUIRE_PEERS") == "1" {
			t.Fatalf("RETORT_REQUIRE_PEERS is 1, but there is no python3 with %s", modules)
		}
		t.Skipf("there is no python3 with %s (apt-get install python3-flask)", modules)
	}
	cmd := exec.Command(python, "-c", program+pythonLoop)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		in.Close()
		_, _ = io.Copy(io.Discard, out)
		require.NoError(t, cmd.Wait())
	})
	return &pythonPeer{in: json.NewEncoder(in), out: bufio.NewReader(out)}
}

// try asks the program, and decodes its answer into answer. What it gives is the
// class and text of the exception that Python raised instead, or "".
func (p *pythonPeer) try(t *testing.T, question, answer any) (exception string) {
	t.Helper()
	require.NoError(t, p.in.Encode(question))
	line, err := p.out.ReadBytes('\n')
	require.NoError(t, err, "the Python program ended")
	var result struct {
		Answer json.RawMessage
		Error  string
	}
	require.NoError(t, json.Unmarshal(line, &result))
	if result.Error == "" && answer != nil {
		require.NoError(t, json.Unmarshal(result.Answer, answer))
	}
	return result.Error
}

// ask is try for questions that have an answer.
func (p *pythonPeer) ask(t *testing.T, question, answer any) {
	t.Helper()
	require.Empty(t, p.try(t, question, answer), "asked %+v", question)
}
