package signing

import (
	"bytes"
	"encoding/json"
	"time"
)

// Codec turns values into bytes and back. Both may be called by several
// goroutines at once.
type Codec interface {
	// Dumps gives the bytes of v. They are the caller's own.
	Dumps(v any) ([]byte, error)
	// Loads stores the value of data in what v points to. It may keep data.
	Loads(data []byte, v any) error
}

// JSON is the [Codec] of serializers by default: encoding/json. A token's payload
// that is stored in an any has float64 for numbers.
type JSON struct{}

// Dumps gives the JSON text of v, without escapes for HTML.
func (JSON) Dumps(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Loads stores the value of a JSON text in what v points to.
func (JSON) Loads(data []byte, v any) error { return json.Unmarshal(data, v) }

// Serializer signs values. A token is the JSON text, the separator and the
// signature, so it is readable but may have any character; [URLSafeSerializer]
// makes tokens for URLs.
//
// Source: itsdangerous: serializer.py, Serializer.
//
// Differs from itsdangerous: the salt belongs to the serializer, not to a call.
type Serializer struct {
	signer  *Signer
	payload payload
}

// NewSerializer makes a serializer; the key and the errors are as for
// [NewSigner].
func NewSerializer(secretKey string, opts ...Option) (*Serializer, error) {
	return newSerializer(secretKey, false, opts)
}

func newSerializer(secretKey string, urlSafe bool, opts []Option) (*Serializer, error) {
	o := newOptions("itsdangerous", opts)
	signer, err := o.newSigner(secretKey)
	if err != nil {
		return nil, err
	}
	return &Serializer{signer, payload{codec: o.codec, urlSafe: urlSafe, maxSize: o.maxSize}}, nil
}

// Dumps gives the token of a value. The error is that of the [Codec].
func (s *Serializer) Dumps(v any) (string, error) {
	k := s.signer.keys[0]
	scratch := k.get()
	defer k.put(scratch)
	var err error
	if scratch.buf, err = s.payload.append(scratch.buf, v); err != nil {
		return "", err
	}
	return scratch.token(s.signer.separator), nil
}

// Loads stores the value of a token in what v points to. The error is a
// [BadSignature] if it was not signed, and a [BadPayload] if it was, but is no
// such value.
func (s *Serializer) Loads(token string, v any) error {
	text, err := s.signer.Unsign(token)
	if err != nil {
		return err
	}
	return s.payload.load(text, v)
}

// TimedSerializer is a [Serializer] whose tokens have the time at which they
// were signed.
//
// Source: itsdangerous: timed.py, TimedSerializer.
type TimedSerializer struct {
	signer  *TimestampSigner
	payload payload
}

// NewTimedSerializer makes a serializer; the key and the errors are as for
// [NewSigner].
func NewTimedSerializer(secretKey string, opts ...Option) (*TimedSerializer, error) {
	return newTimedSerializer(secretKey, false, opts)
}

func newTimedSerializer(secretKey string, urlSafe bool, opts []Option) (*TimedSerializer, error) {
	o := newOptions("itsdangerous", opts)
	signer, err := o.newTimestampSigner(secretKey)
	if err != nil {
		return nil, err
	}
	return &TimedSerializer{signer, payload{codec: o.codec, urlSafe: urlSafe, maxSize: o.maxSize}}, nil
}

// Dumps gives the token of a value at this time. The error is that of the
// [Codec].
func (s *TimedSerializer) Dumps(v any) (string, error) {
	k := s.signer.signer.keys[0]
	scratch := k.get()
	defer k.put(scratch)
	var err error
	if scratch.buf, err = s.payload.append(scratch.buf, v); err != nil {
		return "", err
	}
	return s.signer.token(scratch), nil
}

// Loads stores the value of a token in what v points to, and gives the time at
// which it was signed. The errors are those of [TimestampSigner.Unsign], and a
// [BadPayload] if it was signed, but is no such value.
func (s *TimedSerializer) Loads(token string, v any, maxAge time.Duration) (at time.Time, err error) {
	text, at, err := s.signer.Unsign(token, maxAge)
	if err != nil {
		return time.Time{}, err
	}
	if err := s.payload.load(text, v); err != nil {
		return time.Time{}, err
	}
	return at, nil
}
