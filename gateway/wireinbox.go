package gateway

import (
	"io"
	"os"
	"sync"
	"time"
)

// inboxSize is how many bytes of a body wait for the app before nobody reads
// the connection any more. A smaller body hides no abort behind it.
const inboxSize = 64 << 10

// inbox is the body of a request on its way from the goroutine that reads the
// connection to the app.
type inbox struct {
	mu      sync.Mutex
	changed sync.Cond
	buf     []byte
	end     error       // why there will be no more; nil as long as there may
	left    bool        // nobody reads any more
	timer   *time.Timer // the app's deadline; nil if there is none
}

func newInbox() *inbox {
	b := new(inbox)
	b.changed.L = &b.mu
	return b
}

// Read is the app's side.
func (b *inbox) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.buf) == 0 && b.end == nil {
		b.changed.Wait()
	}
	if len(b.buf) == 0 {
		return 0, b.end
	}
	n := copy(p, b.buf)
	if b.buf = b.buf[n:]; len(b.buf) == 0 {
		b.buf = nil
	}
	b.changed.Broadcast()
	return n, nil
}

// put adds a copy of p and waits as long as there is too much.
func (b *inbox) put(p []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.end == nil && !b.left {
		b.buf = append(b.buf, p...)
		b.changed.Broadcast()
	}
	for len(b.buf) > inboxSize && b.end == nil && !b.left {
		b.changed.Wait()
	}
}

// endBy ends the body at a time, never if that is zero.
func (b *inbox) endBy(t time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stopTimer()
	if !t.IsZero() && !b.left {
		b.timer = time.AfterFunc(time.Until(t), func() { b.finish(os.ErrDeadlineExceeded) })
	}
}

func (b *inbox) stopTimer() {
	if b.timer != nil {
		b.timer.Stop()
	}
}

// finish says that no more comes: io.EOF for the end of the body. With any other
// error what has come already does not count. The first one stays.
func (b *inbox) finish(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.end == nil {
		b.end = err
		if err != io.EOF {
			b.buf = nil
		}
	}
	b.changed.Broadcast()
}

// leave says that nobody reads any more: what comes is dropped.
func (b *inbox) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left, b.buf = true, nil
	b.stopTimer()
	b.changed.Broadcast()
}
