package gatewaytest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"github.com/retort-go/retort/gateway"
)

// visit is a request to an app under Lint, without a server.
type visit struct {
	request *Request
	field   gateway.Headers        // more of the request
	environ func(*gateway.Environ) // changes it before the call
	input   io.Reader              // in the place of the request's body
	take    int                    // so many chunks that are not empty, then the client leaves; 0 is all
	unused  bool                   // the body is closed without being ranged over
}

// outcome is what came of a visit.
type outcome struct {
	request  string
	status   string
	header   gateway.Headers
	body     []byte
	err      error // of the call, the body or Close, or a panic
	findings []gateway.Finding
}

// findings collects what Lint says.
type findings struct {
	mu  sync.Mutex
	all []gateway.Finding
}

func (f *findings) options() gateway.LintOptions {
	return gateway.LintOptions{Report: func(found gateway.Finding) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.all = append(f.all, found)
	}}
}

func (f *findings) list() []gateway.Finding {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.all
}

// name is how a request is called in an error.
func (r *Request) name() string { return r.method() + " " + r.target() }

// make is the visit. wrap has the Lints.
func (v visit) make(ctx context.Context, wrap func(o gateway.LintOptions) gateway.App) outcome {
	var f findings
	out := outcome{request: v.request.name()}
	env, err := v.newEnviron(ctx)
	if err != nil {
		out.err = fmt.Errorf("the request has no environ: %w", err)
		return out
	}
	var body gateway.Body
	out.status, out.header, body, out.err = run(wrap(f.options()), env)
	if out.err == nil {
		out.err = errors.Join(v.read(&out, body), closed(body))
	}
	out.findings = f.list()
	return out
}

// to is a visit to an app.
func (v visit) to(ctx context.Context, app gateway.App) outcome {
	return v.make(ctx, func(o gateway.LintOptions) gateway.App { return gateway.Lint(app, o) })
}

func (v visit) newEnviron(ctx context.Context) (*gateway.Environ, error) {
	r := *v.request
	r.Header = append(r.Header.Clone(), v.field...)
	raw := append(httpHead(&r, false), httpBody(&r)...)
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, err
	}
	req.RemoteAddr = "192.0.2.1:1234"
	env, err := gateway.NewEnviron(req.WithContext(ctx), gateway.Logger(slog.New(slog.DiscardHandler)))
	if err != nil {
		return nil, err
	}
	if v.input != nil {
		env.Input = gateway.NewInput(v.input, env.Input.Remaining())
	}
	if v.environ != nil {
		v.environ(env)
	}
	return env, nil
}

// read takes what the client wants of a body.
func (v visit) read(out *outcome, body gateway.Body) (err error) {
	defer rescue(&err)
	if v.unused {
		return nil
	}
	silent := bodiless(v.request, &Response{Status: out.status})
	taken := 0
	for p, err := range body.Chunks() {
		if err != nil {
			return err
		}
		if len(p) == 0 {
			continue
		}
		if silent {
			return nil
		}
		out.body = append(out.body, p...)
		if taken++; taken == v.take {
			return nil
		}
	}
	return nil
}

// closed closes a body.
func closed(body gateway.Body) (err error) {
	defer rescue(&err)
	return body.Close()
}

// rescue makes a panic an error.
func rescue(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("a panic: %v", v)
	}
}

// code is the three digits of the status.
func (o *outcome) code() string {
	code, _, _ := strings.Cut(o.status, " ")
	return code
}

// failed reports whether an app could not answer.
func (o *outcome) failed() bool { return o.err != nil || strings.HasPrefix(o.status, "5") }

// ending is how it ended, for comparing.
func (o *outcome) ending() string {
	if o.err != nil {
		return fmt.Sprintf("the error %q", o.err)
	}
	return o.code()
}

// found gives the findings that have one of these codes as an error.
func (o *outcome) found(codes string) error {
	var errs []error
	for _, f := range o.findings {
		if strings.Contains(codes, f.Code) {
			errs = append(errs, fmt.Errorf("%s: gateway.Lint says %s: %s", o.request, f.Code, f.Message))
		}
	}
	return errors.Join(errs...)
}

// about puts the request before an error.
func (o *outcome) about(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", o.request, err)
}
