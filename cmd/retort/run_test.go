package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/cmdline"
)

// startOf is how the command run would start a program in the folder root.
func startOf(t *testing.T, root string, words ...string) (*start, error) {
	t.Helper()
	var s *start
	var err error
	c := runCommand()
	c.Run = func(call *cmdline.Call) error {
		s, err = newStart(call, &project{dir: root, root: root, commanded: true})
		return nil
	}
	p := program()
	p.Root = &cmdline.Command{Commands: []*cmdline.Command{c}}
	require.Equal(t, 0, p.Run(t.Context(), append([]string{"run"}, words...)))
	return s, err
}

// unset has a variable not be set for the time of a test.
func unset(t *testing.T, names ...string) {
	for _, name := range names {
		t.Setenv(name, "") // which sets it back at the end
		require.NoError(t, os.Unsetenv(name))
	}
}

func TestHowAProgramIsStarted(t *testing.T) {
	unset(t, "RETORT_RUN_HOST", "RETORT_RUN_PORT", "RETORT_DEBUG", "RETORT_RUN_DEBUGGER", "RETORT_RUN_CERT")
	here, err := filepath.Abs(".")
	require.NoError(t, err)
	list := func(names ...string) string {
		for i := range names {
			names[i] = filepath.Join(here, names[i])
		}
		return strings.Join(names, string(filepath.ListSeparator))
	}
	for _, tt := range []struct {
		name  string
		words []string
		env   string // the file .env
		want  start
	}{
		{"by itself", nil, "", start{
			host: "127.0.0.1", port: 5000, debug: true, debugger: true, args: []string{"run"},
		}},
		{"by the command line", []string{"-h", "::1", "-p", "0", "--no-debug", "--debugger"}, "RETORT_RUN_HOST=h\nRETORT_RUN_PORT=1", start{
			host: "::1", debugger: true, args: []string{"run"},
			exported: map[string]string{"RETORT_DEBUG": "false", "RETORT_RUN_DEBUGGER": "true"},
		}},
		{"by its file", nil, "RETORT_RUN_HOST=::1\nRETORT_RUN_PORT=7000\nRETORT_DEBUG=off\nRETORT_RUN_CERT=c.pem", start{
			host: "::1", port: 7000, cert: "c.pem", key: "c.pem", args: []string{"run"},
		}},
		{"without the debugger", []string{"--no-debugger"}, "", start{
			host: "127.0.0.1", port: 5000, debug: true, args: []string{"run"},
			exported: map[string]string{"RETORT_RUN_DEBUGGER": "false"},
		}},
		{"with files", []string{"--extra-files", "a", "--extra-files", "b" + string(filepath.ListSeparator) + "d", "--cert", "c", "--key", "k", "--exclude-patterns", "*.x"}, "", start{
			host: "127.0.0.1", port: 5000, debug: true, debugger: true, args: []string{"run"},
			cert: list("c"), key: list("k"), extra: []string{list("a"), list("b"), list("d")}, exclude: []string{"*.x"},
			exported: map[string]string{"RETORT_RUN_CERT": list("c"), "RETORT_RUN_KEY": list("k"), "RETORT_RUN_EXTRA_FILES": list("a", "b", "d")},
		}},
		{"with a certificate for the occasion", []string{"--cert", "adhoc"}, "", start{
			host: "127.0.0.1", port: 5000, cert: "adhoc", debug: true, debugger: true, args: []string{"run"},
			exported: map[string]string{"RETORT_RUN_CERT": "adhoc"},
		}},
		{"with words of its own", []string{".", "--", "serve", "--fast"}, "", start{
			host: "127.0.0.1", port: 5000, debug: true, debugger: true, args: []string{"serve", "--fast"},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root := writeFiles(t, map[string]string{".env": tt.env})
			tt.want.watched = []string{filepath.Join(root, ".env"), filepath.Join(root, ".retortenv")}
			got, err := startOf(t, root, tt.words...)
			require.NoError(t, err)
			if tt.want.exported == nil {
				tt.want.exported = map[string]string{}
			}
			if !strings.Contains(tt.env, "RETORT_DEBUG") && tt.want.exported["RETORT_DEBUG"] == "" {
				tt.want.exported["RETORT_DEBUG"] = "true"
			}
			assert.Equal(t, tt.want, *got)
		})
	}
}

func TestMoreFilesOfVariables(t *testing.T) {
	unset(t, "RETORT_RUN_PORT", "RETORT_RUN_HOST")
	more := filepath.Join(writeFiles(t, map[string]string{"more.env": "RETORT_RUN_PORT=7001"}), "more.env")
	root := writeFiles(t, map[string]string{".env": "RETORT_RUN_PORT=7000\nRETORT_RUN_HOST=::1"})
	s, err := startOf(t, root, "--env-file", more)
	require.NoError(t, err)
	assert.Equal(t, 7001, s.port)
	assert.Equal(t, "::1", s.host)
	assert.Equal(t, more, s.exported["RETORT_ENV_FILE"])
}

func TestAPortThatIsNone(t *testing.T) {
	unset(t, "RETORT_RUN_PORT")
	_, err := startOf(t, writeFiles(t, map[string]string{".env": "RETORT_RUN_PORT=http"}))
	assert.EqualError(t, err, `RETORT_RUN_PORT takes a whole number, not "http"`)
}

func TestTheEnvironmentOfAProgram(t *testing.T) {
	t.Setenv("RETORT_TEST_HERE", "here")
	t.Setenv("RETORT_SKIP_DOTENV", "")
	files := map[string]string{
		".env":       "RETORT_TEST_HERE=file\nRETORT_TEST_A=a\nRETORT_TEST_B=${RETORT_TEST_HERE}-${RETORT_TEST_A}",
		".retortenv": "RETORT_TEST_A=other\nRETORT_TEST_C=c",
		"bad":        "RETORT_TEST_D='",
	}
	dir := writeFiles(t, files)
	value := func(env environment, name string) string { s, _ := env.lookup("RETORT_TEST_" + name); return s }
	env := environmentOf(dir, []string{filepath.Join(dir, "bad"), filepath.Join(dir, "nowhere")})
	for name, want := range map[string]string{"HERE": "here", "A": "a", "B": "here-a", "C": "c", "D": ""} {
		assert.Equal(t, want, value(env, name), name)
	}
	t.Setenv("RETORT_SKIP_DOTENV", "1")
	assert.Empty(t, value(environmentOf(dir, nil), "A"))
}
