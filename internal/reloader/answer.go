package reloader

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"time"
)

// answer answers requests with the page of a problem until there is a change, or
// for a time if that is not zero; then the step after it is nil.
func (r *reloader) answer(p *Problem, limit time.Duration) step {
	return func(ctx context.Context) (step, error) {
		stop := make(chan struct{})
		p.Stopping = stop
		p.ID = "problem-" + strconv.Itoa(r.builds) + "-" + strconv.FormatInt(time.Now().UnixNano(), 36)
		ln, server, err := r.serve(r.Page(p))
		if err != nil {
			return nil, err
		}
		defer func() {
			// At once, and before a program is started, which makes the socket
			// blocking: an Accept under way would wait for ever.
			_ = ln.Close()
			close(stop)
			time.AfterFunc(answerTime, func() { _ = server.Close() })
		}()
		return r.waitForChange(ctx, p.Kind, limit)
	}
}

// serve accepts connections until the server is shut down. The socket stays open
// for the program.
func (r *reloader) serve(h http.Handler) (net.Listener, *http.Server, error) {
	ln, err := net.FileListener(r.socket)
	if err != nil {
		return nil, nil, err
	}
	if u, ok := ln.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	server.SetKeepAlivesEnabled(false) // the next request is for the program
	accept := ln
	if r.TLS != nil {
		accept = tls.NewListener(ln, r.TLS)
	}
	go func() { _ = server.Serve(accept) }()
	return ln, server, nil
}

// answerTime is how long the requests that were accepted may take when the
// problem is over. They are not shut down before: net/http drops what it reads
// once it was told to.
const answerTime = 10 * time.Second

// waitForChange waits for a change that may mend a problem. What a program reads
// anew by itself, such as templates, may be what one that does not start read first.
func (r *reloader) waitForChange(ctx context.Context, kind Kind, limit time.Duration) (step, error) {
	var over <-chan time.Time
	if limit > 0 {
		t := time.NewTimer(limit)
		defer t.Stop()
		over = t.C
	}
	for {
		select {
		case all := <-r.changes:
			if kind != BuildFailed || worst(all) != labelRefresh {
				r.tellChange(all)
				return r.build, nil
			}
		case <-over:
			return nil, nil
		case <-ctx.Done():
			return nil, nil
		}
	}
}
