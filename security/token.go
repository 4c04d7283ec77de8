package security

import (
	"encoding/base64"
	"fmt"
)

// Token gives n random bytes as text that a URL takes as it is: letters, digits,
// "-" and "_", four for three bytes. 32 bytes make a SECRET_KEY, 16 a token that
// nobody guesses. It panics when n is less than 1.
//
// Source: Python: secrets.token_urlsafe.
func Token(n int) string {
	if n < 1 {
		panic(fmt.Sprintf("security: Token(%d): a token has at least one byte; 32 is a good number", n))
	}
	return base64.RawURLEncoding.EncodeToString(randomBytes(n))
}
