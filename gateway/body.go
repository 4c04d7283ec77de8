package gateway

import (
	"errors"
	"io"
	"iter"
	"os"
)

// Body is what an app returns: the chunks of the response body.
//
// PEP 3333, "The Application/Framework Side": the iterable and its close().
type Body interface {
	// Chunks gives the chunks in order; it may be ranged over once. A chunk is
	// valid until the next step and must not be kept. The server hands a chunk
	// to the client before it asks for the next one. An empty chunk sends
	// nothing, not even the headers. An error ends the body and cuts the
	// connection once bytes were sent.
	Chunks() iter.Seq2[[]byte, error]

	// Close ends the body. The server calls it exactly once in every outcome,
	// also if Chunks was never ranged over; its error is logged and changes
	// nothing about the response.
	Close() error
}

// Sized is a [Body] that knows how many chunks it has. A server may rely on it:
// the length of a single chunk becomes the Content-Length.
type Sized interface {
	Len() int
}

// FileBody is a [Body] over a file, which a server may hand to the kernel
// (sendfile) instead of ranging over its chunks: n bytes of f from offset off.
// n is -1 if the size is not known; such a body is read chunk by chunk.
//
// PEP 3333, "Optional Platform-Specific File Handling" (wsgi.file_wrapper).
type FileBody interface {
	Body
	File() (f *os.File, off, n int64)
}

// blockSize is how much Reader and File read at a time when nothing else is
// said: what io.Copy takes.
const blockSize = 32 << 10

// memory is a body whose chunks all exist: asking for the next one never
// blocks, so the server may leave out the flushes in between and may add up the
// length.
type memory [][]byte

func (m memory) Len() int     { return len(m) }
func (m memory) Close() error { return nil }

func (m memory) Chunks() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, p := range m {
			if !yield(p, nil) {
				return
			}
		}
	}
}

// Bytes is a [Sized] body of the chunks given, which are not copied.
func Bytes(chunks ...[]byte) Body { return memory(chunks) }

// String is a [Sized] body of one chunk, the bytes of s.
func String(s string) Body { return memory{[]byte(s)} }

// Empty is a [Sized] body without chunks.
func Empty() Body { return memory(nil) }

// sequence is a body over an iterator.
type sequence struct {
	chunks iter.Seq2[[]byte, error]
	close  []func() error
}

func (s *sequence) Chunks() iter.Seq2[[]byte, error] { return s.chunks }
func (s *sequence) Close() error                     { return callAll(s.close) }

// Seq is a body of the chunks of s. The funcs in closers run in order at Close;
// nil ones are left out. Defers inside s run when the server stops early, but
// not if it never began: what must always happen belongs into closers.
func Seq(s iter.Seq[[]byte], closers ...func() error) Body {
	return Seq2(func(yield func([]byte, error) bool) {
		s(func(p []byte) bool { return yield(p, nil) })
	}, closers...)
}

// Seq2 is [Seq] for an iterator that can fail: a chunk that comes with an error
// is dropped and the error ends the body.
func Seq2(s iter.Seq2[[]byte, error], closers ...func() error) Body {
	return &sequence{s, closers}
}

// Reader is a body that reads r in blocks of up to block bytes (32 KiB if block
// is not positive) and closes r, if it is an io.Closer, at Close. What r gives
// in one Read is one chunk, so a slow source is passed on without delay.
//
// Werkzeug: wsgi.py, FileWrapper.
func Reader(r io.Reader, block int) Body {
	if block <= 0 {
		block = blockSize
	}
	body := &sequence{chunks: readChunks(r, block)}
	if c, ok := r.(io.Closer); ok {
		body.close = append(body.close, c.Close)
	}
	return body
}

func readChunks(r io.Reader, block int) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		buf := make([]byte, block)
		for {
			n, err := r.Read(buf)
			if n > 0 && !yield(buf[:n], nil) {
				return
			}
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// fileBody remembers what of the file is to be sent as it was when the app
// returned it.
type fileBody struct {
	Body
	f      *os.File
	off, n int64
}

func (b *fileBody) File() (*os.File, int64, int64) { return b.f, b.off, b.n }

// File is a [FileBody] of what follows the file's current offset; Close closes
// f. For a pipe, a device or anything else without a size it is [Reader].
func File(f *os.File) Body {
	r := Reader(f, 0)
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return r
	}
	off, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return r
	}
	return &fileBody{r, f, off, max(0, info.Size()-off)}
}

// closing is a body with more to do at Close.
type closing struct {
	Body
	fns []func() error
}

func (c *closing) Close() (err error) {
	defer func() { err = errors.Join(err, callAll(c.fns)) }() // also if the body panics
	return c.Body.Close()
}

// closingSized and closingFile keep the abilities of the body they wrap.
type closingSized struct {
	closing
	Sized
}

type closingFile struct {
	closing
	file FileBody
}

func (c *closingFile) File() (*os.File, int64, int64) { return c.file.File() }

// OnClose gives b with fns called in order after its own Close; every one runs,
// their errors are joined. A body that is [Sized] or a [FileBody] stays one.
//
// Werkzeug: wsgi.py, ClosingIterator.
func OnClose(b Body, fns ...func() error) Body {
	c := closing{b, fns}
	switch b := b.(type) {
	case FileBody:
		return &closingFile{c, b}
	case interface {
		Body
		Sized
	}:
		return &closingSized{c, b}
	}
	return &c
}

// callAll runs every func, also after one has failed.
func callAll(fns []func() error) error {
	var errs []error
	for _, fn := range fns {
		if fn != nil {
			errs = append(errs, fn())
		}
	}
	return errors.Join(errs...)
}

// memoryOf gives the chunks of b if all of them are in memory already.
func memoryOf(b Body) (memory, bool) {
	switch b := b.(type) {
	case memory:
		return b, true
	case *closingSized:
		return memoryOf(b.Body)
	}
	return nil, false
}
