package tests

import (
	"bufio"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// chunkSize is what a spring gives at a time.
const chunkSize = 64 << 10

// spring is an endless body that counts what it was asked for.
type spring struct {
	chunks atomic.Int64
	ended  chan struct{}
}

func newSpring() *spring { return &spring{ended: make(chan struct{})} }

func (s *spring) seq(yield func([]byte) bool) {
	defer close(s.ended)
	for chunk := make([]byte, chunkSize); yield(chunk); {
		s.chunks.Add(1)
	}
}

func (s *spring) seq2(yield func([]byte, error) bool) {
	s.seq(func(p []byte) bool { return yield(p, nil) })
}

// Read gives what is asked for, a chunk at most; Close is the end.
func (s *spring) Read(p []byte) (int, error) {
	s.chunks.Add(1)
	return min(len(p), chunkSize), nil
}

func (s *spring) Close() error { close(s.ended); return nil }

// stalled waits until nothing is asked for any more, and gives how many chunks
// were.
func (s *spring) stalled() int64 {
	last := int64(-1)
	for n := s.chunks.Load(); n != last || n == 0; n = s.chunks.Load() {
		last = n
		time.Sleep(100 * time.Millisecond)
	}
	return last
}

// A client that does not read stops the body, which is not made in advance; one
// that leaves then ends it.
func TestAClientThatDoesNotReadStopsTheBody(t *testing.T) {
	for name, body := range map[string]func(*spring) any{
		"iter.Seq":  func(s *spring) any { return iter.Seq[[]byte](s.seq) },
		"iter.Seq2": func(s *spring) any { return iter.Seq2[[]byte, error](s.seq2) },
		"io.Reader": func(s *spring) any { return io.ReadCloser(s) },
		"events": func(s *spring) any {
			return func(stream *retort.EventStream) error {
				defer close(s.ended)
				for text := string(make([]byte, chunkSize)); ; s.chunks.Add(1) {
					if err := stream.Send(retort.Event{Data: text}); err != nil {
						return err
					}
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSpring()
			app := retort.New("endless")
			app.Logger = slog.New(slog.DiscardHandler)
			app.Get("/")(func(c *retort.Context) any {
				answer := body(s)
				if f, ok := answer.(func(*retort.EventStream) error); ok {
					return c.SSE(f)
				}
				return answer
			})
			server := httptest.NewServer(app)
			defer server.Close()
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			require.NoError(t, err)
			defer conn.Close()
			_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
			require.NoError(t, err)

			first := s.stalled()
			assert.Less(t, first, int64(64<<20/chunkSize), "what the sockets hold, not more")
			_, err = io.CopyN(io.Discard, bufio.NewReader(conn), first*chunkSize)
			require.NoError(t, err)
			assert.Eventually(t, func() bool { return s.chunks.Load() > first }, waitTime, 10*time.Millisecond, "it goes on when the client does")

			require.NoError(t, conn.Close())
			select {
			case <-s.ended:
			case <-time.After(waitTime):
				t.Fatal("the client has left, and the body does not end")
			}
		})
	}
}
