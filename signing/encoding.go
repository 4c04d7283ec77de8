package signing

import (
	"encoding/base64"
	"errors"
	"strings"
)

// base64Alphabet are the characters that a signature may have, and its padding.
const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_="

// encoding is base64 for URLs without padding, whose unused bits are zero.
var encoding = base64.RawURLEncoding.Strict()

var errLineEnd = errors.New("a line end within base64")

// appendDecoded appends the bytes of a base64 text, of which there is exactly
// one for given bytes.
func appendDecoded(dst []byte, text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") { // which the decoder would skip
		return dst, errLineEnd
	}
	return encoding.AppendDecode(dst, []byte(text))
}

// cutLast splits a token at the last separator.
func cutLast(token, separator string) (before, after string, found bool) {
	i := strings.LastIndex(token, separator)
	if i < 0 {
		return token, "", false
	}
	return token[:i], token[i+len(separator):], true
}
