package retort

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
)

// body is the request body, read at most once.
type body struct {
	mu      sync.Mutex
	limits  bodyLimits // when limited is true; else those of the configuration hold
	limited bool
	read    bool
	data    []byte
	err     error
	stream  *bodyReader
}

// bodyLimits are MAX_CONTENT_LENGTH, MAX_FORM_MEMORY_SIZE and MAX_FORM_PARTS.
// What is not above zero is no limit.
type bodyLimits struct{ contentLength, formMemorySize, formParts int64 }

// Data is the whole body, read once and kept. The error is an [*HTTPError]: 413
// when the body is larger than MAX_CONTENT_LENGTH, 400 when it is cut off or
// badly framed. The slice must not be changed.
//
// A form that has been read by [Request.Form], [Request.Files] or
// [Request.Values] has used up the body: then Data is empty. Call Data first
// when both are needed, to check a signature for instance.
//
// Source: Werkzeug: wrappers/request.py, get_data.
func (r *Request) Data() ([]byte, error) {
	b := &r.c.more().body
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.read {
		return b.data, b.err
	}
	r.c.requireLive("Request.Data")
	b.read = true
	b.data, b.err = readBody(r.openStream(b), r.http.ContentLength)
	return b.data, b.err
}

// readBody reads r to its end, into room for size bytes if that is known and
// not large, and for the read that finds the end.
func readBody(r io.Reader, size int64) ([]byte, error) {
	if size < 0 || size > 1<<20 {
		size = bytes.MinRead
	}
	data := make([]byte, 0, size+1)
	for {
		n, err := r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if err == io.EOF {
			return data, nil
		}
		if err != nil {
			return data, err
		}
		if len(data) == cap(data) {
			data = slices.Grow(data, bytes.MinRead)
		}
	}
}

// Stream is the body as it arrives, limited to MAX_CONTENT_LENGTH; its errors
// are those of [Request.Data]. What is read here is in neither Data nor Form.
func (r *Request) Stream() io.Reader {
	b := &r.c.more().body
	b.mu.Lock()
	defer b.mu.Unlock()
	r.c.requireLive("Request.Stream")
	return r.openStream(b)
}

// MaxContentLength is how many bytes the body of this request may have, 0 for
// any number: MAX_CONTENT_LENGTH, unless [Request.SetMaxContentLength] was
// called.
func (r *Request) MaxContentLength() int64 { return max(r.limits().contentLength, 0) }

// SetMaxContentLength is MAX_CONTENT_LENGTH for this request alone: 0 allows
// any number of bytes. It panics when the body is already being read.
//
// Source: Flask: wrappers.py, Request.max_content_length.
func (r *Request) SetMaxContentLength(bytes int64) {
	r.setLimit("SetMaxContentLength", func(l *bodyLimits) { l.contentLength = bytes })
}

// MaxFormMemorySize is how many bytes the text fields of the form may have
// together, 0 for any number.
func (r *Request) MaxFormMemorySize() int64 { return max(r.limits().formMemorySize, 0) }

// SetMaxFormMemorySize is MAX_FORM_MEMORY_SIZE for this request alone: 0 allows
// any number of bytes. It panics when the body is already being read.
//
// Source: Flask: wrappers.py, Request.max_form_memory_size.
func (r *Request) SetMaxFormMemorySize(bytes int64) {
	r.setLimit("SetMaxFormMemorySize", func(l *bodyLimits) { l.formMemorySize = bytes })
}

// MaxFormParts is how many parts a multipart form may have, 0 for any number.
func (r *Request) MaxFormParts() int { return int(max(r.limits().formParts, 0)) }

// SetMaxFormParts is MAX_FORM_PARTS for this request alone: 0 allows any number
// of parts. It panics when the body is already being read.
//
// Source: Flask: wrappers.py, Request.max_form_parts.
func (r *Request) SetMaxFormParts(parts int) {
	r.setLimit("SetMaxFormParts", func(l *bodyLimits) { l.formParts = int64(parts) })
}

func (r *Request) limits() bodyLimits {
	b := &r.c.more().body
	b.mu.Lock()
	defer b.mu.Unlock()
	return *r.lockedLimits(b)
}

// lockedLimits is limits for who holds the lock of the body.
func (r *Request) lockedLimits(b *body) *bodyLimits {
	if !b.limited {
		b.limits, b.limited = r.c.App.settings().body, true
	}
	return &b.limits
}

func (r *Request) setLimit(name string, set func(*bodyLimits)) {
	b := &r.c.more().body
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.read || b.stream != nil {
		panic(fmt.Sprintf("retort: %s comes too late: the body of this request has been asked for; set the limit in a BeforeRequest function, or before the first call of Form, Files, Values, Data, JSON, Bind or Stream", name))
	}
	set(r.lockedLimits(b))
}

// checkLength is the error of a body that says of itself that it is too large.
func (r *Request) checkLength() error {
	if limit := r.limits().contentLength; limit > 0 && r.http.ContentLength > limit {
		return tooLarge(limit)
	}
	return nil
}

func (r *Request) openStream(b *body) *bodyReader {
	if b.stream == nil {
		b.stream = r.limitedBody(r.lockedLimits(b).contentLength)
	}
	return b.stream
}

func (r *Request) limitedBody(limit int64) *bodyReader {
	switch {
	case r.http.Body == nil || r.http.Body == http.NoBody:
		return &bodyReader{r: http.NoBody}
	case limit <= 0:
		return &bodyReader{r: r.http.Body}
	case r.http.ContentLength > limit:
		return &bodyReader{err: tooLarge(limit)}
	}
	return &bodyReader{r: http.MaxBytesReader(r.c.w, r.http.Body, limit), limit: limit}
}

// bodyReader gives errors that say what the client did wrong.
type bodyReader struct {
	r      io.Reader
	limit  int64
	err    error
	broken error // what came of the connection, if the body broke off
}

func (b *bodyReader) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.r.Read(p)
	if err == nil || err == io.EOF {
		return n, err
	}
	if large := new(*http.MaxBytesError); errors.As(err, large) {
		b.err = tooLarge(b.limit)
	} else {
		b.broken = err
		b.err = &HTTPError{Code: http.StatusBadRequest, Description: "The body of the request broke off or was not framed as HTTP asks.", original: err}
	}
	return n, b.err
}

func tooLarge(limit int64) error {
	return &HTTPError{
		Code:        http.StatusRequestEntityTooLarge,
		Description: fmt.Sprintf("The body of the request is larger than the %d bytes that MAX_CONTENT_LENGTH allows.", limit),
	}
}
