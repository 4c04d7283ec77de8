package tests

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const brokenSource = `package main

import (
	"errors"
	"log"
	"os"

	"github.com/retort-go/retort"
)

func main() {
	app := retort.New("broken")
	app.Get("/broken")(func() error { return errors.New("out of order") })
	app.Get("/pin")(func() string { return "[" + os.Getenv("RETORT_DEBUG_PIN") + os.Getenv("RETORT_DEBUG_SECRET") + "]" })
	if err := app.Run(retort.RunOptions{Port: retort.AnyPort}); err != nil {
		log.Fatal(err)
	}
}
`

// debugged runs a program that fails, with the debugger and without the reloader.
func debugged(t *testing.T) (p *process, url string) {
	t.Helper()
	dir := sourceDir(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(brokenSource), 0o600))
	exe := filepath.Join(t.TempDir(), "program")
	cmd := exec.Command("go", "build", "-tags=retort_dev", "-o", exe, ".")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	p = start(t, exe, "RETORT_DEBUG=1", "RETORT_RUN_RELOAD=0", "RETORT_RUN_DEBUGGER=1", "RETORT_DEBUG_PIN=123-456-789")
	return p, p.url(t)
}

// ask sends a request with fields, as names and values; Host is one too.
func ask(t *testing.T, method, url, body string, fields ...string) (status int, text string, header http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(fields); i += 2 {
		if fields[i] == "Host" {
			r.Host = fields[i+1]
		}
		r.Header.Set(fields[i], fields[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(data), res.Header
}

func TestTheDebuggerOfARunningProgram(t *testing.T) {
	p, url := debugged(t)
	const page, json = "text/html", "application/json"
	status, text, _ := ask(t, "GET", url+"/broken", "", "Accept", page)
	assert.Equal(t, http.StatusInternalServerError, status)
	assert.True(t, strings.Contains(text, "<h1>out of order</h1>"), text)
	_, text, _ = ask(t, "GET", url+"/pin", "")
	assert.Equal(t, "[]", text, "the program itself cannot show the PIN")

	pin := url + "/__retort__/pin"
	right := `{"pin":"123-456-789"}`
	for name, tt := range map[string]struct {
		field, value string
		pinStatus    int
	}{
		"DNS rebinding":        {"Host", "evil.test", http.StatusNotFound},
		"a proxy":              {"X-Forwarded-For", "127.0.0.1", http.StatusNotFound},
		"another proxy":        {"Via", "1.1 proxy.test", http.StatusNotFound},
		"a page of elsewhere":  {"Sec-Fetch-Site", "cross-site", http.StatusForbidden},
		"an origin elsewhere":  {"Origin", "https://evil.test", http.StatusForbidden},
		"another port, a page": {"Origin", "http://localhost:1", http.StatusForbidden},
	} {
		status, _, header := ask(t, "POST", pin, right, "Content-Type", json, tt.field, tt.value)
		assert.Equal(t, tt.pinStatus, status, name)
		assert.Empty(t, header.Values("Set-Cookie"), name)
		if tt.pinStatus == http.StatusNotFound {
			_, text, _ = ask(t, "GET", url+"/broken", "", "Accept", page, tt.field, tt.value)
			assert.Equal(t, "Internal Server Error\n", text, name)
		}
	}
	status, _, header := ask(t, "POST", pin, right, "Content-Type", json)
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, header.Get("Set-Cookie"), "; HttpOnly; SameSite=Strict")

	lockOut(t, pin)
	status, text, _ = ask(t, "POST", pin, right, "Content-Type", json)
	assert.Equal(t, http.StatusForbidden, status)
	assert.Contains(t, text, `"exhausted":true`)

	_, log := p.stop(t, os.Interrupt)
	assert.Contains(t, log, " * Debugger is active!\n * Debugger PIN: 123-456-789\n")
	assert.Contains(t, log, "the debugger is not there: its Host is not one of this machine on /__retort__/pin [POST]")
	assert.Contains(t, log, "debugger: 10 wrong PINs; no more are accepted until the server is stopped and started again")
}

// lockOut sends ten wrong PINs at once.
func lockOut(t *testing.T, url string) {
	t.Helper()
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			res, err := http.Post(url, "application/json", bytes.NewReader([]byte(`{"pin":"000-000-000"}`)))
			if assert.NoError(t, err) {
				assert.Equal(t, http.StatusForbidden, res.StatusCode)
				_ = res.Body.Close()
			}
		})
	}
	all.Wait()
}
