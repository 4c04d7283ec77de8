package tests

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// cliProgram has an app that says what it was made from, and is made before or by
// cli.Main.
const cliProgram = `package main

import (
	"fmt"
	"os"
	"time"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/cli"
)

func newApp() *retort.App {
	app := retort.New("prog")
	app.Config.FromPrefixedEnv()
	made := fmt.Sprintf("a=%s b=%s c=%s debug=%s", app.Config.String("A"), app.Config.String("B"), app.Config.String("C"), os.Getenv("RETORT_DEBUG"))
	app.Get("/")(func() string { return made })
	app.Command(retort.Command{Name: "made", Run: func(c *retort.Context, args *retort.CommandArgs) error {
		_, err := fmt.Fprintln(args.Stdout, made)
		return err
	}})
	app.Command(retort.Command{
		Name:  "dye",
		Flags: []retort.Flag{{Name: "colour", Choices: []string{"deep blue", "a:b", "x=y", "it's", "$HOME"}}},
		Args:  []retort.Argument{{Name: "file", Optional: true}},
		Run: func(c *retort.Context, args *retort.CommandArgs) error {
			f, err := os.OpenFile("dyed", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
			if err != nil {
				return err
			}
			fmt.Fprintf(f, "%s|%s\n", args.String("colour"), args.String("file"))
			return f.Close()
		},
	})
	if os.Getenv("CHATTY") != "" {
		fmt.Println("hello")
	}
	app.Command(retort.Command{Name: "wait", Run: func(c *retort.Context, args *retort.CommandArgs) error {
		fmt.Fprintln(args.Stdout, "waiting")
		<-c.Context().Done()
		return fmt.Errorf("stopped: %w", c.Context().Err())
	}})
	app.Command(retort.Command{Name: "deaf", Run: func(c *retort.Context, args *retort.CommandArgs) error {
		fmt.Fprintln(args.Stdout, "waiting")
		time.Sleep(time.Minute)
		return nil
	}})
	return app
}

func main() {
	if os.Getenv("BEFORE") != "" {
		cli.Main(newApp())
	}
	cli.Main(newApp)
}
`

// cliRun is a program that was run to its end.
type cliRun struct {
	exe, dir string
	env      []string
}

func (r *cliRun) run(args ...string) (code int, stdout, stderr string) {
	var out, errs strings.Builder
	cmd := exec.Command(r.exe, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = r.dir, append(os.Environ(), r.env...), &out, &errs
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return -1, "", err.Error()
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

func TestCommandLineOfAProgram(t *testing.T) {
	exe := buildSource(t, cliProgram)
	t.Run("environment", func(t *testing.T) { testCLIEnvironment(t, exe) })
	t.Run("interrupt", func(t *testing.T) { testCLIInterrupt(t, exe) })
	t.Run("run", func(t *testing.T) { testCLIRun(t, exe) })
	t.Run("completion", func(t *testing.T) { testCLICompletion(t, exe) })
}

func testCLIEnvironment(t *testing.T, exe string) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		".retortenv": "RETORT_A=retortenv\nRETORT_B=retortenv\nRETORT_C=retortenv\n",
		".env":       "RETORT_A=env\nRETORT_B=env\n",
		"prod.env":   "RETORT_A=prod\n",
		"bad.env":    "A\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	for _, tt := range []struct {
		name         string
		env          []string
		args         string
		code         int
		want, errors string
	}{
		{"files", nil, "made", 0, "a=env b=env c=retortenv debug=\n", ""},
		{"a file of one's own first", nil, "-e prod.env made", 0, "a=prod b=env c=retortenv debug=\n", ""},
		{"named by the environment", []string{"RETORT_ENV_FILE=prod.env"}, "made", 0, "a=prod b=env c=retortenv debug=\n", ""},
		{"the environment before all", []string{"RETORT_A=here"}, "-e prod.env made", 0, "a=here b=env c=retortenv debug=\n", ""},
		{"no files", []string{"RETORT_SKIP_DOTENV=1"}, "made", 0, "a= b= c= debug=\n", ""},
		{"only the file of one's own", []string{"RETORT_SKIP_DOTENV=1"}, "-e prod.env made", 0, "a=prod b= c= debug=\n", ""},
		{"debug", []string{"RETORT_SKIP_DOTENV=1"}, "--debug made", 0, "a= b= c= debug=true\n", ""},
		{"a file with a fault", nil, "-e bad.env made", 1, "", "program: bad.env:1:2: the name A is not followed by =; a line is NAME=value\n"},
		{"an app that is made before", []string{"BEFORE=1"}, "-e prod.env made", 0, "a= b= c= debug=\n",
			"program: note: RETORT_A, RETORT_B, RETORT_C came from a file after the app was made, so its settings do not have it; give cli.Main the function that makes the app, or call retort.LoadDotenv before\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := cliRun{exe, dir, tt.env}
			code, stdout, stderr := r.run(strings.Fields(tt.args)...)
			assert.Equal(t, tt.code, code)
			assert.Equal(t, tt.want, stdout)
			assert.Equal(t, tt.errors, stderr)
		})
	}
}

// testCLIInterrupt: the first signal ends the context of a command, the second
// the program.
func testCLIInterrupt(t *testing.T, exe string) {
	const note = "Stopping; press CTRL+C again to end at once.\n"
	for _, tt := range []struct {
		command string
		code    int
	}{{"wait", 130}, {"deaf", -1}} { // -1: ended by a signal
		t.Run(tt.command, func(t *testing.T) {
			cmd := exec.Command(exe, tt.command)
			stdout, err := cmd.StdoutPipe()
			require.NoError(t, err)
			stderr, err := cmd.StderrPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			kill := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
			defer kill.Stop()
			line, err := bufio.NewReader(stdout).ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, "waiting\n", line)
			require.NoError(t, cmd.Process.Signal(os.Interrupt))
			r := bufio.NewReader(stderr)
			line, err = r.ReadString('\n')
			require.NoError(t, err)
			assert.Equal(t, note, line)
			if tt.command == "deaf" {
				require.NoError(t, cmd.Process.Signal(os.Interrupt))
			}
			rest, err := io.ReadAll(r)
			require.NoError(t, err)
			assert.Empty(t, string(rest))
			_ = cmd.Wait() // the status says it too
			assert.Equal(t, tt.code, cmd.ProcessState.ExitCode())
			if tt.code < 0 {
				assert.Equal(t, os.Interrupt, cmd.ProcessState.Sys().(syscall.WaitStatus).Signal())
			}
		})
	}
}

// testCLIRun: an app that is made by a function finds --debug of run.
func testCLIRun(t *testing.T, exe string) {
	script := filepath.Join(t.TempDir(), "run")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\nexec '"+exe+"' run --debug --no-reload --no-debugger --port 0\n"), 0o700))
	p := start(t, script)
	_, text := fetch(t, p.url(t))
	assert.Equal(t, "a= b= c= debug=true", text)
	status, log := p.stop(t, syscall.SIGTERM)
	assert.Equal(t, 0, status)
	assert.Contains(t, log, " * Serving retort app 'prog'\n * Debug mode: on\n")
}
