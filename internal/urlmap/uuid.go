package urlmap

import (
	"encoding/hex"
	"fmt"
	"reflect"
)

// UUID is the value of the uuid converter (RFC 9562). It converts to and from
// every other [16]byte type.
type UUID [16]byte

const uuidLength = 36

// String returns the canonical form: 8-4-4-4-12 lower-case hexadecimal digits.
func (u UUID) String() string {
	b := make([]byte, 0, uuidLength)
	for i := range u {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, u[i:i+1])
	}
	return string(b)
}

// isUUID reports whether text starts with a UUID in either case.
func isUUID(text string) bool {
	if len(text) < uuidLength {
		return false
	}
	for i := range uuidLength {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if text[i] != '-' {
				return false
			}
		} else if !isHex(text[i]) {
			return false
		}
	}
	return true
}

func isHex(c byte) bool { return isDecimal(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// uuidConverter is the converter of uuid.
type uuidConverter struct{}

func newUUID(a Args) (Converter, error) { return uuidConverter{}, a.bind("uuid") }

func (uuidConverter) Regexp() string {
	return "[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}"
}

func (uuidConverter) Weight() int         { return 100 }
func (uuidConverter) PartIsolating() bool { return true }
func (uuidConverter) Type() reflect.Type  { return reflect.TypeFor[UUID]() }

func (uuidConverter) Parse(text string) (any, error) {
	if len(text) != uuidLength || !isUUID(text) {
		return nil, fmt.Errorf("uuid %q: not of the form 8-4-4-4-12", text)
	}
	var u UUID
	digits := text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:]
	_, err := hex.Decode(u[:], []byte(digits))
	return u, err
}

// Format writes a [16]byte of any type in lower case. A string is taken as it is.
func (uuidConverter) Format(value any) (string, error) {
	v := reflect.ValueOf(value)
	if want := reflect.TypeFor[UUID](); v.IsValid() && v.Kind() == reflect.Array && v.CanConvert(want) {
		return v.Convert(want).Interface().(UUID).String(), nil
	}
	return formatText(value)
}
