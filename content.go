package retort

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"os"

	"github.com/retort-go/retort/gateway"
)

// content is the body of a response in one of a few forms.
type content struct {
	kind   contentKind
	text   string
	data   []byte
	chunks iter.Seq2[[]byte, error]
	reader io.Reader
	closer io.Closer // the reader's, if it can be closed
	value  any       // what is to become JSON
}

type contentKind uint8

const (
	noBody contentKind = iota
	textBody
	bytesBody
	chunksBody
	readerBody
	jsonBody
	handlerBody // value is an http.Handler, which writes the response itself
	gatewayBody // value is a gateway.App, which is still to be called
)

func textContent(s string) content     { return content{kind: textBody, text: s} }
func bytesContent(data []byte) content { return content{kind: bytesBody, data: data} }
func chunksContent(s iter.Seq2[[]byte, error]) content {
	return content{kind: chunksBody, chunks: s}
}
func readerContent(r io.Reader) content {
	closer, _ := r.(io.Closer)
	return content{kind: readerBody, reader: r, closer: closer}
}
func jsonContent(v any) content             { return content{kind: jsonBody, value: v} }
func handlerContent(h http.Handler) content { return content{kind: handlerBody, value: h} }
func (b *content) handler() (http.Handler, bool) {
	h, ok := b.value.(http.Handler)
	return h, ok && b.kind == handlerBody
}

// ownHandler is the handler that writes the whole response, when there is one.
func (b *content) ownHandler() http.Handler {
	switch b.kind {
	case handlerBody:
		return b.value.(http.Handler)
	case gatewayBody:
		return gateway.ToHandler(b.value.(gateway.App))
	}
	return nil
}

// length is the number of bytes, if it is known before they are sent.
func (b *content) length() (int64, bool) {
	switch b.kind {
	case noBody:
		return 0, true
	case textBody:
		return int64(len(b.text)), true
	case bytesBody:
		return int64(len(b.data)), true
	case readerBody:
		return readerLength(b.reader)
	}
	return 0, false
}

// statSeeker is a file: an *os.File, one that is embedded.
type statSeeker interface {
	Stat() (fs.FileInfo, error)
	io.Seeker
}

// readerLength is what is left in a regular file or a reader over memory.
func readerLength(r io.Reader) (int64, bool) {
	switch r := r.(type) {
	case statSeeker:
		info, err := r.Stat()
		if err != nil || !info.Mode().IsRegular() {
			return 0, false
		}
		at, err := r.Seek(0, io.SeekCurrent)
		return info.Size() - at, err == nil
	case *io.LimitedReader:
		n, ok := readerLength(r.R)
		return min(n, r.N), ok
	case *watchedReader:
		return readerLength(r.Reader)
	case interface{ Len() int }:
		return int64(r.Len()), true
	}
	return 0, false
}

func (b *content) streamed() bool { return b.kind == chunksBody || b.kind == readerBody }

// buffer reads the body into memory and keeps it.
func (b *content) buffer() ([]byte, error) {
	switch b.kind {
	case textBody:
		return []byte(b.text), nil
	case bytesBody:
		return b.data, nil
	case noBody:
		return nil, nil
	case handlerBody, gatewayBody, jsonBody:
		return nil, errors.New("retort: this body is written by a handler and cannot be read")
	}
	var buf bytes.Buffer
	err := b.each(func(p []byte) error { _, err := buf.Write(p); return err })
	if closing := b.close(); err == nil {
		err = closing
	}
	*b = bytesContent(buf.Bytes())
	return b.data, err
}

// each calls f for every chunk of a streamed body until it fails.
func (b *content) each(f func([]byte) error) error {
	if b.kind == chunksBody {
		for p, err := range b.chunks {
			if err != nil {
				return err
			}
			if err := f(p); err != nil {
				return err
			}
		}
		return nil
	}
	buf := make([]byte, 32<<10)
	for {
		n, err := b.reader.Read(buf)
		if n > 0 {
			if err := f(buf[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// close releases the reader, once.
func (b *content) close() error {
	if b.kind != readerBody || b.closer == nil {
		return nil
	}
	closer := b.closer
	b.kind, b.reader, b.closer = noBody, nil, nil
	return closer.Close()
}

// onError has f called with the error or panic that ends a streamed body, and
// whether something of the body was given before. What f gives, if it is not nil,
// takes the place of the error.
func (b *content) onError(f func(err error, begun bool) error) {
	if _, file := b.reader.(*os.File); b.kind == readerBody && !file {
		b.reader = &watchedReader{Reader: b.reader, tell: f}
	}
	if b.kind != chunksBody {
		return
	}
	inner := b.chunks
	b.chunks = func(yield func([]byte, error) bool) {
		begun := false
		defer func() {
			if v := recover(); v != nil {
				panic(orPanic(f(thrownError(v), begun), v))
			}
		}()
		for p, err := range inner {
			if err != nil {
				err = cmp.Or(f(err, begun), err)
			}
			begun = begun || len(p) > 0
			if !yield(p, err) {
				return
			}
		}
	}
}

// watchedReader tells of the error that ends it.
type watchedReader struct {
	io.Reader
	tell  func(err error, begun bool) error
	begun bool
}

func (r *watchedReader) Read(p []byte) (int, error) {
	defer func() {
		if v := recover(); v != nil {
			panic(orPanic(r.tell(thrownError(v), r.begun), v))
		}
	}()
	n, err := r.Reader.Read(p)
	r.begun = r.begun || n > 0
	if err != nil && err != io.EOF {
		err = cmp.Or(r.tell(err, r.begun), err)
	}
	return n, err
}

// orPanic is an error to panic with, or v when there is none.
func orPanic(err error, v any) any {
	if err != nil {
		return err
	}
	return v
}

// errClientGone ends a stream whose client has left. It is not logged as an
// error.
var errClientGone = errors.New("the client is gone")

// writeTo writes the body to w. start sends the header and is called before
// the first byte, or at the end of an empty body.
func (b *content) writeTo(w http.ResponseWriter, r *http.Request, start func()) error {
	switch b.kind {
	case noBody:
		start()
		return nil
	case textBody:
		start()
		_, _ = io.WriteString(w, b.text) // fails when the client is gone: nobody to tell
		return nil
	case bytesBody:
		start()
		_, _ = w.Write(b.data)
		return nil
	case readerBody:
		if s, ok := b.reader.(*sizedReader); ok {
			start()
			return goneOr(r.Context(), s.copyTo(w))
		}
		if _, inMemory := readerLength(b.reader); inMemory {
			start()
			_, err := io.Copy(w, b.reader) // sendfile(2) where w offers it
			return goneOr(r.Context(), err)
		}
	}
	return b.stream(w, r, start)
}

// stream writes and flushes one chunk after the other.
func (b *content) stream(w http.ResponseWriter, r *http.Request, start func()) error {
	started := false
	flush := http.NewResponseController(w)
	err := b.each(func(p []byte) error {
		if r.Context().Err() != nil {
			return errClientGone
		}
		if len(p) == 0 {
			return nil
		}
		if !started {
			started = true
			start()
		}
		if _, err := w.Write(p); err != nil {
			return errClientGone
		}
		if err := flush.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return errClientGone
		}
		return nil
	})
	if err == nil && !started {
		start()
	}
	return err
}

// goneOr is errClientGone when err comes from a client that has left.
func goneOr(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return errClientGone
	}
	return err
}

// gatewayBody is the body as a gateway iterates it. A reader is the gateway's
// from then on, which closes it.
func (b *content) gatewayBody() gateway.Body {
	switch b.kind {
	case textBody:
		return gateway.String(b.text)
	case bytesBody:
		return gateway.Bytes(b.data)
	case chunksBody:
		return gateway.Seq2(b.chunks)
	case readerBody:
		r, closer := b.reader, b.closer
		b.kind, b.reader, b.closer = noBody, nil, nil
		if f, ok := r.(*os.File); ok {
			return gateway.File(f)
		}
		body := gateway.Reader(struct{ io.Reader }{r}, 0)
		if closer != nil {
			body = gateway.OnClose(body, closer.Close)
		}
		return body
	}
	return gateway.Empty()
}
