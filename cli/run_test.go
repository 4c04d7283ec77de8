package cli_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/cli"
)

// TestRun starts the server, asks it and stops it.
func TestRun(t *testing.T) {
	for name, words := range map[string][]string{
		"options of the command": {"run", "--port", "0", "--debug", "--no-reload", "--no-debugger"},
		"options of the program": {"--debug", "run", "-p0", "--no-reload", "--no-debugger"},
	} {
		t.Run(name, func(t *testing.T) {
			app := debugApp(false)
			app.Get("/")(func() string { return fmt.Sprint(app.Config.Bool("DEBUG")) })
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			r, w := io.Pipe()
			done := make(chan int)
			go func() {
				done <- cli.Run(ctx, app, words, io.Discard, w)
				_ = w.Close()
			}()
			banner := ""
			buf := make([]byte, 1000)
			for regexp.MustCompile(`http://\S+\n`).FindString(banner) == "" {
				n, err := r.Read(buf)
				require.NoError(t, err, banner)
				banner += string(buf[:n])
			}
			go func() { _, _ = io.Copy(io.Discard, r) }()
			assert.Contains(t, banner, " * Serving retort app 'shop'\n * Debug mode: on\n")
			req, err := http.NewRequest(http.MethodGet, regexp.MustCompile(`http://\S+`).FindString(banner), nil)
			require.NoError(t, err)
			req.Close = true
			res, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			defer func() { _ = res.Body.Close() }()
			text, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			assert.Equal(t, "true", string(text))
			stop()
			assert.Equal(t, 0, <-done)
		})
	}
}

// TestCertificates: Flask's test_run_cert_path and test_run_cert_adhoc.
func TestCertificates(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, tt := range []struct {
		name  string
		words []string
		want  string
	}{
		{"no certificate", []string{"--key", file}, "--key needs --cert too"},
		{"a key for one that makes its own", []string{"--cert", "adhoc", "--key", file}, "--key is not used with --cert adhoc, which makes a key of its own"},
		{"no such certificate", []string{"--cert", "nope", "--key", file}, "--cert: there is no file nope"},
		{"no such key", []string{"--key", "nope", "--cert", file}, "--key: there is no file nope"},
		{"a folder", []string{"--key", file, "--cert", "."}, "--cert: . is a folder"},
		{"a port that is none", []string{"--port", "65536"}, "--port takes a number from 0 to 65535, not 65536"},
		{"a port below", []string{"--port=-1"}, "--port takes a number from 0 to 65535, not -1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, failed(2, "shop run: "+tt.want+"; see shop run --help"), cli.Invoke(newApp(), append([]string{"run"}, tt.words...)...))
		})
	}
	res := cli.Invoke(newApp(), "run", "--cert", file) // which holds neither it nor a key
	assert.Equal(t, 1, res.ExitCode)
	assert.Contains(t, res.Stderr, "shop run: serving: the certificate "+file+" with the key "+file+" cannot be used: ")
	t.Setenv("RETORT_RUN_PORT", "x")
	assert.Equal(t, failed(2, `shop run: RETORT_RUN_PORT in the environment: --port takes a whole number, not "x"; see shop run --help`), cli.Invoke(newApp(), "run"))
}

func TestAnErrorOfTheServer(t *testing.T) {
	res := cli.Invoke(newApp(), "run", "--host", "unix:///nowhere/at/all")
	assert.Equal(t, 1, res.ExitCode)
	assert.Regexp(t, `^shop run: \S`, res.Stderr)
}
