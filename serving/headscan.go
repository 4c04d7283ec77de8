package serving

// headScan looks at the bytes of a connection's first header block for a
// Transfer-Encoding field in an HTTP/1.0 request. net/http ignores and deletes
// the field there, so nothing later can see it; a proxy that honours it would
// disagree about where the request ends.
//
// The block may come in pieces of any size. An HTTP/1.1 request costs a look at
// its first line.
type headScan struct {
	transferEncoding bool

	done     bool
	inHeader bool     // beyond the request line
	n        int      // bytes of the current line, its '\n' not counted
	first    [18]byte // the current line's first bytes, lower case
	last     [9]byte  // the current line's last bytes, oldest first
}

const (
	transferEncodingPrefix = "transfer-encoding:"
	versionOneZero         = "http/1.0"
)

// feed takes the next bytes that were read.
func (s *headScan) feed(p []byte) {
	for i := 0; i < len(p) && !s.done; i++ {
		if p[i] == '\n' {
			s.endLine()
			continue
		}
		s.add(lower(p[i]))
	}
}

func (s *headScan) add(c byte) {
	if s.n < len(s.first) {
		s.first[s.n] = c
	}
	if !s.inHeader {
		copy(s.last[:], s.last[1:])
		s.last[len(s.last)-1] = c
	}
	s.n++
}

func (s *headScan) endLine() {
	switch {
	case !s.inHeader:
		s.inHeader = true
		s.done = !s.isOneZero()
	case s.isBlank():
		s.done = true
	case string(s.first[:]) == transferEncodingPrefix && s.n >= len(s.first):
		s.transferEncoding, s.done = true, true
	}
	s.n = 0
}

// isOneZero reports whether the request line ends in HTTP/1.0, with or without
// a carriage return.
func (s *headScan) isOneZero() bool {
	return string(s.last[:8]) == versionOneZero && s.last[8] == '\r' || string(s.last[1:]) == versionOneZero
}

func (s *headScan) isBlank() bool {
	return s.n == 0 || s.n == 1 && s.first[0] == '\r'
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
