package devpage

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/devbuild"
	"github.com/retort-go/retort/internal/devguard"
	"github.com/retort-go/retort/internal/reloader"
)

const browserAccept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

// ask sends a request of this machine; fields are name, value pairs.
func ask(h http.Handler, method, path string, fields ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:4000", "localhost:5000"
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func compileError(dir string) *reloader.Problem {
	return &reloader.Problem{
		Kind: reloader.BuildFailed, ID: "problem-1", Output: "# x\nstore/a.go:2:3: undefined: <b>\n\thave ()\n",
		Errors: []devbuild.CompileError{{
			File: filepath.Join(dir, "store", "a.go"), Line: 2, Column: 3, Message: "undefined: <b>\n\thave ()",
			Excerpt: []devbuild.SourceLine{{Number: 1, Text: "one"}, {Number: 2, Text: "a <script>", Marked: true}},
		}},
	}
}

func TestAProblemForEachKindOfClient(t *testing.T) {
	dir := t.TempDir()
	h := Problem(compileError(dir), ProblemOptions{Dir: dir})
	for _, tt := range []struct{ accept, want string }{
		{browserAccept, "text/html; charset=utf-8"},
		{"", "text/plain; charset=utf-8"},
		{"*/*", "text/plain; charset=utf-8"},
		{"text/css,*/*;q=0.1", "text/plain; charset=utf-8"},
		{"application/json", "application/json"},
		{"application/json, */*;q=0.5", "application/json"},
		{"image/png", "text/plain; charset=utf-8"},
	} {
		w := ask(h, "GET", "/any/path", "Accept", tt.accept)
		assert.Equal(t, 503, w.Code)
		assert.Equal(t, tt.want, w.Header().Get("Content-Type"), tt.accept)
		assert.Equal(t, "1", w.Header().Get("Retry-After"))
		assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
		assert.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
		assert.Equal(t, "Accept", w.Header().Get("Vary"))
	}
}

func TestAProblemAsTextAndData(t *testing.T) {
	dir := t.TempDir()
	h := Problem(compileError(dir), ProblemOptions{Dir: dir})
	assert.Equal(t, "The program cannot be compiled\n\nstore/a.go:2:3: undefined: <b>\n\thave ()\n"+
		"     1 | one\n>    2 | a <script>\n", ask(h, "GET", "/").Body.String())
	var got any
	require.NoError(t, json.Unmarshal(ask(h, "GET", "/", "Accept", "application/json").Body.Bytes(), &got))
	assert.Equal(t, map[string]any{
		"kind": "build", "error": "The program cannot be compiled", "exit": "", "output": "# x\nstore/a.go:2:3: undefined: <b>\n\thave ()\n",
		"errors": []any{map[string]any{"file": filepath.Join(dir, "store", "a.go"), "line": 2.0, "column": 3.0, "message": "undefined: <b>\nhave ()"}},
	}, got)

	h = Problem(&reloader.Problem{Kind: reloader.Crashed, Exit: "exit status 2", Output: "\x1b[31mred\x1b[0m\npanic: x\n\ngoroutine 1 [running]:\n"}, ProblemOptions{Dir: dir})
	assert.Equal(t, "The program crashed (exit status 2)\n\nx\n\nred\npanic: x\n\ngoroutine 1 [running]:\n", ask(h, "GET", "/").Body.String())
}

func TestAnErrorAtTheEndOfAFileMarksItsLastLine(t *testing.T) {
	p := compileError("/x")
	p.Errors[0].Line, p.Errors[0].Excerpt = 3, []devbuild.SourceLine{{Number: 1, Text: "one"}, {Number: 2, Text: "two {"}}
	page := ask(Problem(p, ProblemOptions{Dir: "/x"}), "GET", "/", "Accept", browserAccept).Body.String()
	assert.Contains(t, page, `<span class="row marked"><span class="no">2</span>`)
	assert.False(t, p.Errors[0].Excerpt[1].Marked)
}

func TestThePageOfAProblem(t *testing.T) {
	t.Setenv(EnvEditor, "")
	dir := t.TempDir()
	h := Problem(compileError(dir), ProblemOptions{Dir: dir})
	w := ask(h, "GET", "/", "Accept", browserAccept)
	page := w.Body.String()
	assert.Contains(t, page, "<title>The program cannot be compiled</title>")
	assert.Contains(t, page, `<h2 class="message">undefined: &lt;b&gt;</h2>`)
	assert.Contains(t, page, `<pre class="detail">have ()</pre>`)
	assert.Contains(t, page, `<a href="vscode://file`+filepath.ToSlash(dir)+`/store/a.go:2:3" title="Open in the editor; RETORT_EDITOR says which"><span class="dim">store/</span>a.go:2:3</a>`)
	assert.Contains(t, page, `<span class="row marked"><span class="no">2</span><span class="text">a <mark>&lt;</mark>script&gt;`)
	assert.Contains(t, page, `<details class="card output">`, "what has been said is folded")
	assert.NotContains(t, page, "<script>")
	nonce, _, _ := strings.Cut(strings.SplitAfter(w.Header().Get("Content-Security-Policy"), "'nonce-")[1], "'")
	assert.Contains(t, page, `<script src="/__retort__/live.js?b=problem-1.0" nonce="`+nonce+`" defer></script>`)
	assert.NotEqual(t, w.Header().Get("Content-Security-Policy"), ask(h, "GET", "/", "Accept", browserAccept).Header().Get("Content-Security-Policy"))
}

func TestThePageOfACrash(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module x\n"), 0o644))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "store"), 0o755))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "cmd", "app"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "store", "store.go"), []byte("one\ntwo\nthree\n"), 0o644))
	p := &reloader.Problem{Kind: reloader.Crashed, Exit: "signal: killed", Output: crashOf(dir)}
	h := Problem(p, ProblemOptions{Dir: filepath.Join(dir, "cmd", "app")})
	page := ask(h, "GET", "/", "Accept", browserAccept).Body.String()
	assert.Contains(t, page, `<p class="sub">It ended with <b>signal: killed</b>. Something has killed it. If it was the system, it had used up the memory.</p>`)
	assert.Contains(t, page, `<h2 class="message">first [recovered]</h2>`)
	assert.Contains(t, page, `<span class="row marked"><span class="no">3</span><span class="text">three`)
	assert.Contains(t, page, `<details class="card output" open>`)
	assert.Contains(t, page, "<summary>1 more goroutine</summary>")

	h = Problem(&reloader.Problem{Kind: reloader.BootFailed, Exit: "exit status 1"}, ProblemOptions{Dir: dir})
	assert.Contains(t, ask(h, "GET", "/", "Accept", browserAccept).Body.String(), "It wrote nothing that could tell why.")
}

func TestSecretsInTheOutputAreHidden(t *testing.T) {
	t.Setenv("APP_SECRET_KEY", "s3cr3t-by-value")
	p := &reloader.Problem{Kind: reloader.Crashed, Exit: "exit status 2", Output: "opening postgres://app:hunter2@db/x\n" +
		"panic: bad key s3cr3t-by-value, password=hunter3\n\ngoroutine 1 [running]:\nmain.main()\n\t/x/session.go:3 +0x1\n"}
	h := Problem(p, ProblemOptions{Dir: t.TempDir()})
	for _, accept := range []string{browserAccept, "text/plain", "application/json"} {
		body := ask(h, "GET", "/", "Accept", accept).Body.String()
		for _, secret := range []string{"s3cr3t", "hunter2", "hunter3"} {
			assert.NotContains(t, body, secret, accept)
		}
		assert.Contains(t, body, "bad key [hidden]", accept)
		assert.Contains(t, body, "/x/session.go:3", accept)
	}
}

func TestSecretsInTheSourceAreHidden(t *testing.T) {
	dir := t.TempDir()
	p := compileError(dir)
	p.Errors[0].Excerpt = append(p.Errors[0].Excerpt, devbuild.SourceLine{Number: 3, Text: `app.Config.Set("SECRET_KEY", "tr0ub4dor")`})
	h := Problem(p, ProblemOptions{Dir: dir})
	for _, accept := range []string{browserAccept, "text/plain", "application/json"} {
		text := ask(h, "GET", "/", "Accept", accept).Body.String()
		assert.NotContains(t, text, "tr0ub4dor", accept)
	}
}

func TestAPageThatAnswersAFormDoesNotRepeatIt(t *testing.T) {
	h := Problem(&reloader.Problem{Kind: reloader.Crashed}, ProblemOptions{})
	page := ask(h, "POST", "/notes?x=<b>", "Accept", browserAccept).Body.String()
	assert.NotContains(t, page, "live.js")
	assert.Contains(t, page, "This answers POST /notes, which has not reached the program.")
}

func TestOthersReadOneSentence(t *testing.T) {
	var log []string
	dir := t.TempDir()
	h := Problem(compileError(dir), ProblemOptions{Dir: dir, Guard: &devguard.Guard{Hosts: []string{"dev.test"}}, Log: func(line string) { log = append(log, line) }})
	const sentence = "The program is being worked on and cannot answer now; try again in a moment."
	for accept, want := range map[string]string{
		"":                 sentence + "\n",
		"application/json": `{"error":"` + sentence + `"}` + "\n",
		browserAccept: "<!doctype html>\n<html lang=en>\n<meta name=viewport content=\"width=device-width\">\n<meta name=color-scheme content=\"light dark\">\n" +
			"<meta http-equiv=refresh content=2>\n<title>Be right back</title>\n<p>" + sentence + "\n",
	} {
		w := ask(h, "GET", "/", "Accept", accept, "X-Forwarded-For", "127.0.0.1")
		assert.Equal(t, 503, w.Code)
		assert.Equal(t, want, w.Body.String())
		assert.Equal(t, "1", w.Header().Get("Retry-After"))
	}
	assert.Empty(t, log)
	assert.Equal(t, 404, ask(h, "GET", "/__retort__/events", "Via", "1.1 x").Code)
	assert.Len(t, log, 1)
	assert.Equal(t, 200, ask(h, "GET", "/__retort__/live.js").Code)
}

func TestTheEventsOfAProblemEndWithIt(t *testing.T) {
	stop := make(chan struct{})
	close(stop)
	h := Problem(&reloader.Problem{Kind: reloader.Crashed, ID: "problem-7", Stopping: stop}, ProblemOptions{})
	assert.Equal(t, "retry: 200\nevent: build\ndata: problem-7.0\n\n", ask(h, "GET", "/__retort__/events").Body.String())
}

func TestManyErrors(t *testing.T) {
	p := &reloader.Problem{Kind: reloader.BuildFailed}
	for range 200 {
		p.Errors = append(p.Errors, devbuild.CompileError{File: "/x.go", Line: 1, Message: "bad"})
	}
	h := Problem(p, ProblemOptions{Dir: t.TempDir()})
	assert.Equal(t, maxPlaces, strings.Count(ask(h, "GET", "/", "Accept", browserAccept).Body.String(), `<section class="card">`))
}
