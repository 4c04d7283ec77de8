package retort

import (
	"bytes"
	"encoding/binary"
	"errors"
	"unicode/utf16"
	"unicode/utf8"
)

// errNotUnicode is the error of a JSON text in an encoding that JSON has never
// allowed.
var errNotUnicode = errors.New("the text is not UTF-8")

// jsonText gives a JSON text in UTF-8 without a byte order mark. Besides UTF-8,
// UTF-16 and UTF-32 are read, which old clients send; no other charset is, and
// no charset parameter counts. A byte order mark or
// the zero bytes around the first character, which is ASCII, tell the encodings
// apart.
//
// Source: RFC 4627 §3; RFC 8259 §8.1.
func jsonText(data []byte) ([]byte, error) {
	size, order := jsonEncoding(data)
	if size == 1 {
		data = bytes.TrimPrefix(data, []byte("\uFEFF"))
		if !utf8.Valid(data) {
			return nil, errNotUnicode
		}
		return data, nil
	}
	if len(data)%size != 0 {
		return nil, errNotUnicode
	}
	text, ok := decodeWide(data, size, order)
	if !ok {
		return nil, errNotUnicode
	}
	return bytes.TrimPrefix(text, []byte("\uFEFF")), nil
}

// jsonEncoding gives the number of bytes in a code unit and their order.
func jsonEncoding(data []byte) (size int, order binary.ByteOrder) {
	var b [4]byte
	for i := range b {
		b[i] = 1 // a text that ends here has no zero here
	}
	copy(b[:], data)
	switch {
	case b == [4]byte{0, 0, 0xFE, 0xFF}, b[0] == 0 && b[1] == 0:
		return 4, binary.BigEndian
	case b == [4]byte{0xFF, 0xFE, 0, 0}, b[1] == 0 && b[2] == 0 && b[3] == 0:
		return 4, binary.LittleEndian
	case b[0] == 0xFE && b[1] == 0xFF, b[0] == 0:
		return 2, binary.BigEndian
	case b[0] == 0xFF && b[1] == 0xFE, b[1] == 0:
		return 2, binary.LittleEndian
	}
	return 1, nil
}

// decodeWide gives the UTF-8 of UTF-16 or UTF-32; ok is false when it is
// neither.
func decodeWide(data []byte, size int, order binary.ByteOrder) (text []byte, ok bool) {
	text = make([]byte, 0, len(data))
	for i := 0; i < len(data); i += size {
		r := wideRune(data[i:], size, order)
		if size == 2 && utf16.IsSurrogate(r) && i+4 <= len(data) {
			r = utf16.DecodeRune(r, wideRune(data[i+2:], size, order))
			i += 2
			if r == utf8.RuneError {
				return nil, false
			}
		}
		if !utf8.ValidRune(r) {
			return nil, false
		}
		text = utf8.AppendRune(text, r)
	}
	return text, true
}

func wideRune(data []byte, size int, order binary.ByteOrder) rune {
	if size == 2 {
		return rune(order.Uint16(data))
	}
	return rune(order.Uint32(data)) // what does not fit is negative: no rune
}
