package tests

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The programs in testdata/face were written before the package: they are how
// it is meant to be used, and must work as they stand.

// face is the text of one of them.
func face(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "face", name+".go.txt"))
	require.NoError(t, err)
	return string(data)
}

// goTest runs the tests in a directory with these files.
func goTest(t *testing.T, files map[string]string, args ...string) {
	t.Helper()
	dir := sourceDir(t)
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	cmd := exec.Command("go", append([]string{"test", "-count=1", "."}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func TestFaceHello(t *testing.T) {
	p := start(t, buildSource(t, face(t, "p01")), "RETORT_RUN_PORT=0")
	_, text := fetch(t, p.url(t)+"/")
	assert.Equal(t, "Hello, WSGI!", text)
}

func TestFaceStreaming(t *testing.T) {
	goTest(t, map[string]string{"main.go": face(t, "p08"), "big.bin": "\x00big", "main_test.go": `package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

func TestStreaming(t *testing.T) {
	main()
	app := retort.New("s")
	app.Get("/rows.csv")(rows)
	app.Get("/big")(file)
	client := app.TestClient()
	res := client.Get("/rows.csv")
	assert.Equal(t, 200, res.Status)
	assert.Equal(t, 1000, strings.Count(res.Text, "\n"))
	assert.True(t, strings.HasSuffix(res.Text, "\n998\n999\n"))
	res = client.Get("/big")
	assert.Equal(t, "\x00big", res.Text)
	assert.Equal(t, "application/octet-stream", res.Header.Get("Content-Type"))
}
`})
}

func TestFaceGatewayByHand(t *testing.T) {
	address := "127.0.0.1:" + freePort(t)
	text := face(t, "p10")
	require.Contains(t, text, "127.0.0.1:8000")
	p := start(t, buildSource(t, strings.ReplaceAll(text, "127.0.0.1:8000", address)))
	res, body := fetch(t, "http://"+address+"/wsgi")
	assert.Equal(t, 200, res.StatusCode)
	assert.Equal(t, "text/plain", res.Header.Get("Content-Type"))
	assert.Equal(t, "Hello /wsgi", body)
	res, _ = fetch(t, "http://"+address+"/nothing")
	assert.Equal(t, 404, res.StatusCode)
	_, _ = p.stop(t, os.Kill)
	assert.Equal(t, "/wsgi\n/wsgi\n/nothing\n/nothing\n", p.stdout.String(), "the middleware is there twice: around the app and in it")
}

func TestFaceTesting(t *testing.T) {
	goTest(t, map[string]string{"main_test.go": face(t, "p11"), "main.go": "package main\n\nfunc main() {}\n"}, "-run", "^$")
}
