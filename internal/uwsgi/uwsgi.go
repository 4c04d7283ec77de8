// Package uwsgi reads and writes the uwsgi protocol: four bytes of header, a
// block of variables, and the body as plain bytes. It does no input or output.
//
//	modifier1 u8 | size u16 little endian | modifier2 u8 | variables | body
//
// Each variable is a name and a value, both behind a u16 little endian length.
// The response is plain HTTP; the end of the connection ends it.
//
// Source: uwsgi-docs, "The uwsgi (lowercase!) Protocol"; nginx:
// ngx_http_uwsgi_module.
package uwsgi

import (
	"encoding/binary"

	"github.com/retort-go/retort/internal/cgivars"
)

// HeaderLen is the length of the header in bytes.
const HeaderLen = 4

// Values of Header.Modifier1 that a gateway answers. Of the others some are
// other languages' requests and some make a uwsgi server run code or open files.
const (
	WSGI      = 0   // a request
	WSGIMount = 30  // a request whose PATH_INFO still begins with SCRIPT_NAME
	Ping      = 100 // is anybody there?
)

// Header is the beginning of a request.
type Header struct {
	Modifier1 byte
	Size      uint16 // of the variables, in bytes
	Modifier2 byte
}

// ParseHeader reads the header from the beginning of b; ok is false if b is
// shorter.
func ParseHeader(b []byte) (h Header, ok bool) {
	if len(b) < HeaderLen {
		return Header{}, false
	}
	return Header{b[0], binary.LittleEndian.Uint16(b[1:]), b[3]}, true
}

// Append appends the header to b.
func (h Header) Append(b []byte) []byte {
	b = append(b, h.Modifier1)
	b = binary.LittleEndian.AppendUint16(b, h.Size)
	return append(b, h.Modifier2)
}

// Pong is the answer to a ping: all is well.
func Pong() []byte { return Header{Modifier1: Ping, Modifier2: 1}.Append(nil) }

// ParseVars reads a block of variables, whole. The error is a *cgivars.Refusal.
func ParseVars(block string) (*cgivars.Vars, error) {
	if len(block) > cgivars.MaxBytes {
		return nil, cgivars.TooLarge(len(block))
	}
	vars := new(cgivars.Vars)
	for rest := block; rest != ""; {
		var name, value string
		var ok bool
		if name, rest, ok = cutText(rest); ok {
			value, rest, ok = cutText(rest)
		}
		if !ok {
			return nil, cgivars.Malformed("the block of variables ends inside of one")
		}
		if err := vars.Add(name, value); err != nil {
			return nil, err
		}
	}
	return vars, nil
}

// cutText takes one text and its length off the beginning of s.
func cutText(s string) (text, rest string, ok bool) {
	if len(s) < 2 {
		return "", "", false
	}
	n := int(s[0]) | int(s[1])<<8
	s = s[2:]
	if n > len(s) {
		return "", "", false
	}
	return s[:n], s[n:], true
}

// AppendVar appends one variable to a block: what a client does. Name and value
// are at most 65535 bytes long.
func AppendVar(block []byte, name, value string) []byte {
	for _, text := range [...]string{name, value} {
		block = binary.LittleEndian.AppendUint16(block, uint16(len(text)))
		block = append(block, text...)
	}
	return block
}
