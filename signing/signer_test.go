package signing_test

import (
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/signing"
)

func newSigner(t testing.TB, key string, opts ...signing.Option) *signing.Signer {
	t.Helper()
	s, err := signing.NewSigner(key, opts...)
	require.NoError(t, err)
	return s
}

// TestSignaturesAreThoseOfItsdangerous: the texts come from itsdangerous 2.2.
func TestSignaturesAreThoseOfItsdangerous(t *testing.T) {
	cases := []struct {
		name string
		opts []signing.Option
		want string
	}{
		{"with the defaults", nil, "value.RI9crmxKpuX1wTw2mg_FHFGXRic"},
		{"with another salt", []signing.Option{signing.Salt("salt")}, "value.geAJKrsRVhs176yze8gV1Uj0DLI"},
		{"with an empty salt", []signing.Option{signing.Salt("")}, "value.RBxO7CSXDdpQnN7a9U3Jnt6WQF0"},
		{"with concat", []signing.Option{signing.Derivation(signing.DeriveConcat)}, "value.BWFI7CwV-UtaizSlDrdXTgFEycw"},
		{"with hmac", []signing.Option{signing.Derivation(signing.DeriveHMAC)}, "value.amDFTaW4_4Q4S4WgCg8gPnw99dU"},
		{"with the key itself", []signing.Option{signing.Derivation(signing.DeriveNone)}, "value.KR0bPVhdBT1d8GpHRrZeO1VF_ew"},
		{"with SHA-512", []signing.Option{signing.Digest(sha512.New)}, "value.UVNOrnC1ZO72X-DimkX4HwKL06_BoWR4x2TctLv-JKLbMrSqeCURl44_jookKFU_T5RqtVkOTY2qWC-R7blYCg"},
		{"with another separator", []signing.Option{signing.Separator(":x")}, "value:xRI9crmxKpuX1wTw2mg_FHFGXRic"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newSigner(t, "secret-key", c.opts...)
			assert.Equal(t, c.want, s.Sign("value"))
			got, err := s.Unsign(c.want)
			require.NoError(t, err)
			assert.Equal(t, "value", got)
		})
	}
}

func TestASignatureAloneCanBeChecked(t *testing.T) {
	s := newSigner(t, "secret-key")
	assert.Equal(t, "RI9crmxKpuX1wTw2mg_FHFGXRic", s.Signature("value"))
	assert.True(t, s.VerifySignature("value", "RI9crmxKpuX1wTw2mg_FHFGXRic"))
	assert.False(t, s.VerifySignature("values", "RI9crmxKpuX1wTw2mg_FHFGXRic"))
	assert.False(t, s.VerifySignature("value", ""))
}

func TestWhatIsNotSignedIsRefused(t *testing.T) {
	s := newSigner(t, "secret-key")
	cases := []struct{ name, signed, want string }{
		{"without a separator", "value", "bad signature: no signature"},
		{"empty", "", "bad signature: no signature"},
		{"with an empty signature", "value.", "bad signature: it does not match"},
		{"with another value", "valuE.RI9crmxKpuX1wTw2mg_FHFGXRic", "bad signature: it does not match"},
		{"with another signature", "value.SI9crmxKpuX1wTw2mg_FHFGXRic", "bad signature: it does not match"},
		{"cut off", "value.RI9crmxKpuX1wTw2mg_FHFGXRi", "bad signature: it does not match"},
		{"with padding", "value.RI9crmxKpuX1wTw2mg_FHFGXRic=", "bad signature: it does not match"},
		{"with a line end", "value.RI9crmxKpuX1wTw2mg_FHFGXRic\n", "bad signature: it does not match"},
		{"with a line end inside", "value.RI9crmxKpuX1wTw\n2mg_FHFGXRic", "bad signature: it does not match"},
		{"with / for _", "value.RI9crmxKpuX1wTw2mg/FHFGXRic", "bad signature: it does not match"},
		{"with stray bits", "value.RI9crmxKpuX1wTw2mg_FHFGXRid", "bad signature: it does not match"},
		{"with a huge signature", "value." + strings.Repeat("76fO", 1<<18), "bad signature: it does not match"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := s.Unsign(c.signed)
			require.EqualError(t, err, c.want)
			var bad *signing.BadSignature
			require.ErrorAs(t, err, &bad)
			assert.False(t, s.Validate(c.signed))
		})
	}
	assert.True(t, s.Validate("value.RI9crmxKpuX1wTw2mg_FHFGXRic"))
}

func TestKeysOfEveryLengthWork(t *testing.T) {
	derivations := []signing.KeyDerivation{signing.DeriveNone, signing.DeriveConcat, signing.DeriveDjangoConcat, signing.DeriveHMAC}
	for _, length := range []int{1, 2, 19, 20, 63, 64, 65, 1000, 100_000} {
		for _, d := range derivations {
			s := newSigner(t, strings.Repeat("\xff", length), signing.Derivation(d))
			value, err := s.Unsign(s.Sign("a.b"))
			require.NoError(t, err, "%s with %d bytes", d, length)
			assert.Equal(t, "a.b", value)
		}
	}
}

func TestFormerKeysAreAcceptedButDoNotSign(t *testing.T) {
	oldest, old, other := newSigner(t, "oldest"), newSigner(t, "old"), newSigner(t, "other")
	s := newSigner(t, "new", signing.Fallbacks("oldest", "old"))
	assert.Equal(t, newSigner(t, "new").Sign("v"), s.Sign("v"))
	assert.True(t, s.Validate(oldest.Sign("v")))
	assert.True(t, s.Validate(old.Sign("v")))
	assert.False(t, s.Validate(other.Sign("v")))
	assert.False(t, old.Validate(s.Sign("v")))
}

func TestBadSettingsSayHowToMendThem(t *testing.T) {
	cases := []struct {
		name, key string
		opts      []signing.Option
		want      string
	}{
		{"an empty key", "", nil,
			"signing: the secret key is empty, so everyone could sign; make one with `openssl rand -hex 32` and keep it out of the source"},
		{"an empty former key", "k", []signing.Option{signing.Fallbacks("a", "")},
			"signing: fallback 1 of the secret key is empty, so everyone could sign; leave it out"},
		{"a separator of base64", "k", []signing.Option{signing.Separator("-a")},
			`signing: the separator "-a" could be part of a signature; take one with a character other than letters, digits, "-", "_" and "="`},
		{"no separator", "k", []signing.Option{signing.Separator("")},
			`signing: the separator "" could be part of a signature; take one with a character other than letters, digits, "-", "_" and "="`},
		{"an unknown derivation", "k", []signing.Option{signing.Derivation("md5")},
			`signing: there is no key derivation "md5"; there are "django-concat", "concat", "hmac" and "none"`},
		{"no digest", "k", []signing.Option{signing.Digest(nil)},
			"signing: Digest, Clock and Format must not be nil"},
		{"no room", "k", []signing.Option{signing.MaxSize(0)},
			"signing: with a MaxSize of 0 no payload could be read"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := signing.NewSigner(c.key, c.opts...)
			require.EqualError(t, err, c.want)
			_, err = signing.NewTimestampSigner(c.key, c.opts...)
			require.EqualError(t, err, c.want)
			_, err = signing.NewSerializer(c.key, c.opts...)
			require.EqualError(t, err, c.want)
			_, err = signing.NewURLSafeSerializer(c.key, c.opts...)
			require.EqualError(t, err, c.want)
			_, err = signing.NewTimedSerializer(c.key, c.opts...)
			require.EqualError(t, err, c.want)
			_, err = signing.NewURLSafeTimedSerializer(c.key, c.opts...)
			require.EqualError(t, err, c.want)
		})
	}
}

func TestASignerCanBeUsedByManyGoroutines(t *testing.T) {
	s := newSigner(t, "new", signing.Fallbacks("old"), signing.Digest(func() hash.Hash { return sha256.New() }))
	old := newSigner(t, "old", signing.Digest(sha256.New)).Sign("value")
	done := make(chan bool)
	for range 8 {
		go func() {
			ok := true
			for range 50 {
				ok = ok && s.Validate(s.Sign("value")) && s.Validate(old)
			}
			done <- ok
		}()
	}
	for range 8 {
		assert.True(t, <-done)
	}
}

// FuzzUnsign: only what Sign gave is accepted, and it is what it was.
func FuzzUnsign(f *testing.F) {
	s := newSigner(f, "secret-key", signing.Fallbacks("old"))
	old := newSigner(f, "old")
	f.Add("value.RI9crmxKpuX1wTw2mg_FHFGXRic")
	f.Add("value.RI9crmxKpuX1wTw2mg_FHFGXRid")
	f.Add(old.Sign("x.y"))
	f.Add("..")
	f.Fuzz(func(t *testing.T, signed string) {
		if value, err := s.Unsign(signed); err == nil && s.Sign(value) != signed && old.Sign(value) != signed {
			t.Errorf("%q is accepted as %q", signed, value)
		}
		if value, err := s.Unsign(s.Sign(signed)); err != nil || value != signed {
			t.Errorf("%q became %q, %v", signed, value, err)
		}
	})
}
