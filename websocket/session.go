package websocket

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/coder/websocket"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/internal/takeover"
	"github.com/retort-go/retort/serving"
)

// session is one connection with its view, from the handshake to the end.
type session struct {
	*settings
	c    *retort.Context
	f    func(*retort.Context, *Conn) error
	conn *Conn
	wire wire
	err  error // the view's, when it is a fault
}

// Err is what the view failed with.
func (s *session) Err() error { return s.err }

// ServeHTTP makes the handshake and runs the view. No goroutine of its own
// outlives it.
func (s *session) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !canHijack(w) {
		panic(retort.Error(http.StatusNotImplemented, "This connection cannot become a WebSocket."))
	}
	server, end := takeover.Take(r.Context())
	defer end()
	conn, err := websocket.Accept(&hijackWriter{w, &s.wire}, r, &websocket.AcceptOptions{
		Subprotocols:       s.subprotocols,
		InsecureSkipVerify: true, // check has looked at the origin
	})
	if err != nil {
		return // Accept has answered
	}
	s.conn = conn
	conn.SetReadLimit(s.readLimit)
	var helpers sync.WaitGroup
	done := make(chan struct{})
	defer helpers.Wait()
	defer close(done)
	helpers.Go(func() { s.leave(server, done, end) })
	helpers.Go(func() { s.keepAlive(done) })
	s.run()
}

// leave says goodbye when the server stops, and then ends the context of the
// view. Until then the view can read what the client still has to say.
func (s *session) leave(server context.Context, done <-chan struct{}, end context.CancelFunc) {
	select {
	case <-done:
		return
	case <-serving.Draining(server):
	case <-server.Done():
	}
	_ = s.conn.Close(StatusGoingAway, "the server is stopping") // a client that is gone needs no goodbye
	end()
}

// run calls the view and closes the connection as its result says. A panic goes
// on to the app, which logs it.
func (s *session) run() {
	returned := false
	defer func() {
		if !returned {
			_ = s.conn.Close(StatusInternalError, "the server has failed")
		}
	}()
	err := s.f(s.c, s.conn)
	returned = true
	end, fault := closing(err)
	switch {
	case err != nil && (s.wire.ended.Load() || byClient(err)):
		s.c.App.Logger.DebugContext(s.c.Context(), "a WebSocket connection has ended", "endpoint", s.c.Endpoint(), "error", err.Error())
		if fault {
			end = CloseError{Code: websocket.StatusProtocolError} // unless another close frame has been sent
		}
	case fault:
		s.err = err
	}
	_ = s.conn.Close(end.Code, end.Reason) // the client may have gone
}

// byClient reports whether an error is that of a read: the client has said
// goodbye, sent too much or broken the protocol. The library gives the last kind
// no type, but all its errors of that kind begin alike.
func byClient(err error) bool {
	text := err.Error()
	return errors.Is(err, net.ErrClosed) || errors.Is(err, websocket.ErrMessageTooBig) ||
		strings.Contains(text, "failed to get reader: ") || strings.Contains(text, "failed to read: received ")
}

// closing is how an error of a view closes its connection, and whether it is a
// fault.
func closing(err error) (end CloseError, fault bool) {
	var own CloseError
	var status *retort.HTTPError
	switch {
	case err == nil:
		return CloseError{Code: StatusNormalClosure}, false
	case errors.As(err, &own):
		return CloseError{Code: own.Code, Reason: clip(own.Reason)}, false
	case errors.As(err, &status) && status.Code >= 400 && status.Code < 500:
		reason := status.Description
		if reason == retort.Error(status.Code).Description { // a sentence for a page
			reason = status.Name()
		}
		return CloseError{Code: StatusPolicyViolation, Reason: clip(reason)}, false
	}
	return CloseError{Code: StatusInternalError, Reason: "the server has failed"}, true
}

// maxReason is what a close frame holds besides its code (RFC 6455 §5.5).
const maxReason = 123

// clip cuts a reason to what fits, between characters.
func clip(reason string) string {
	if len(reason) <= maxReason {
		return reason
	}
	end := maxReason
	for end > 0 && !utf8.RuneStart(reason[end]) {
		end--
	}
	return reason[:end]
}
