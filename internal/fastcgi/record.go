// Package fastcgi reads and writes FastCGI: the records of a connection, the
// name-value pairs in them, and the order in which they may come. It does no
// input or output.
//
// Source: "FastCGI Specification" 1.0; nginx: ngx_http_fastcgi_module.
package fastcgi

import (
	"encoding/binary"

	"github.com/retort-go/retort/internal/cgivars"
)

// Type says what a record is.
type Type uint8

// The types of records.
const (
	BeginRequest    Type = 1
	AbortRequest    Type = 2
	EndRequest      Type = 3
	Params          Type = 4
	Stdin           Type = 5
	Stdout          Type = 6
	Stderr          Type = 7
	Data            Type = 8
	GetValues       Type = 9
	GetValuesResult Type = 10
	UnknownType     Type = 11
)

const (
	HeaderLen  = 8         // bytes of a record's header
	MaxContent = 1<<16 - 1 // bytes of a record's content

	version    = 1
	beginLen   = 8
	maxUnknown = 8
)

// Header is the beginning of a record.
type Header struct {
	Type    Type
	ID      uint16 // of the request; 0 for the connection itself
	Length  uint16 // bytes of content that follow
	Padding uint8  // bytes to skip after these
}

// ParseHeader reads a header. The error is a *cgivars.Refusal.
func ParseHeader(b *[HeaderLen]byte) (Header, error) {
	if b[0] != version {
		return Header{}, cgivars.Malformed("a record has the version %d instead of %d", b[0], version)
	}
	return Header{
		Type: Type(b[1]), ID: binary.BigEndian.Uint16(b[2:]),
		Length: binary.BigEndian.Uint16(b[4:]), Padding: b[6],
	}, nil
}

// Append appends the header to b.
func (h Header) Append(b []byte) []byte {
	b = append(b, version, byte(h.Type))
	b = binary.BigEndian.AppendUint16(b, h.ID)
	b = binary.BigEndian.AppendUint16(b, h.Length)
	return append(b, h.Padding, 0)
}

// AppendRecord appends one record without padding. The content is at most
// [MaxContent] bytes long.
func AppendRecord(b []byte, t Type, id uint16, content []byte) []byte {
	b = Header{Type: t, ID: id, Length: uint16(len(content))}.Append(b)
	return append(b, content...)
}

// Status is how a request ended for the protocol.
type Status uint8

// The ways in which a request ends.
const (
	RequestComplete Status = 0
	CantMultiplex   Status = 1 // another request is running on this connection
	Overloaded      Status = 2
	UnknownRole     Status = 3
)

// AppendEnd appends the record that ends a request.
func AppendEnd(b []byte, id uint16, app uint32, status Status) []byte {
	var content [8]byte
	binary.BigEndian.PutUint32(content[:], app)
	content[4] = byte(status)
	return AppendRecord(b, EndRequest, id, content[:])
}

// AppendCut appends what no web server takes for a record: of a response that has
// begun it is the only way to say that the rest is missing. The end of the
// connection without EndRequest is the end of the response to nginx.
func AppendCut(b []byte) []byte { return append(b, make([]byte, HeaderLen)...) }

// Role is what a request asks for.
type Role uint16

// Responder is the role of a program that answers requests, the only one here.
const Responder Role = 1

// AppendBegin appends the record that begins a request: what a client does.
func AppendBegin(b []byte, id uint16, role Role, keep bool) []byte {
	var content [beginLen]byte
	binary.BigEndian.PutUint16(content[:], uint16(role))
	if keep {
		content[2] = 1
	}
	return AppendRecord(b, BeginRequest, id, content[:])
}
