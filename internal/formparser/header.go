package formparser

import (
	"bytes"
	"io"
	"net/textproto"

	"github.com/retort-go/retort/internal/httpfield"
)

// header reads the header of the part that begins at the window. The data
// follow. It gives io.EOF when the body ends in the header, a *LimitError
// without its part when the header is too large.
func (s *scanner) header() (textproto.MIMEHeader, error) {
	// One fill gives more than a header may have, so the rest needs no reading.
	if s.w-s.r <= maxPartHeaderSize+1 && !s.eof {
		if err := s.fill(); err != nil {
			return nil, err
		}
	}
	header, size, err := parseHeader(s.window())
	if err != nil {
		return nil, err
	}
	s.r += size
	s.fresh = true
	return header, nil
}

// parseHeader reads header lines up to an empty one. A line that begins with a
// blank continues the one before. A line without a colon is a name without a
// value; one whose name is no token is left out. Line breaks are CRLF, LF or
// CR. It gives the size with the empty line.
//
// Differs from Flask: bytes that are no UTF-8 become U+FFFD and do not make the
// form malformed, because a file is worth more than the letters of its name.
//
// Source: Werkzeug: sansio/multipart.py, _parse_headers.
func parseHeader(b []byte) (header textproto.MIMEHeader, size int, err error) {
	header = make(textproto.MIMEHeader)
	var field []byte
	for lines := 0; ; lines++ {
		line, n, err := headerLine(b, size)
		if err != nil {
			return nil, 0, err
		}
		size += n
		if len(line) > 0 && lines == maxPartHeaderLines {
			return nil, 0, &LimitError{Limit: PartHeaderLines, Max: maxPartHeaderLines}
		}
		if len(field) > 0 && len(line) > 0 && isBlank(line[0]) {
			field = append(append(field, ' '), bytes.Trim(line, " \t")...)
			continue
		}
		addField(header, field)
		if len(line) == 0 {
			return header, size, nil
		}
		field = append(field[:0], line...)
	}
}

// headerLine gives the line at b[at:] and its size with the line break.
func headerLine(b []byte, at int) (line []byte, size int, err error) {
	rest := b[at:min(len(b), maxPartHeaderSize)]
	end := bytes.IndexAny(rest, "\r\n")
	if end < 0 {
		return nil, 0, headerCutOff(b)
	}
	brk, _ := lineBreak(b[at+end:], true)
	if at+end+brk > maxPartHeaderSize {
		return nil, 0, headerCutOff(b)
	}
	return rest[:end], end + brk, nil
}

func addField(header textproto.MIMEHeader, field []byte) {
	name, value, _ := bytes.Cut(field, []byte(":"))
	name = bytes.Trim(name, " \t")
	if httpfield.ValidName(string(name)) {
		header.Add(string(name), httpfield.DecodeText(bytes.Trim(value, " \t"), "utf-8"))
	}
}

// headerCutOff says why b has no whole header.
func headerCutOff(b []byte) error {
	if len(b) < maxPartHeaderSize {
		return io.EOF
	}
	return &LimitError{Limit: PartHeaderSize, Max: maxPartHeaderSize}
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
