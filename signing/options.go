package signing

import (
	"crypto/sha1"
	"errors"
	"fmt"
	"hash"
	"strings"
	"time"
)

// KeyDerivation is how the key of the signatures is made from the secret key and
// the salt. None of them makes a good key of a short password.
//
// Source: itsdangerous: signer.py, Signer.derive_key.
type KeyDerivation string

const (
	// DeriveDjangoConcat is the digest of salt, "signer" and secret key: the
	// default.
	DeriveDjangoConcat KeyDerivation = "django-concat"
	// DeriveConcat is the digest of salt and secret key.
	DeriveConcat KeyDerivation = "concat"
	// DeriveHMAC is the HMAC of the salt, with the secret key: what Flask's
	// sessions use.
	DeriveHMAC KeyDerivation = "hmac"
	// DeriveNone is the secret key itself. The salt does not count.
	DeriveNone KeyDerivation = "none"
)

// Option is a setting of a signer or serializer.
type Option func(*options)

// options are the settings of signers and serializers.
type options struct {
	salt       string
	separator  string
	derivation KeyDerivation
	digest     func() hash.Hash
	fallbacks  []string
	now        func() time.Time
	codec      Codec
	maxSize    int
}

// Salt says what the tokens are for: tokens of one salt are refused by those of
// another. It need not be secret. The default is itsdangerous's:
// "itsdangerous.Signer" for signers, "itsdangerous" for serializers.
func Salt(salt string) Option { return func(o *options) { o.salt = salt } }

// Separator stands between the parts of a token: "." by default. It has at least
// one character that base64 for URLs does not use.
func Separator(separator string) Option { return func(o *options) { o.separator = separator } }

// Derivation is how the key is made: [DeriveDjangoConcat] by default.
func Derivation(d KeyDerivation) Option { return func(o *options) { o.derivation = d } }

// Digest is the hash function of the signatures and of the keys: [sha1.New] by
// default. What is known of collisions of SHA-1 does not touch it as HMAC.
func Digest(digest func() hash.Hash) Option { return func(o *options) { o.digest = digest } }

// Fallbacks are former secret keys, oldest first, whose tokens are still
// accepted. New tokens are signed with the secret key, never with these. To
// change a key without making all tokens worthless, make the old one a fallback,
// and take it away when the tokens have become too old.
//
// Source: itsdangerous: signer.py, Signer.secret_keys.
//
// Differs from itsdangerous: the key that signs is not the last of a list.
func Fallbacks(keys ...string) Option { return func(o *options) { o.fallbacks = keys } }

// Clock is where the time comes from: [time.Now] by default. It is for tests.
func Clock(now func() time.Time) Option { return func(o *options) { o.now = now } }

// Format is how a serializer turns values into bytes and back: [JSON] by
// default.
func Format(codec Codec) Option { return func(o *options) { o.codec = codec } }

// MaxSize is how many bytes the payload of a token may have after it was
// decompressed: 1 MiB by default.
//
// Differs from itsdangerous, which has no limit: 1 kB can stand for 1 MB.
func MaxSize(bytes int) Option { return func(o *options) { o.maxSize = bytes } }

// newOptions are the settings of something with a default salt.
func newOptions(salt string, opts []Option) *options {
	o := &options{
		salt:       salt,
		separator:  ".",
		derivation: DeriveDjangoConcat,
		digest:     sha1.New,
		now:        time.Now,
		codec:      JSON{},
		maxSize:    1 << 20,
	}
	for _, opt := range opts {
		opt(o)
	}
	return o
}

// errEmptyKey teaches how to make a key.
var errEmptyKey = errors.New("signing: the secret key is empty, so everyone could sign; " +
	"make one with `openssl rand -hex 32` and keep it out of the source")

// check tells what is wrong with the settings.
func (o *options) check(secretKey string) error {
	switch {
	case secretKey == "":
		return errEmptyKey
	case strings.Trim(o.separator, base64Alphabet) == "":
		return fmt.Errorf("signing: the separator %q could be part of a signature; take one with a character other than letters, digits, \"-\", \"_\" and \"=\"", o.separator)
	case o.digest == nil, o.now == nil, o.codec == nil:
		return errors.New("signing: Digest, Clock and Format must not be nil")
	case o.maxSize < 1:
		return fmt.Errorf("signing: with a MaxSize of %d no payload could be read", o.maxSize)
	}
	for i, key := range o.fallbacks {
		if key == "" {
			return fmt.Errorf("signing: fallback %d of the secret key is empty, so everyone could sign; leave it out", i)
		}
	}
	switch o.derivation {
	case DeriveNone, DeriveConcat, DeriveDjangoConcat, DeriveHMAC:
		return nil
	}
	return fmt.Errorf("signing: there is no key derivation %q; there are %q, %q, %q and %q",
		o.derivation, DeriveDjangoConcat, DeriveConcat, DeriveHMAC, DeriveNone)
}
