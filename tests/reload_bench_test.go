//go:build linux

package tests

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// helloSource is the source of examples/hello with another text on its page.
func helloSource(b *testing.B, text string) string {
	b.Helper()
	source, err := os.ReadFile(filepath.Join(moduleDir, "examples", "hello", "main.go"))
	require.NoError(b, err)
	require.Contains(b, string(source), "Hello, WSGI!")
	return strings.Replace(string(source), "Hello, WSGI!", text, 1)
}

// BenchmarkGoBuild is what BenchmarkSaveToRefresh is compared with: building the
// program after a change.
func BenchmarkGoBuild(b *testing.B) {
	a := newReloaded(b)
	n := 0
	for b.Loop() {
		n++
		a.write("main.go", helloSource(b, fmt.Sprint("build ", n)))
		a.build()
	}
}

// BenchmarkSaveToRefresh is the time from the saving of a file until the page of
// the new program is there, asked for again and again.
func BenchmarkSaveToRefresh(b *testing.B) {
	a := newReloaded(b)
	a.write("main.go", helloSource(b, "at first"))
	a.run([]string{a.build()}, "RETORT_DEBUG=1", "RETORT_RUN_PORT=0")
	a.answers("/", 200, "at first")
	n := 0
	for b.Loop() {
		n++
		text := fmt.Sprint("refresh ", n)
		a.write("main.go", helloSource(b, text))
		a.answers("/", 200, text)
	}
}
