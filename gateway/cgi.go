package gateway

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/retort-go/retort/internal/cgivars"
)

// ServeCGI answers the one request for which a web server has started this
// process: variables come from the environment, the body from standard input,
// and the response goes to standard output. RunOnce and Multiprocess of the
// environ are true, Multithread is false. A program whose name begins with nph-
// writes the status line itself.
//
// Only the variables of CGI become variables of the environ, not the settings
// that the process has in its environment besides. What is logged goes to
// standard error, where the web server takes it. A SIGTERM, which is how Apache
// says that the client left, ends the context of the request.
//
// An error says that the process was not started by a web server, or that the
// response was cut off: the program is to exit with a status that is not 0.
//
// RFC 3875; wsgiref.handlers, CGIHandler.
func ServeCGI(app App, opts ...Option) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	// While somebody listens for it, a closed standard output is an error of
	// writing and not the end of the process: the body is still to be closed.
	broken := make(chan os.Signal, 1)
	signal.Notify(broken, syscall.SIGPIPE)
	defer signal.Stop(broken)
	nph := strings.HasPrefix(filepath.Base(os.Args[0]), "nph-")
	return serveCGI(ctx, app, cgiProcess{os.Environ(), os.Stdin, os.Stdout, nph}, newConfig(opts))
}

// cgiProcess is what a web server gives a program that it starts.
type cgiProcess struct {
	environ []string // NAME=value
	in      io.Reader
	out     io.Writer
	nph     bool
}

// Errors of ServeCGI.
var (
	errNoCGI = errors.New("gateway: there is no request: the variable REQUEST_METHOD is missing from the environment; " +
		"a web server has to start this program, or use MakeServer to listen for requests")
	errCGICut = errors.New("gateway: the response was cut off")
)

func serveCGI(ctx context.Context, app App, p cgiProcess, cfg *config) error {
	w := &streamWriter{out: bufio.NewWriterSize(p.out, streamBuffer), http11: p.nph}
	vars, err := cgiVariables(p.environ)
	if err == nil && vars["REQUEST_METHOD"] == "" {
		return errNoCGI
	}
	var cut bool
	var unread int64
	if err == nil {
		cut, unread, err = answerCGI(ctx, app, w, vars, p.in, cfg)
	}
	if err != nil {
		level, what, code := blame(err)
		loggerOr(cfg.log).Log(ctx, level, what, slog.Any("error", err))
		writeStatus(w, code)
		unread = math.MaxInt64 // nobody knows
	}
	if err := w.FlushError(); err != nil {
		return err
	}
	if cut {
		return errCGICut
	}
	discard(p.in, unread)
	return nil
}

func answerCGI(ctx context.Context, app App, w wireWriter, vars map[string]string, in io.Reader, cfg *config) (cut bool, unread int64, err error) {
	env, r, err := newWireEnviron(ctx, vars, in, cfg, origin{runOnce: true})
	if err != nil {
		return false, 0, err
	}
	if env.in.Remaining() == 0 {
		env.in.r = bytes.NewReader(nil)
	}
	cut = answer(app, w, r, env, cfg)
	return cut, env.in.Remaining(), nil
}

// discard reads n bytes of a body that the app has left, until none come for
// lingerTime. Apache's mod_cgid gives a program one unix socket for both ways: if
// that is closed with bytes in it the response is lost.
func discard(in io.Reader, n int64) {
	came, ended, enough := make(chan struct{}), make(chan struct{}), make(chan struct{})
	defer close(enough)
	go func() { // it may be reading when the process ends
		defer close(ended)
		buf := make([]byte, headBuffer)
		for n > 0 {
			m, err := in.Read(buf[:min(n, headBuffer)])
			if err != nil {
				return
			}
			n -= int64(m)
			select {
			case came <- struct{}{}:
			case <-enough:
				return
			}
		}
	}()
	idle := time.NewTimer(lingerTime)
	for {
		select {
		case <-came:
			idle.Reset(lingerTime)
		case <-ended:
			return
		case <-idle.C:
			return
		}
	}
}

// cgiVariables gives those variables of a process that a request has.
func cgiVariables(environ []string) (map[string]string, error) {
	var vars cgivars.Vars
	size := 0
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if !ofCGI(name) {
			continue
		}
		size += len(entry)
		err := vars.Add(name, value)
		if err == nil && size > cgivars.MaxBytes {
			err = cgivars.TooLarge(size)
		}
		var refusal *cgivars.Refusal
		if errors.As(err, &refusal) {
			return nil, &RequestError{refusal.Status, refusal.Reason}
		}
	}
	return vars.ByName(), nil
}

// cgiPrefixes begin the names of a request's variables: those of RFC 3875, and
// those that Apache and nginx add.
var cgiPrefixes = [...]string{
	"HTTP_", "CONTENT_", "REQUEST_", "SCRIPT_", "SERVER_", "REMOTE_", "PATH_", "SSL_", "REDIRECT_", "DOCUMENT_", "CONTEXT_",
}

func ofCGI(name string) bool {
	switch name {
	case "AUTH_TYPE", "GATEWAY_INTERFACE", "HTTPS", "QUERY_STRING", "UNIQUE_ID":
		return true
	}
	for _, prefix := range cgiPrefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
