package middleware

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"
)

// Profiler writes a CPU profile of each request into a file of dir, for go tool
// pprof. It is named after method, path, duration and time, as in
// "GET.users.7.12ms.1700000000.prof".
//
// There is one CPU profile in a process at a time: requests that run beside a
// profiled one are served without. A profile that cannot be written is logged, and
// the request is served. Profiling costs time and tells about the code: it is for
// development.
//
// It panics when there is no such folder.
//
// Source: Werkzeug: middleware/profiler.py, ProfilerMiddleware.
func Profiler(dir string) func(http.Handler) http.Handler {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		panic(fmt.Sprintf("middleware: Profiler: there is no folder %s", dir))
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			f, err := os.CreateTemp(dir, ".profile-*")
			if err != nil {
				slog.Warn("a profile cannot be written", "error", err)
				next.ServeHTTP(w, r)
				return
			}
			if pprof.StartCPUProfile(f) != nil { // another one is under way
				discard(f)
				next.ServeHTTP(w, r)
				return
			}
			began := time.Now()
			defer func() {
				pprof.StopCPUProfile()
				keep(f, filepath.Join(dir, profileName(r, began, time.Since(began))))
			}()
			next.ServeHTTP(w, r)
		})
	}
}

func discard(f *os.File) {
	_ = f.Close() // nothing was written
	if err := os.Remove(f.Name()); err != nil {
		slog.Warn("a file of the profiler cannot be removed", "error", err)
	}
}

// keep gives a profile its name.
func keep(f *os.File, name string) {
	err := f.Close()
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		slog.Warn("a profile cannot be written", "error", err)
		_ = os.Remove(f.Name()) // nobody would find it
	}
}

// profileName is the name of a file. What a path may hold and a name may not is
// left out.
func profileName(r *http.Request, began time.Time, took time.Duration) string {
	path := strings.Map(func(c rune) rune {
		switch {
		case c == '/':
			return '.'
		case c < 0x80 && (c == '-' || c == '_' || c == '.' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'):
			return c
		}
		return -1
	}, strings.Trim(r.URL.Path, "/"))
	if path == "" {
		path = "root"
	}
	method := strings.Map(letters, r.Method)
	path, method = path[:min(len(path), 100)], method[:min(len(method), 20)]
	return fmt.Sprintf("%s.%s.%dms.%d.prof", method, path, took.Milliseconds(), began.UnixNano())
}

func letters(c rune) rune {
	if 'A' <= c && c <= 'Z' {
		return c
	}
	return -1
}
