package retort

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"time"

	"github.com/retort-go/retort/serving"
)

// defaultHeartbeat is below the idle timeouts of common proxies, of which 30 s
// are the shortest.
const defaultHeartbeat = 15 * time.Second

// SSEOption is an option of [Context.SSE].
type SSEOption interface{ applySSE(*EventStream) }

type sseOption func(*EventStream)

func (f sseOption) applySSE(s *EventStream) { f(s) }

// Heartbeat is how long a stream of events may be silent before a comment is
// sent, so that no proxy takes it for dead and a client that has left is
// noticed: 15 s by default. 0 or less sends none.
func Heartbeat(d time.Duration) SSEOption {
	return sseOption(func(s *EventStream) { s.heartbeat = d })
}

// Reconnect tells the client at the beginning of a stream of events how long to
// wait before it connects again. Without it the client decides: some seconds.
func Reconnect(d time.Duration) SSEOption {
	return sseOption(func(s *EventStream) { s.first = Event{Retry: d} })
}

// EventStream is a stream of server-sent events to one client; see
// [Context.SSE]. Its methods may be called by several goroutines.
type EventStream struct {
	app         *App
	ctx         context.Context // of the request
	lastEventID string
	heartbeat   time.Duration
	first       Event

	live   context.Context // ends with the stream
	events chan []byte     // on their way to the client
	done   chan struct{}   // closed when the function has ended
	err    error           // what it returned
	thrown error           // what it panicked with
}

// ErrStreamEnded is what [EventStream.Send] returns when the client has left or
// the server is stopping. The function of the stream may return it, or an error
// that wraps it: that is no failure.
var ErrStreamEnded = errors.New("retort: the stream of events has ended: the client has left, or the server is stopping")

// SSE gives a response that is a stream of server-sent events, which f sends,
// for EventSource in browsers:
//
//	return c.SSE(func(s *retort.EventStream) error {
//		for {
//			select {
//			case <-s.Context().Done():
//				return nil
//			case m := <-messages:
//				if err := s.Send(retort.Event{ID: m.ID, Data: m}); err != nil {
//					return err
//				}
//			}
//		}
//	})
//
// f is called when the header has left, on a goroutine of its own, while the
// view's waits. When the client leaves, or the server begins to stop
// ([serving.Draining]), the Context of the stream ends, Send returns
// [ErrStreamEnded], and the request ends as soon as f has returned, whatever it
// returns. When f itself ends the stream by returning nil, so does the response,
// and the client will connect again; to tell it not to, answer its next request
// with a 204. When f ends it with an error, the connection is cut off, and the
// error is logged and given to the teardown functions; so is a panic at any
// time.
//
// The response has the content type text/event-stream, may not be cached, and
// asks nginx not to buffer it.
//
// Source: WHATWG: HTML, server-sent events.
func (c *Context) SSE(f func(*EventStream) error, opts ...SSEOption) *Response {
	c.requireLive("SSE")
	s := &EventStream{app: c.App, ctx: c.Context(), lastEventID: c.Request.http.Header.Get("Last-Event-ID"), heartbeat: defaultHeartbeat}
	for _, opt := range opts {
		opt.applySSE(s)
	}
	res := newResponse(http.StatusOK, "text/event-stream", chunksContent(s.chunks(f)))
	res.Header["Cache-Control"] = []string{"no-cache"}
	res.Header["X-Accel-Buffering"] = []string{"no"}
	return res
}

// Context ends when the client leaves, when the server begins to stop, and when
// the function of the stream has returned. [FromContext] finds the Context of
// the request in it.
func (s *EventStream) Context() context.Context { return s.live }

// LastEventID is the ID of the last event that the client got before it lost
// the connection, "" when it connects for the first time. The client chose it:
// it may be anything.
func (s *EventStream) LastEventID() string { return s.lastEventID }

// Send sends one event, as soon as the one before it has been written: a slow
// client slows its sender. The error is [ErrStreamEnded] when nobody listens any
// more, else it says why e cannot be sent: then nothing was.
func (s *EventStream) Send(e Event) error {
	chunk, err := e.encode(s.app)
	if err != nil {
		return err
	}
	if s.live.Err() != nil {
		return ErrStreamEnded
	}
	select {
	case s.events <- chunk:
		return nil
	case <-s.live.Done():
		return ErrStreamEnded
	}
}

// Comment sends a comment, which the client ignores.
func (s *EventStream) Comment(text string) error { return s.Send(Event{Comment: text}) }

// chunks is the body. It passes on what f sends: all writing is done by the
// goroutine that iterates, which outlives f.
func (s *EventStream) chunks(f func(*EventStream) error) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		hello, err := s.first.encode(s.app)
		if !yield(hello, err) || err != nil {
			return
		}
		live, end := context.WithCancelCause(s.ctx)
		s.live, s.events, s.done = live, make(chan []byte), make(chan struct{})
		defer func() {
			end(ErrStreamEnded)
			<-s.done
			if s.thrown != nil {
				panic(s.thrown)
			}
		}()
		go s.run(f)
		if s.pass(yield) && s.err != nil && !errors.Is(s.err, ErrStreamEnded) {
			yield(nil, s.err)
		}
	}
}

// run calls f and keeps what it ends with.
func (s *EventStream) run(f func(*EventStream) error) {
	defer close(s.done)
	defer func() {
		if v := recover(); v != nil {
			s.thrown = thrownError(v)
		}
	}()
	s.err = f(s)
}

// pass passes events on until f has returned, which it reports, or nobody wants
// more of them. What f returns then is no news to anybody, whichever of the two is
// seen first.
func (s *EventStream) pass(yield func([]byte, error) bool) bool {
	beat := newBeat(s.heartbeat)
	defer beat.stop()
	draining := serving.Draining(s.ctx)
	for {
		var chunk []byte
		select {
		case chunk = <-s.events:
		case <-beat.c:
			chunk = []byte(":\n\n")
		case <-s.done:
			return s.ctx.Err() == nil
		case <-draining:
			return false
		case <-s.ctx.Done():
			return false
		}
		if !yield(chunk, nil) {
			return false
		}
		beat.again()
	}
}

// beat tells when a stream has been silent for long.
type beat struct {
	c     <-chan time.Time // nil when there is none
	timer *time.Timer
	every time.Duration
}

func newBeat(every time.Duration) beat {
	if every <= 0 {
		return beat{}
	}
	t := time.NewTimer(every)
	return beat{t.C, t, every}
}

// again counts from now on.
func (b beat) again() {
	if b.timer != nil {
		b.timer.Reset(b.every)
	}
}

func (b beat) stop() {
	if b.timer != nil {
		b.timer.Stop()
	}
}
