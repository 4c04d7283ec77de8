package fastcgi

import (
	"encoding/binary"

	"github.com/retort-go/retort/internal/cgivars"
)

// ParseParams reads the variables of a request: the contents of all its Params
// records. The error is a *cgivars.Refusal.
func ParseParams(block string) (*cgivars.Vars, error) {
	if len(block) > cgivars.MaxBytes {
		return nil, cgivars.TooLarge(len(block))
	}
	vars := new(cgivars.Vars)
	for rest := block; rest != ""; {
		var name, value string
		var ok bool
		if name, value, rest, ok = cutPair(rest); !ok {
			return nil, cgivars.Malformed("the block of variables ends inside of one")
		}
		if err := vars.Add(name, value); err != nil {
			return nil, err
		}
	}
	return vars, nil
}

// cutPair takes one pair off the beginning of s.
func cutPair(s string) (name, value, rest string, ok bool) {
	n, s, ok := cutLength(s)
	if !ok {
		return "", "", "", false
	}
	m, s, ok := cutLength(s)
	if !ok || n > uint32(len(s)) || m > uint32(len(s))-n {
		return "", "", "", false
	}
	return s[:n], s[n : n+m], s[n+m:], true
}

// cutLength takes a length off: one byte below 128, or four whose first bit is
// set.
func cutLength(s string) (n uint32, rest string, ok bool) {
	switch {
	case s == "":
		return 0, "", false
	case s[0] < 0x80:
		return uint32(s[0]), s[1:], true
	case len(s) < 4:
		return 0, "", false
	}
	return uint32(s[0]&0x7f)<<24 | uint32(s[1])<<16 | uint32(s[2])<<8 | uint32(s[3]), s[4:], true
}

// AppendPair appends one name and value: to the variables of a request, as a
// client does, or to the answer to GetValues.
func AppendPair(b []byte, name, value string) []byte {
	b = appendLength(b, len(name))
	b = appendLength(b, len(value))
	b = append(b, name...)
	return append(b, value...)
}

func appendLength(b []byte, n int) []byte {
	if n < 0x80 {
		return append(b, byte(n))
	}
	return binary.BigEndian.AppendUint32(b, uint32(n)|1<<31)
}
