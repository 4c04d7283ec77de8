package middleware_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/middleware"
)

func TestProfiler(t *testing.T) {
	dir := t.TempDir()
	var inner http.Handler
	profiled := middleware.Profiler(dir)
	inner = profiled(tells("inner"))
	h := profiled(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r) // beside a profile that is under way
	}))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/users/7%20%2e%2e", nil))
	assert.Contains(t, w.Body.String(), "inner")
	names, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, names, 1)
	assert.Regexp(t, `^GET\.users\.7\.\.\.\d+ms\.\d+\.prof$`, names[0].Name())
	data, err := os.ReadFile(filepath.Join(dir, names[0].Name()))
	require.NoError(t, err)
	assert.Equal(t, "\x1f\x8b", string(data[:2]), "a profile is compressed by gzip")
}

func TestProfilerNeedsAFolder(t *testing.T) {
	assert.PanicsWithValue(t, "middleware: Profiler: there is no folder /nowhere", func() { middleware.Profiler("/nowhere") })
}

func TestProfilesOfRequestsWithLongNames(t *testing.T) {
	dir := t.TempDir()
	h := middleware.Profiler(dir)(tells("x"))
	for _, method := range []string{strings.Repeat("A", 1000), "..", "a/../../b"} {
		r := httptest.NewRequest("GET", "/"+strings.Repeat("../", 100)+strings.Repeat("b", 1000), nil)
		r.Method = method
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	names, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, names, 3)
	for _, name := range names {
		assert.Regexp(t, `^A{0,20}\.[.b]{100}\.\d+ms\.\d+\.prof$`, name.Name())
	}
}
