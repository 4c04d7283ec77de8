package gateway

import (
	"context"
	"fmt"
	"sync"

	"github.com/retort-go/retort/internal/accesslog"
)

// Finding is something that [Lint] has found.
type Finding struct {
	// Code is stable: a letter for the part (E environ, I input,
	// S start_response, H headers, B body, W write, C call) and a number.
	Code string
	// Warning tells what is unwise from what is wrong.
	Warning bool
	// Message says what was found and what would be right.
	Message string
	// Method and Path are those of the request.
	Method, Path string
}

// String is "lint: H06 error: GET /x: …", one line whatever the client sent.
func (f Finding) String() string {
	level := "error"
	if f.Warning {
		level = "warning"
	}
	return fmt.Sprintf("lint: %s %s: %s %s: %s", f.Code, level, accesslog.AppendTarget(nil, f.Method), accesslog.AppendTarget(nil, f.Path), f.Message)
}

// LintOptions configures [Lint]. The zero value is usable.
type LintOptions struct {
	// Report is called with each finding, one at a time, from any goroutine.
	// Default: a line to the request's wsgi.errors.
	Report func(Finding)
}

// Lint watches over both sides of app: what the server hands to it and what it
// gives back. It changes nothing but that a body is always ranged over, never
// handed to the kernel as a file, and that a chunk is made unreadable once the
// step that gave it is over, so that a server that keeps it is noticed.
//
// Around a middleware and inside of it (Lint(mw(Lint(app)))) it also sees whether
// the middleware keeps the rules of the middle. What the types rule out already is
// not checked. The example wsgi/mistakes makes each mistake once and shows what is
// said of it.
//
// What is lent is taken back when the response is over: who writes, begins again
// or reads the input after that is reported.
//
// wsgiref: validate.py; Werkzeug: middleware/lint.py.
func Lint(app App, o LintOptions) App {
	l := &linter{app: app, report: o.Report}
	return l
}

// linter is an App under Lint.
type linter struct {
	app    App
	mu     sync.Mutex
	report func(Finding)
}

// lintKey is where a run finds the one around it.
type lintKey struct{}

// lintRun is one request under Lint.
type lintRun struct {
	linter *linter
	env    *Environ
	method string
	script string
	path   string
	outer  *lintRun

	mu          sync.Mutex
	inner       []*lintRun
	inCall      bool
	started     bool
	code        int
	headers     Headers
	begun       bool  // again, with exc
	refused     error // what start_response returned for a call with exc
	written     int64 // by write
	steps       int   // chunks asked for
	chunks      int   // chunks given
	empty       int   // of which were empty
	unlimited   bool  // a line was read without a limit
	sent        int64 // in chunks
	lengthTold  bool  // the length was wrong, and that was told
	hasBody     bool
	ranged      bool
	failed      bool  // the body ended in an error
	failedEarly bool  // before the middleware around had started
	closed      bool  // the body is closed, or there is none
	over        bool  // and its Close has returned
	closing     error // what it returned
}

// Call runs the app and reports what is wrong.
func (l *linter) Call(env *Environ, start StartResponse) (Body, error) {
	run := &lintRun{
		linter: l, env: env,
		method: env.Value("REQUEST_METHOD"), script: env.Value("SCRIPT_NAME"), path: env.Value("PATH_INFO"),
	}
	run.outer, _ = env.Context().Value(lintKey{}).(*lintRun)
	if run.outer != nil {
		run.outer.adopt(run)
	}
	run.checkEnviron()
	run.inCall = true
	inside := env.WithContext(context.WithValue(env.Context(), lintKey{}, run))
	inside.Input = run.watchInput(env.Input)
	body, err := l.app.Call(inside, run.starter(start))
	run.finishCall(body, err)
	if err != nil || body == nil {
		return body, err
	}
	return run.watch(body), nil
}

func (run *lintRun) adopt(inner *lintRun) {
	run.mu.Lock()
	defer run.mu.Unlock()
	run.inner = append(run.inner, inner)
}

// finishCall looks at what the app returned.
func (run *lintRun) finishCall(body Body, err error) {
	run.mu.Lock()
	refused := run.refused
	run.inCall = false
	run.closed = err != nil || body == nil
	run.over = run.closed
	run.mu.Unlock()
	if err == nil && body == nil {
		run.error("B01", "the app returned a nil Body; return gateway.Empty() for a response without one")
	}
	if refused != nil && err == nil {
		run.error("C01", "start_response could not begin again and returned an error, but the app went on as if nothing had happened; return that error")
	}
}

// error reports what is wrong, warn what is unwise.
func (run *lintRun) error(code, format string, args ...any) { run.tell(code, false, format, args) }
func (run *lintRun) warn(code, format string, args ...any)  { run.tell(code, true, format, args) }

func (run *lintRun) tell(code string, warning bool, format string, args []any) {
	f := Finding{Code: code, Warning: warning, Message: fmt.Sprintf(format, args...), Method: run.method, Path: run.path}
	run.linter.mu.Lock()
	defer run.linter.mu.Unlock()
	if run.linter.report != nil {
		run.linter.report(f)
		return
	}
	if run.env.Errors != nil {
		_, _ = fmt.Fprintln(run.env.Errors, f) // there is nobody else to tell
	}
}
