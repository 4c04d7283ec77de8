//go:build unix

package tests

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheHelloProgramServesAndStops(t *testing.T) {
	exe := build(t, filepath.Join(moduleDir, "examples", "hello"))
	for _, sig := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			p := start(t, exe, "RETORT_RUN_PORT=0")
			url := p.url(t)
			res, text := fetch(t, url+"/")
			assert.Equal(t, 200, res.StatusCode)
			assert.Equal(t, "text/html; charset=utf-8", res.Header.Get("Content-Type"))
			assert.Equal(t, "Hello, WSGI!", text)
			res, text = fetch(t, url+"/square/7")
			assert.Equal(t, "application/json", res.Header.Get("Content-Type"))
			assert.Equal(t, "{\"n\":7,\"square\":49}\n", text)
			res, _ = fetch(t, url+"/square/seven")
			assert.Equal(t, 404, res.StatusCode)
			status, log := p.stop(t, sig)
			assert.Equal(t, 0, status, log)
			assert.Contains(t, log, `"GET /square/7 HTTP/1.1" 200`)
		})
	}
}

func TestTheHelloProgramSaysWhyItCannotServe(t *testing.T) {
	exe := build(t, filepath.Join(moduleDir, "examples", "hello"))
	p := start(t, exe, "RETORT_RUN_PORT=http")
	var rest bytes.Buffer
	_, _ = rest.ReadFrom(p.stderr)
	_ = p.cmd.Wait()
	assert.Equal(t, 1, p.cmd.ProcessState.ExitCode())
	assert.Contains(t, rest.String(), `retort: RETORT_RUN_PORT is "http", which is no port; set it to a number from 0 to 65535, such as 5000`)
}
