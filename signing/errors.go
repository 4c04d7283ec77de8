package signing

import (
	"fmt"
	"time"
)

// BadSignature is the error of a token that was not signed with the key and salt,
// or that was changed since. With [errors.As] it also finds the kinds of it,
// [BadTimeSignature] and [SignatureExpired].
//
// Source: itsdangerous: exc.py, BadSignature.
//
// Differs from itsdangerous: it has no payload. What is not signed is not to be
// used.
type BadSignature struct{ reason string }

// Error says what is wrong with the token, without showing any of it.
func (e *BadSignature) Error() string { return "bad signature: " + e.reason }

// BadTimeSignature is the error of a token whose signature is wrong or whose time
// is. It is a [BadSignature] too.
//
// Source: itsdangerous: exc.py, BadTimeSignature.
type BadTimeSignature struct {
	// DateSigned is the time that the token names; zero if it names none. Unless
	// the error is a [SignatureExpired] nobody vouches for it.
	DateSigned time.Time

	cause *BadSignature
}

// Error says what is wrong with the token, without showing any of it.
func (e *BadTimeSignature) Error() string { return e.cause.Error() }

// Unwrap gives the [BadSignature].
func (e *BadTimeSignature) Unwrap() error { return e.cause }

// SignatureExpired is the error of a rightly signed token that is older than
// allowed, or was signed in the future, by a clock that is ahead of this one. It
// is a [BadTimeSignature] and a [BadSignature] too.
//
// Source: itsdangerous: exc.py, SignatureExpired.
type SignatureExpired struct {
	// DateSigned is when the token was signed, in whole seconds.
	DateSigned time.Time
	// Age is how long ago that was, in whole seconds; negative in the future.
	Age time.Duration
	// MaxAge is the age that was allowed.
	MaxAge time.Duration
}

// Error says how old the token is, and how old it may be.
func (e *SignatureExpired) Error() string { return e.Unwrap().Error() }

// Unwrap gives the [BadTimeSignature].
func (e *SignatureExpired) Unwrap() error {
	reason := fmt.Sprintf("signed %v ago, more than the %v allowed", e.Age, e.MaxAge)
	if e.Age < 0 {
		reason = fmt.Sprintf("signed %v in the future", -e.Age)
	}
	return &BadTimeSignature{DateSigned: e.DateSigned, cause: &BadSignature{reason}}
}

// BadPayload is the error of a rightly signed token whose payload cannot be
// decoded, or not into the value given: most likely it was signed by a program
// that writes payloads in another way. It is no [BadSignature].
//
// Source: itsdangerous: exc.py, BadPayload.
type BadPayload struct {
	// Step is what failed: "base64", "zlib" or "decode".
	Step string
	// Err is why.
	Err error
}

// Error says which step failed, and why.
func (e *BadPayload) Error() string {
	return fmt.Sprintf("bad payload: rightly signed, but %s failed: %v", e.Step, e.Err)
}

// Unwrap gives Err.
func (e *BadPayload) Unwrap() error { return e.Err }
