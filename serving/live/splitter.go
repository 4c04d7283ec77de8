//go:build retort_dev

package live

import (
	"bytes"
	"io"
)

// maxTail is how much may follow the last </body> of a page.
const maxTail = 1 << 10

// splitter passes a page on as it comes, in pieces of any size, but for the end
// that may have to come after something else: what follows the last </body>.
type splitter struct {
	held []byte // a </body> and what follows it, or what may be the beginning of one
}

// write passes on what can be.
func (s *splitter) write(dst io.Writer, p []byte) error {
	if len(s.held) > 0 {
		p = append(s.held, p...)
	}
	cut := holdFrom(p)
	if cut > 0 {
		if _, err := dst.Write(p[:cut]); err != nil {
			return err
		}
	}
	s.held = append(s.held[:0], p[cut:]...)
	return nil
}

// flush passes on what can be seen. A browser shows nothing of an unfinished
// tag, or of the end of a page.
func (s *splitter) flush(dst io.Writer) error {
	if len(s.held) <= len(endTag) || isEnd(s.held, true) {
		return nil
	}
	held := s.held
	s.held = nil
	_, err := dst.Write(held)
	return err
}

// finish ends the page: insert comes before the last </body>, if that is the one
// of the page and not a word in a script, and otherwise at the very end.
func (s *splitter) finish(dst io.Writer, insert string) error {
	end := make([]byte, 0, len(insert)+len(s.held))
	if isEnd(s.held, false) {
		end = append(append(end, insert...), s.held...)
	} else {
		end = append(append(end, s.held...), insert...)
	}
	s.held = nil
	_, err := dst.Write(end)
	return err
}

// endTag is the beginning of the tag that is looked for.
const endTag = "</body"

// isEnd reports whether p is the end of a page: the end of the body element, and
// then at most that of the html element, space and comments. The last of these
// may be unfinished if that is allowed.
func isEnd(p []byte, unfinished bool) bool {
	if !isEndTag(p) {
		return false
	}
	for {
		p = bytes.TrimLeft(p, space)
		switch {
		case len(p) == 0:
			return true
		case bytes.HasPrefix(p, []byte("<!--")):
			_, rest, ended := bytes.Cut(p[len("<!--"):], []byte("-->"))
			if !ended {
				return unfinished
			}
			p = rest
		default:
			tag, rest, ended := bytes.Cut(p, []byte(">"))
			if !ended {
				return unfinished && tag[0] == '<'
			}
			if tag = bytes.TrimRight(tag, space); !bytes.EqualFold(tag, []byte(endTag)) && !bytes.EqualFold(tag, []byte("</html")) {
				return false
			}
			p = rest
		}
	}
}

const space = " \t\n\f\r"

// holdFrom is where the part of p begins that is to be held back.
func holdFrom(p []byte) int {
	for end := len(p); ; {
		i := bytes.LastIndex(p[:end], []byte("</"))
		if i < 0 || len(p)-i > maxTail {
			break
		}
		if isEndTag(p[i:]) {
			return i
		}
		end = i + 1 // "<</"
	}
	return len(p) - beginning(p)
}

// isEndTag reports whether p begins with the tag.
func isEndTag(p []byte) bool {
	if len(p) <= len(endTag) || !bytes.EqualFold(p[:len(endTag)], []byte(endTag)) {
		return false
	}
	switch p[len(endTag)] {
	case '>', '/', ' ', '\t', '\n', '\f', '\r':
		return true
	}
	return false
}

// beginning is the length of the end of p that may be the beginning of the tag.
func beginning(p []byte) int {
	for n := min(len(p), len(endTag)); n > 0; n-- {
		if bytes.EqualFold(p[len(p)-n:], []byte(endTag[:n])) {
			return n
		}
	}
	return 0
}
