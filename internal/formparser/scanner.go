package formparser

import (
	"bytes"
	"io"
)

// A body in multipart/form-data is
//
//	[preamble] --BOUNDARY <break> part … <break> --BOUNDARY--[epilogue]
//
// where a part is header lines, an empty line and data. The standard asks for
// CRLF as the line break; LF and CR alone are taken too, each time anew. Blanks
// (spaces and tabs) may stand between a boundary and its line break.
//
// Differs from Flask: an empty line may also follow a line that ended in another
// way, and a part without any header is malformed, because Werkzeug looks for
// two equal line breaks on and on and takes data for header lines until then.
//
// Source: RFC 7578, RFC 2046 §5.1.1; Werkzeug: sansio/multipart.py.

// maxPadding is how many blanks may follow a boundary. What has more is data.
const maxPadding = 4 << 10

// maxBoundary is how long a boundary may be. RFC 2046 says 70, which not every
// client knows; but the window has to have room for it.
const maxBoundary = 256

// windowSize is how much of the body is looked at in one go. A delimiter with
// its padding, and a header, fit with much room: see [scanner.search].
const windowSize = 32 << 10

// smallWindow is where a window begins: most forms end within it.
const smallWindow = 4 << 10

// scanner cuts a body into runs of data and delimiters. It holds one window of
// the body and reads a full one each time, however small the pieces in which
// the body arrives; what it has decided about a byte it does not decide again.
// So the work is linear in the size of the body, whatever is in it
// (CVE-2023-46136).
type scanner struct {
	src  io.Reader
	dash []byte // two dashes and the boundary
	buf  []byte
	r, w int // buf[r:w] is the window: read and not yet given away
	eof  bool

	// loose is true in the preamble: the first delimiter may begin within a
	// line. The closing one may not, so that a body of nothing but an odd
	// preamble is not taken for an empty form.
	loose bool
	// fresh is true while nothing of the preamble or of a part's data was given
	// away: a line begins there. For a part, the line break of the empty line
	// before the data counts as the delimiter's as well.
	fresh bool
}

func newScanner(src io.Reader, boundary string) *scanner {
	return &scanner{
		src:   src,
		dash:  []byte("--" + boundary),
		buf:   make([]byte, smallWindow),
		loose: true,
		fresh: true,
	}
}

// ending is what follows a run of data.
type ending uint8

const (
	noEnding   ending = iota // more data
	partEnding               // a delimiter: another part
	lastEnding               // the closing delimiter
	undecided                // the window ends too early to tell
)

func (s *scanner) window() []byte { return s.buf[s.r:s.w] }

// fill moves the window to the front and reads until it has windowSize bytes or
// the body ends.
func (s *scanner) fill() error {
	s.w = copy(s.buf, s.window())
	s.r = 0
	for idle := 0; s.w < windowSize && !s.eof; {
		if s.w == len(s.buf) {
			s.buf = append(make([]byte, 0, windowSize), s.buf...)[:windowSize]
		}
		n, err := s.src.Read(s.buf[s.w:])
		s.w += n
		if idle++; n > 0 {
			idle = 0
		}
		switch {
		case err == io.EOF:
			s.eof = true
		case err != nil:
			return &ReadError{Err: err}
		case idle == 100:
			return &ReadError{Err: io.ErrNoProgress}
		}
	}
	return nil
}

// next gives data up to the next delimiter, or as much of them as the window
// has, and what follows. The slice is good until the next call. It gives
// io.EOF when the body ends without a delimiter.
func (s *scanner) next() ([]byte, ending, error) {
	for {
		size, taken, end := s.search()
		if size > 0 || end != noEnding {
			data := s.window()[:size]
			s.r += taken
			s.fresh, s.loose = false, s.loose && end == noEnding
			return data, end, nil
		}
		if s.eof {
			return nil, noEnding, io.EOF
		}
		if err := s.fill(); err != nil {
			return nil, noEnding, err
		}
	}
}

// search looks for a delimiter in the window: size bytes are data, and taken
// bytes are done with, the delimiter included. When there is none yet, what
// could be the beginning of one is left for the next window.
func (s *scanner) search() (size, taken int, end ending) {
	win := s.window()
	for from := 0; ; {
		i := bytes.Index(win[from:], s.dash)
		if i < 0 {
			break
		}
		i += from
		from = i + 1
		brk, atLine := s.lineBreakBefore(win, i)
		if !atLine && !s.loose {
			continue
		}
		n, end := s.delimiter(win[i+len(s.dash):])
		switch {
		case end == undecided:
			return i - brk, i - brk, noEnding
		case end == partEnding, end == lastEnding && atLine:
			return i - brk, i + len(s.dash) + n, end
		}
	}
	// A delimiter that the window cuts off has at most all but one byte of
	// dash in it, and a CRLF before.
	size = max(len(win)-len(s.dash)-1, 0)
	return size, size, noEnding
}

// lineBreakBefore gives the length of the line break that ends at win[i], and
// whether a line begins there.
func (s *scanner) lineBreakBefore(win []byte, i int) (int, bool) {
	switch {
	case i >= 2 && win[i-2] == '\r' && win[i-1] == '\n':
		return 2, true
	case i >= 1 && (win[i-1] == '\r' || win[i-1] == '\n'):
		return 1, true
	}
	return 0, s.fresh && i == 0
}

// delimiter says what dash is when tail follows it, and how much of tail
// belongs to it. It is undecided only if the body goes on and tail has no more
// than maxPadding bytes, which a full window always has.
func (s *scanner) delimiter(tail []byte) (int, ending) {
	if bytes.HasPrefix(tail, []byte("--")) {
		return 2, lastEnding
	}
	pad := 0
	for pad < len(tail) && pad <= maxPadding && (tail[pad] == ' ' || tail[pad] == '\t') {
		pad++
	}
	brk, ok := lineBreak(tail[pad:], s.eof)
	switch {
	case pad > maxPadding:
		return 0, noEnding
	case !ok && !s.eof, len(tail) == 1 && tail[0] == '-' && !s.eof:
		return 0, undecided
	case brk > 0:
		return pad + brk, partEnding
	}
	return 0, noEnding
}

// lineBreak gives the length of the line break that b begins with, 0 when it
// begins with none. It is not ok when more of the body is needed to tell.
func lineBreak(b []byte, eof bool) (n int, ok bool) {
	switch {
	case len(b) == 0:
		return 0, eof
	case b[0] == '\n':
		return 1, true
	case b[0] != '\r':
		return 0, true
	case len(b) == 1:
		return 1, eof
	case b[1] == '\n':
		return 2, true
	}
	return 1, true
}
