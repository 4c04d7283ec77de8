package signing

import (
	"crypto/hmac"
	"hash"
	"slices"
	"sync"
)

// key makes the signatures of one secret key and salt.
type key struct {
	scratch sync.Pool // of *scratch
}

// scratch is what making a signature needs: an HMAC with its key set, and room.
// Nothing of it is handed out.
type scratch struct {
	mac hash.Hash
	buf []byte
	sum []byte
}

// keptScratch is the largest buffer that is kept for the next signature.
const keptScratch = 16 << 10

// newKey derives a key from a secret one.
func (o *options) newKey(secretKey string) *key {
	derived := o.derive(secretKey)
	digest := o.digest
	return &key{scratch: sync.Pool{New: func() any { return &scratch{mac: hmac.New(digest, derived)} }}}
}

func (o *options) derive(secretKey string) []byte {
	h, text := o.digest(), ""
	switch o.derivation {
	case DeriveNone:
		return []byte(secretKey)
	case DeriveConcat:
		text = o.salt + secretKey
	case DeriveDjangoConcat:
		text = o.salt + "signer" + secretKey
	case DeriveHMAC:
		h, text = hmac.New(o.digest, []byte(secretKey)), o.salt
	}
	h.Write([]byte(text))
	return h.Sum(nil)
}

// get gives scratch whose buffer is empty.
func (k *key) get() *scratch { return k.scratch.Get().(*scratch) }

func (k *key) put(s *scratch) {
	if cap(s.buf) <= keptScratch {
		s.buf = s.buf[:0]
		k.scratch.Put(s)
	}
}

// sign gives the signature of the buffer, until the scratch is put back.
func (s *scratch) sign() []byte {
	s.mac.Reset()
	s.mac.Write(s.buf)
	s.sum = s.mac.Sum(s.sum[:0])
	return s.sum
}

// token appends a separator and the signature to the buffer, and gives it as
// text.
func (s *scratch) token(separator string) string {
	sum := s.sign()
	s.buf = slices.Grow(s.buf, len(separator)+encoding.EncodedLen(len(sum)))
	s.buf = encoding.AppendEncode(append(s.buf, separator...), sum)
	return string(s.buf)
}

// verify reports whether the signature is the right one for the value. How long
// that takes does not depend on where the signatures differ.
func (k *key) verify(value string, signature []byte) bool {
	s := k.get()
	defer k.put(s)
	s.buf = append(s.buf, value...)
	return hmac.Equal(s.sign(), signature)
}
