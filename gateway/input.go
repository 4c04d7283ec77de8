package gateway

import (
	"bufio"
	"io"
	"iter"
	"net/http"
)

// Input is wsgi.input: the body of the request. It always ends: at
// Content-Length, or where a chunked body does, even if the connection stays
// open. It has no Close, because it belongs to the server. A nil *Input is at
// its end. Not safe for concurrent use.
//
// Every error but io.EOF is an *[InputError]: the app may hand it on as it is,
// and the server answers the client for whose fault it stands.
//
// PEP 3333, "Input and Error Streams".
type Input struct {
	r    io.Reader
	left int64         // bytes to come; below zero if the end is in the data
	buf  *bufio.Reader // over r, from the first ReadLine on

	unlimited func() // called for a line without a limit; nil but under Lint
}

// NewInput gives an input of n bytes from r, or of all of r if n is negative. If
// r ends before, reading reports io.ErrUnexpectedEOF.
func NewInput(r io.Reader, n int64) *Input { return &Input{r: r, left: n} }

// lineSize is the buffer behind ReadLine. Its size limits no line.
const lineSize = 4 << 10

// Remaining gives how many bytes are still to come, or -1 if that is not known.
func (in *Input) Remaining() int64 {
	if in == nil || in.r == nil || in.r == http.NoBody {
		return 0
	}
	return max(in.left, -1)
}

// Read reads up to len(p) bytes and gives io.EOF at the end.
func (in *Input) Read(p []byte) (int, error) {
	left := in.Remaining()
	if left == 0 {
		return 0, io.EOF
	}
	if left > 0 && int64(len(p)) > left {
		p = p[:left]
	}
	n, err := in.source().Read(p)
	return n, in.took(n, err)
}

// ReadLine reads up to and including the next newline, or max bytes if that is
// less and positive, or what there is before the end. The slice is the
// caller's. io.EOF comes only without bytes.
//
// PEP 3333: readline(size).
func (in *Input) ReadLine(max int) ([]byte, error) {
	if in.Remaining() == 0 {
		return nil, io.EOF
	}
	if max <= 0 && in.unlimited != nil {
		in.unlimited()
	}
	in.buffer()
	var line []byte
	for max <= 0 || len(line) < max {
		c, err := in.readByte()
		if err == io.EOF && len(line) > 0 {
			return line, nil
		}
		if err != nil {
			return line, err
		}
		line = append(line, c)
		if c == '\n' {
			break
		}
	}
	return line, nil
}

// buffer begins to read ahead, but never past the end: what follows there on
// the connection is not ours.
func (in *Input) buffer() {
	if in.buf != nil {
		return
	}
	r := in.r
	if in.left > 0 {
		r = io.LimitReader(r, in.left)
	}
	in.buf = bufio.NewReaderSize(r, lineSize)
}

func (in *Input) readByte() (byte, error) {
	if in.left == 0 {
		return 0, io.EOF
	}
	c, err := in.buf.ReadByte()
	if err != nil {
		return 0, in.took(0, err)
	}
	return c, in.took(1, nil)
}

// Lines gives the lines that are left, each with its newline. An error comes
// with what was read of its line and is the last step.
func (in *Input) Lines() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for {
			line, err := in.ReadLine(0)
			if err == io.EOF {
				return
			}
			if !yield(line, err) || err != nil {
				return
			}
		}
	}
}

func (in *Input) source() io.Reader {
	if in.buf != nil {
		return in.buf
	}
	return in.r
}

// took counts n bytes and says what the error of the source means here.
func (in *Input) took(n int, err error) error {
	if in.left > 0 {
		in.left -= int64(n)
	}
	if err == nil {
		return nil
	}
	switch {
	case err != io.EOF:
		return &InputError{err}
	case in.left > 0:
		return &InputError{io.ErrUnexpectedEOF}
	}
	in.left = 0
	return io.EOF
}

// inputBody is an Input as the body of a net/http request: with a Close, and
// with the errors of the connection as net/http code expects them.
type inputBody struct {
	in     *Input
	closed bool
}

func (b *inputBody) Read(p []byte) (int, error) {
	if b.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	n, err := b.in.Read(p)
	if failed, ok := err.(*InputError); ok {
		err = failed.Err
	}
	return n, err
}

// Close ends this view only: the server reads or drops the rest.
func (b *inputBody) Close() error {
	b.closed = true
	return nil
}
