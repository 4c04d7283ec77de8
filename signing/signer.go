package signing

import "slices"

// Signer signs texts and checks them. A signed text is the text, the separator
// and the signature in base64 for URLs; the text itself stays readable.
//
// Source: itsdangerous: signer.py, Signer.
type Signer struct {
	separator string
	keys      []*key // the one that signs first, then the fallbacks, newest first
}

// NewSigner makes a signer. The secret key is best made of 32 random bytes;
// every length but 0 works. The error tells what is wrong with the key or the
// options.
func NewSigner(secretKey string, opts ...Option) (*Signer, error) {
	o := newOptions("itsdangerous.Signer", opts)
	return o.newSigner(secretKey)
}

func (o *options) newSigner(secretKey string) (*Signer, error) {
	if err := o.check(secretKey); err != nil {
		return nil, err
	}
	s := &Signer{separator: o.separator, keys: []*key{o.newKey(secretKey)}}
	for _, old := range slices.Backward(o.fallbacks) {
		s.keys = append(s.keys, o.newKey(old))
	}
	return s, nil
}

// Sign gives the value with its signature.
func (s *Signer) Sign(value string) string {
	k := s.keys[0]
	scratch := k.get()
	defer k.put(scratch)
	scratch.buf = append(scratch.buf, value...)
	return scratch.token(s.separator)
}

// Unsign gives the value of a signed one. The error is a [BadSignature] if it
// was not signed by any of the keys.
func (s *Signer) Unsign(signed string) (string, error) {
	value, signature, ok := cutLast(signed, s.separator)
	if !ok {
		return "", &BadSignature{"no signature"}
	}
	if !s.VerifySignature(value, signature) {
		return "", &BadSignature{"it does not match"}
	}
	return value, nil
}

// Validate reports whether a signed value is signed by one of the keys.
func (s *Signer) Validate(signed string) bool {
	_, err := s.Unsign(signed)
	return err == nil
}

// Signature gives the signature of a value alone, in base64 for URLs. Unlike
// the signed value of [Signer.Sign] it can be sent in another place.
//
// Source: itsdangerous: signer.py, Signer.get_signature.
func (s *Signer) Signature(value string) string {
	k := s.keys[0]
	scratch := k.get()
	defer k.put(scratch)
	scratch.buf = append(scratch.buf, value...)
	return encoding.EncodeToString(scratch.sign())
}

// VerifySignature reports whether a signature is that of a value by one of the
// keys.
func (s *Signer) VerifySignature(value, signature string) bool {
	var room [64]byte // the largest digests of the standard library
	decoded, err := appendDecoded(room[:0], signature)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(s.keys, func(k *key) bool { return k.verify(value, decoded) })
}
