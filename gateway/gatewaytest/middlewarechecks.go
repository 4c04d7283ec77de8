package gatewaytest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/retort-go/retort/gateway"
)

// middlewareChecks are the checks of middleware.
func middlewareChecks() []check[*Middleware] {
	return []check[*Middleware]{
		{"M1", keepsBothSides},
		finds("M2", "B07"),
		finds("M3", "B06"),
		finds("M4", "W03"),
		{"M5/normal", closesOnce(visit{})},
		{"M5/early", closesOnce(visit{take: 1})},
		{"M5/unused", closesOnce(visit{unused: true})},
		finds("M6", "B11"),
		{"M7", keepsThePath},
		{"M8", leavesTheInput},
		{"M9", answersForTheApp},
		{"M10/response", leavesTheResponse},
		{"M10/request", leavesTheRequest},
		{"M10/failure", leavesTheFailure},
		{"M10/context", passesTheContext},
	}
}

// ofOthers are the codes of Lint that have a check of their own.
const ofOthers = "B06 B07 B11 B12 B13 B16 W03 E17 E18"

// sandwich is a visit to an app behind the middleware, with a Lint outside and one
// inside.
func (m *Middleware) sandwich(ctx context.Context, app gateway.App, v visit) (outcome, *witness) {
	w := &witness{app: app}
	return v.make(ctx, func(o gateway.LintOptions) gateway.App {
		return gateway.Lint(m.Wrap(gateway.Lint(w, o)), o)
	}), w
}

// each makes a visit of each kind to each app, and gives the first error.
func (m *Middleware) each(ctx context.Context, v visit, look func(app conforming, v visit, o outcome, w *witness) error) error {
	for _, app := range conformingApps() {
		for _, r := range m.requests() {
			v.request = r
			o, w := m.sandwich(ctx, gateway.AppFunc(app.call), v)
			if err := look(app, v, o, w); err != nil {
				return fmt.Errorf("around an app that gives %s: %w", app.name, o.about(err))
			}
		}
	}
	return nil
}

// finds is a check that Lint makes.
func finds(id, codes string) check[*Middleware] {
	return check[*Middleware]{id, func(ctx context.Context, m *Middleware) error {
		return m.each(ctx, visit{}, func(_ conforming, _ visit, o outcome, _ *witness) error { return o.found(codes) })
	}}
}

// keepsBothSides is Lint's view of all that has no check of its own.
func keepsBothSides(ctx context.Context, m *Middleware) error {
	return m.each(ctx, visit{}, func(_ conforming, _ visit, o outcome, _ *witness) error {
		var errs []error
		for _, f := range o.findings {
			if !strings.Contains(ofOthers, f.Code) {
				errs = append(errs, o.found(f.Code))
			}
		}
		return errors.Join(errs...)
	})
}

// closesOnce counts, and asks Lint, too.
func closesOnce(v visit) func(context.Context, *Middleware) error {
	return func(ctx context.Context, m *Middleware) error {
		return m.each(ctx, v, func(_ conforming, _ visit, o outcome, w *witness) error {
			for _, n := range w.closings() {
				if n != 1 {
					return mismatch("the calls of Close of the app's body", n, 1)
				}
			}
			return o.found("B12 B13")
		})
	}
}

// keepsThePath compares both parts of the path, put together.
func keepsThePath(ctx context.Context, m *Middleware) error {
	app := gateway.AppFunc(giving("200 OK", plain(), gateway.Empty))
	for _, target := range []string{"/", "/a", "/a/", "/a/b/c", "/a/b%2Fc", "/%C3%A9/x", "/a//b"} {
		var path string
		o, w := m.sandwich(ctx, app, visit{request: &Request{Target: target}, environ: func(env *gateway.Environ) {
			env.Set("SCRIPT_NAME", "/root")
			env.Set("REQUEST_URI", "/root"+target)
			path = env.Value("PATH_INFO")
		}})
		if env := w.environ(); env != nil {
			err := mismatch("SCRIPT_NAME and PATH_INFO put together", env.Value("SCRIPT_NAME")+env.Value("PATH_INFO"), "/root"+path)
			if err != nil {
				return o.about(err)
			}
		}
		if err := o.found("E18"); err != nil {
			return err
		}
	}
	return nil
}

// leavesTheInput looks whether what the middleware has learned of the request is
// still there for the app.
func leavesTheInput(ctx context.Context, m *Middleware) error {
	for _, r := range []*Request{
		{Method: "POST", Header: gateway.Headers{{"Content-Type", "application/x-www-form-urlencoded"}}, Body: []byte("a=1&b=2")},
		{Method: "POST", Header: gateway.Headers{{"Content-Type", "application/json"}}, Body: []byte(`{"a": 1}`), Chunked: true},
	} {
		o, w := m.sandwich(ctx, gateway.AppFunc(echoing), visit{request: r})
		if w.environ() == nil {
			continue // it has an answer of its own
		}
		err := errors.Join(mismatch("what the app reads of the input", string(o.body), string(r.Body)), o.found("E15 E17"))
		if err != nil {
			return o.about(err)
		}
	}
	return nil
}

// answersForTheApp has an app that fails before it has an answer.
func answersForTheApp(ctx context.Context, m *Middleware) error {
	failed := func(started bool) call {
		return func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			if started {
				if _, err := start("200 OK", plain(), nil); err != nil {
					return nil, err
				}
			}
			return nil, errBroken
		}
	}
	answered := false
	for _, started := range []bool{false, true} {
		o, _ := m.sandwich(ctx, gateway.AppFunc(failed(started)), visit{request: &Request{}})
		if o.err != nil {
			continue
		}
		answered = true
		if !strings.HasPrefix(o.status, "5") {
			return o.about(wrong("an app that failed was answered for with %s", "a status that tells of a failure", o.status))
		}
		for _, f := range o.findings {
			if err := o.found(f.Code); err != nil {
				return err
			}
		}
	}
	if !answered {
		return fmt.Errorf("the app's errors go on to the server: %w", errLeftOut)
	}
	return nil
}

// leavesTheResponse compares what comes through the middleware with what the app
// gives. It may add fields.
func leavesTheResponse(ctx context.Context, m *Middleware) error {
	return m.each(ctx, visit{}, func(app conforming, v visit, o outcome, _ *witness) error {
		own := v.to(ctx, gateway.AppFunc(app.call))
		if own.err != nil {
			return nil // see leavesTheFailure
		}
		if o.err != nil {
			return wrong("the error %q", "the app's own answer, "+own.status, o.err)
		}
		if err := mismatch("the status", o.code(), own.code()); err != nil {
			return err
		}
		if !bytes.Equal(o.body, own.body) {
			return wrong("another body, of %d bytes", fmt.Sprintf("that of the app, of %d", len(own.body)), len(o.body))
		}
		for _, f := range own.header {
			if !slices.Equal(passed(o.header.Values(f[0]), own.header.Values(f[0])), own.header.Values(f[0])) {
				return wrong("%s: %q", fmt.Sprintf("those of the app, %q", own.header.Values(f[0])), f[0], o.header.Values(f[0]))
			}
		}
		return nil
	})
}

// passed is what of values has come through, without what was added.
func passed(values, own []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return !slices.Contains(own, v) })
}

// leavesTheRequest compares what the app sees with what the server said.
func leavesTheRequest(ctx context.Context, m *Middleware) error {
	app := gateway.AppFunc(giving("200 OK", plain(), gateway.Empty))
	for _, r := range m.requests() {
		var said map[string]string
		var scheme string
		o, w := m.sandwich(ctx, app, visit{request: r, environ: func(env *gateway.Environ) {
			scheme = env.URLScheme
			said = maps.Collect(env.All())
		}})
		env := w.environ()
		if env == nil {
			return o.about(wrong("an answer of its own, %s", "the app is asked", o.ending()))
		}
		if err := mismatch("wsgi.url_scheme", env.URLScheme, scheme); err != nil {
			return o.about(err)
		}
		for name, value := range said {
			if name == "SCRIPT_NAME" || name == "PATH_INFO" { // see keepsThePath
				continue
			}
			if seen, ok := env.Get(name); !ok || seen != value {
				return o.about(mismatch("the variable "+name, seen, value))
			}
		}
	}
	return nil
}

// leavesTheFailure has an app whose body ends in an error, which the server must
// learn of, because the client takes half a response for a whole one else.
func leavesTheFailure(ctx context.Context, m *Middleware) error {
	return m.each(ctx, visit{}, func(app conforming, v visit, o outcome, _ *witness) error {
		own := v.to(ctx, gateway.AppFunc(app.call))
		if own.err != nil && o.err == nil && !strings.HasPrefix(o.status, "5") {
			return wrong("%s and %d bytes, and no error", fmt.Sprintf("the error of the app (%v)", own.err), o.status, len(o.body))
		}
		return o.found("B16")
	})
}

// passesTheContext has an app that waits for the client to leave.
func passesTheContext(ctx context.Context, m *Middleware) error {
	visiting, leave := context.WithCancel(ctx)
	defer leave()
	ended := make(chan bool, 1)
	app := gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		leave()
		select {
		case <-env.Context().Done():
			ended <- true
		case <-ctx.Done():
			ended <- false
		}
		_, err := start("200 OK", plain(), nil)
		return gateway.Empty(), err
	})
	m.sandwich(visiting, app, visit{request: &Request{}})
	select {
	case ok := <-ended:
		if !ok {
			return wrong("a context that goes on when the client has left", "it ends")
		}
	default: // the app was not asked
	}
	return nil
}
