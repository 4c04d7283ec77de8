package taggedjson

import (
	"encoding/hex"
	"errors"
	"strings"
)

// UUID is a UUID (RFC 9562). It converts to and from every other [16]byte type.
type UUID [16]byte

// String gives the canonical form: 8-4-4-4-12 lower-case hexadecimal digits.
func (u UUID) String() string {
	b := make([]byte, 0, 36)
	for i := range u {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, u[i:i+1])
	}
	return string(b)
}

var errNoUUID = errors.New("a UUID has 32 hexadecimal digits")

// parseUUID reads 32 hexadecimal digits, with hyphens or without.
func parseUUID(text string) (UUID, error) {
	var u UUID
	digits := strings.ReplaceAll(text, "-", "")
	if len(digits) != hex.EncodedLen(len(u)) {
		return u, errNoUUID
	}
	if _, err := hex.Decode(u[:], []byte(digits)); err != nil {
		return u, errNoUUID
	}
	return u, nil
}
