package signing

import (
	"encoding/binary"
	"math"
	"time"
)

// NoMaxAge accepts tokens of every age, and those of the future. Negative ages
// accept none.
const NoMaxAge time.Duration = math.MaxInt64

// maxTimestamp is the last second of the year 9999, in which Python's calendar
// ends.
const maxTimestamp = 253402300799

// TimestampSigner signs texts together with the time at which it did. A signed
// text is the text, the time and the signature, separated; the time is the number
// of seconds since 1970 as big-endian bytes in base64 for URLs.
//
// Source: itsdangerous: timed.py, TimestampSigner.
type TimestampSigner struct {
	signer *Signer
	now    func() time.Time
}

// NewTimestampSigner makes a signer as [NewSigner] does.
func NewTimestampSigner(secretKey string, opts ...Option) (*TimestampSigner, error) {
	o := newOptions("itsdangerous.Signer", opts)
	return o.newTimestampSigner(secretKey)
}

func (o *options) newTimestampSigner(secretKey string) (*TimestampSigner, error) {
	s, err := o.newSigner(secretKey)
	if err != nil {
		return nil, err
	}
	return &TimestampSigner{signer: s, now: o.now}, nil
}

// Sign gives the value with the time and the signature.
func (s *TimestampSigner) Sign(value string) string {
	k := s.signer.keys[0]
	scratch := k.get()
	defer k.put(scratch)
	scratch.buf = append(scratch.buf, value...)
	return s.token(scratch)
}

// token appends the time and the signature to the buffer, and gives it as text.
func (s *TimestampSigner) token(scratch *scratch) string {
	scratch.buf = append(scratch.buf, s.signer.separator...)
	scratch.buf = appendTimestamp(scratch.buf, s.now().Unix())
	return scratch.token(s.signer.separator)
}

// Unsign gives the value of a signed one and when it was signed. It is refused
// when that is more than maxAge ago; a fraction of a second does not count.
// Whoever wants to know the value of an expired one, perhaps to offer a new one,
// allows [NoMaxAge] and judges the time.
//
// The error is a [BadSignature] if it was not signed, then mostly a
// [BadTimeSignature] too; and a [SignatureExpired] if its time is past or in the
// future.
func (s *TimestampSigner) Unsign(signed string, maxAge time.Duration) (value string, at time.Time, err error) {
	stamped, err := s.signer.Unsign(signed)
	if err != nil {
		return "", time.Time{}, s.badTime(signed, err)
	}
	value, text, ok := cutLast(stamped, s.signer.separator)
	if !ok {
		return "", time.Time{}, &BadTimeSignature{cause: &BadSignature{"no time"}}
	}
	seconds, ok := parseTimestamp(text)
	if !ok {
		return "", time.Time{}, &BadTimeSignature{cause: &BadSignature{"its time is malformed"}}
	}
	at = time.Unix(seconds, 0).UTC()
	if err := s.checkAge(at, maxAge); err != nil {
		return "", time.Time{}, err
	}
	return value, at, nil
}

// badTime is the error of a text that was not signed, with the time it names.
func (s *TimestampSigner) badTime(signed string, err error) error {
	stamped, _, ok := cutLast(signed, s.signer.separator)
	if !ok {
		return err
	}
	_, text, ok := cutLast(stamped, s.signer.separator)
	if !ok {
		return err
	}
	bad := &BadTimeSignature{cause: err.(*BadSignature)}
	if seconds, ok := parseTimestamp(text); ok {
		bad.DateSigned = time.Unix(seconds, 0).UTC()
	}
	return bad
}

// checkAge is the error of a text that was signed too long ago, or later than
// now.
func (s *TimestampSigner) checkAge(at time.Time, maxAge time.Duration) error {
	if maxAge == NoMaxAge {
		return nil
	}
	age := time.Unix(s.now().Unix(), 0).Sub(at) // no overflow: it stops at the limits
	if age > maxAge || age < 0 {
		return &SignatureExpired{DateSigned: at, Age: age, MaxAge: maxAge}
	}
	return nil
}

// Validate reports whether a signed value is signed by one of the keys and no
// older than maxAge.
func (s *TimestampSigner) Validate(signed string, maxAge time.Duration) bool {
	_, _, err := s.Unsign(signed, maxAge)
	return err == nil
}

// appendTimestamp appends seconds without leading zero bytes; 0 is no byte at
// all. A clock before 1970 counts as 1970.
func appendTimestamp(dst []byte, seconds int64) []byte {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(max(seconds, 0)))
	first := 0
	for first < len(b) && b[first] == 0 {
		first++
	}
	return encoding.AppendEncode(dst, b[first:])
}

// parseTimestamp reads what appendTimestamp writes; leading zero bytes may be
// there.
func parseTimestamp(text string) (seconds int64, ok bool) {
	if len(text) > encoding.EncodedLen(8) {
		return 0, false
	}
	var room [8]byte
	b, err := appendDecoded(room[:0], text)
	if err != nil {
		return 0, false
	}
	for _, c := range b {
		if seconds > maxTimestamp {
			return 0, false
		}
		seconds = seconds<<8 | int64(c)
	}
	return seconds, seconds <= maxTimestamp
}
