package signing_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"errors"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/signing"
	"github.com/retort-go/retort/taggedjson"
)

// sessions is a serializer with the settings of Flask's sessions.
func sessions(t testing.TB, key string, opts ...signing.Option) *signing.URLSafeTimedSerializer {
	t.Helper()
	opts = append([]signing.Option{
		signing.Salt("cookie-session"),
		signing.Derivation(signing.DeriveHMAC),
		signing.Format(new(taggedjson.Serializer)),
		at(1700000000),
	}, opts...)
	s, err := signing.NewURLSafeTimedSerializer(key, opts...)
	require.NoError(t, err)
	return s
}

func TestSessionsAreThoseOfFlask(t *testing.T) {
	s := sessions(t, "test key")
	cases := []struct {
		value map[string]any
		want  string
	}{
		{map[string]any{"a": int64(1)}, "eyJhIjoxfQ.ZVPxAA.06Yqjl3VyDspVrqMUAYBbpKyUSE"},
		{map[string]any{"_permanent": true}, "eyJfcGVybWFuZW50Ijp0cnVlfQ.ZVPxAA.8z77AG_oBGItLm7PxqqvvxLdW9k"},
		{map[string]any{"x": map[string]any{" t": "y"}}, "eyJ4Ijp7IiBkaSI6eyIgdF9fIjoieSJ9fX0.ZVPxAA.A_11EjmRjv6woruYh3DfsJ0tKJ8"},
		{map[string]any{"é": "ü"}, "eyJcdTAwZTkiOiJcdTAwZmMifQ.ZVPxAA.66bWhziFOp3MEivpFcmf21A2Tng"},
	}
	for _, c := range cases {
		token, err := s.Dumps(c.value)
		require.NoError(t, err)
		assert.Equal(t, c.want, token)
		var got map[string]any
		when, err := s.Loads(c.want, &got, time.Hour)
		require.NoError(t, err)
		assert.Equal(t, c.value, got)
		assert.Equal(t, int64(1700000000), when.Unix())
	}
}

func TestCompressedSessionsOfFlaskAreRead(t *testing.T) {
	s := sessions(t, "test key")
	var got map[string]any
	_, err := s.Loads(".eJyrVspWslJKpANQqgUAaH8oCg.ZVPxAA.kkbzUicJQMRXv580v3bMSd1uKsU", &got, 0)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"k": strings.Repeat("a", 100)}, got)

	const flashes = ".eJyrVopPy0kszkgtVrKKrlZSKAFSSrmpxcWJ6alKOkoZmUqxtTow8dSiovwioGgqUDC2FgA8ohLR.ZVPxAA.VfXa_sm1qhNR54DwvKS-4xu4xdo"
	_, err = s.Loads(flashes, &got, 0)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"_flashes": []any{taggedjson.Tuple{"message", "hi"}, taggedjson.Tuple{"error", "e"}}}, got)
}

// raw is a codec of strings as they are.
type raw struct{}

func (raw) Dumps(v any) ([]byte, error) { return []byte(v.(string)), nil }

func (raw) Loads(data []byte, v any) error {
	*v.(*string) = string(data)
	return nil
}

func TestOnlyLongPayloadsAreCompressed(t *testing.T) {
	s, err := signing.NewURLSafeSerializer("k", signing.Format(raw{}))
	require.NoError(t, err)
	random := make([]byte, 1000)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(random)
	for _, c := range []struct {
		name, value string
		want        bool
	}{
		{"199 letters", strings.Repeat("a", 199), false},
		{"200 letters", strings.Repeat("a", 200), true},
		{"what does not get shorter", string(random), false},
		{"much", strings.Repeat("abcdef", 100_000), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			token, err := s.Dumps(c.value)
			require.NoError(t, err)
			assert.Equal(t, c.want, strings.HasPrefix(token, "."))
			assert.Empty(t, strings.Trim(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."))
			var got string
			require.NoError(t, s.Loads(token, &got))
			assert.Equal(t, c.value, got)
		})
	}
}

// deflated is a compressed payload.
func deflated(t testing.TB, data []byte) string {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, err := w.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return "." + base64.RawURLEncoding.EncodeToString(b.Bytes())
}

func TestBadPayloadsAreToldApart(t *testing.T) {
	const limit = 1 << 20
	signer := newSigner(t, "k", signing.Salt("itsdangerous"))
	s, err := signing.NewURLSafeSerializer("k")
	require.NoError(t, err)
	full := deflated(t, []byte(`"`+strings.Repeat("a", limit-2)+`"`))
	broken := full[:len(full)&^3-7] // after a "." and whole groups of four
	cases := []struct{ name, payload, step, want string }{
		{"no base64", "!!!", "base64", "bad payload: rightly signed, but base64 failed: illegal base64 data at input byte 0"},
		{"a line end", "e3\n0", "base64", "bad payload: rightly signed, but base64 failed: a line end within base64"},
		{"stray bits", "eyJhIjoxfR", "base64", "bad payload: rightly signed, but base64 failed: illegal base64 data at input byte 8"},
		{"nothing", "", "decode", "bad payload: rightly signed, but decode failed: unexpected end of JSON input"},
		{"no JSON", "e2E", "decode", "bad payload: rightly signed, but decode failed: invalid character 'a' looking for beginning of object key string"},
		{"another value", "MQ", "decode", "bad payload: rightly signed, but decode failed: json: cannot unmarshal number into Go value of type string"},
		{"nothing compressed", ".", "zlib", "bad payload: rightly signed, but zlib failed: unexpected EOF"},
		{"not compressed", ".eyJhIjoxfQ", "zlib", "bad payload: rightly signed, but zlib failed: zlib: invalid header"},
		{"cut off", broken, "zlib", "bad payload: rightly signed, but zlib failed: unexpected EOF"},
		{"a bomb", deflated(t, make([]byte, 16<<20)), "zlib", "bad payload: rightly signed, but zlib failed: more than 1048576 bytes, the limit that MaxSize sets"},
		{"a byte too much", deflated(t, make([]byte, limit+1)), "zlib", "bad payload: rightly signed, but zlib failed: more than 1048576 bytes, the limit that MaxSize sets"},
	}
	for range 2 { // inflaters are used again
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				got := "as it was"
				err := s.Loads(signer.Sign(c.payload), &got)
				require.EqualError(t, err, c.want)
				var bad *signing.BadPayload
				require.ErrorAs(t, err, &bad)
				assert.Equal(t, c.step, bad.Step)
				assert.Equal(t, bad.Err, errors.Unwrap(err))
				var badSignature *signing.BadSignature
				assert.False(t, errors.As(err, &badSignature))
				assert.Equal(t, "as it was", got)
			})
		}
		var got string
		require.NoError(t, s.Loads(signer.Sign(full), &got))
		assert.Len(t, got, limit-2)
	}
}

func TestASignedPayloadMayBePadded(t *testing.T) {
	s, err := signing.NewURLSafeSerializer("k")
	require.NoError(t, err)
	var got map[string]int
	require.NoError(t, s.Loads(newSigner(t, "k", signing.Salt("itsdangerous")).Sign("eyJhIjoxfQ=="), &got))
	assert.Equal(t, map[string]int{"a": 1}, got)
}

func TestABombCostsNoMoreThanItsLimit(t *testing.T) {
	bomb := newSigner(t, "k", signing.Salt("itsdangerous")).Sign(deflated(t, make([]byte, 16<<20)))
	s, err := signing.NewURLSafeSerializer("k", signing.MaxSize(1<<16))
	require.NoError(t, err)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	require.Error(t, s.Loads(bomb, new(string)))
	runtime.ReadMemStats(&after)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

func TestNothingIsDecodedBeforeTheSignatureWasChecked(t *testing.T) {
	s, err := signing.NewURLSafeTimedSerializer("k")
	require.NoError(t, err)
	bomb := deflated(t, make([]byte, 16<<20))
	for _, token := range []string{bomb + ".ZVPxAA.7MbW4TmOnDuRN71tSlQWZtzIugI", strings.Repeat("A", 1<<20), strings.Repeat(".", 1<<20)} {
		_, err := s.Loads(token, new(any), signing.NoMaxAge)
		var bad *signing.BadSignature
		require.ErrorAs(t, err, &bad)
	}
}

func TestReadableTokens(t *testing.T) {
	s, err := signing.NewSerializer("secret-key")
	require.NoError(t, err)
	token, err := s.Dumps(map[string]any{"a.b": "<ü>"})
	require.NoError(t, err)
	assert.Equal(t, `{"a.b":"<ü>"}.`+newSigner(t, "secret-key", signing.Salt("itsdangerous")).Signature(`{"a.b":"<ü>"}`), token)
	var got map[string]string
	require.NoError(t, s.Loads(token, &got))
	assert.Equal(t, map[string]string{"a.b": "<ü>"}, got)
	require.EqualError(t, s.Loads("x"+token, &got), "bad signature: it does not match")
}

func TestReadableTokensWithATime(t *testing.T) {
	s, err := signing.NewTimedSerializer("secret-key", at(1700000000))
	require.NoError(t, err)
	token, err := s.Dumps([]int{1, 2})
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(token, "[1,2].ZVPxAA."), token)
	var got []int
	when, err := s.Loads(token, &got, 0)
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2}, got)
	assert.Equal(t, int64(1700000000), when.Unix())
	_, err = s.Loads(token, &got, -1)
	require.EqualError(t, err, "bad signature: signed 0s ago, more than the -1ns allowed")
	_, err = s.Loads(token, new(string), 0)
	require.EqualError(t, err, "bad payload: rightly signed, but decode failed: json: cannot unmarshal array into Go value of type string")
}

func TestWhatIsNoJSONIsNotSigned(t *testing.T) {
	plain, err := signing.NewSerializer("k")
	require.NoError(t, err)
	_, err = plain.Dumps(func() {})
	require.EqualError(t, err, "json: unsupported type: func()")
	_, err = sessions(t, "k").Dumps(func() {})
	require.EqualError(t, err, "taggedjson: a func() cannot be written as JSON")
}

// FuzzURLSafeTimed: every text survives, and no token but those of the key is
// accepted.
func FuzzURLSafeTimed(f *testing.F) {
	f.Add("value", "eyJhIjoxfQ.ZVPxAA.06Yqjl3VyDspVrqMUAYBbpKyUSE")
	f.Add(strings.Repeat("long", 100), "..")
	s := sessions(f, "test key")
	f.Fuzz(func(t *testing.T, value, token string) {
		made, err := s.Dumps([]any{value})
		if err != nil {
			t.Fatal(err)
		}
		var got any
		if _, err := s.Loads(made, &got, 0); err != nil {
			t.Fatal(err)
		}
		if want := []any{strings.ToValidUTF8(value, "\uFFFD")}; utf8.ValidString(value) && !reflect.DeepEqual(want, got) {
			t.Errorf("%q became %q", value, got)
		}
		if _, err := s.Loads(token, &got, 0); err == nil && token != made {
			if again, err := s.Dumps(got); err != nil || again != token && !strings.HasPrefix(token, ".") {
				t.Errorf("%q is accepted as %v", token, got)
			}
		}
	})
}

func BenchmarkSigner(b *testing.B) {
	s := newSigner(b, "secret key")
	value := strings.Repeat("v", 100)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Unsign(s.Sign(value)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSession(b *testing.B) {
	s := sessions(b, "secret key")
	value := map[string]any{"_permanent": true, "user_id": 42, "name": "bob", "csrf": "ImQ0ZjM0NzY5MmY1ZjQ0"}
	long := map[string]any{"cart": strings.Repeat("one of these, two of those; ", 20)}
	for _, bench := range []struct {
		name  string
		value map[string]any
	}{{"short", value}, {"compressed", long}} {
		token, err := s.Dumps(bench.value)
		require.NoError(b, err)
		b.Run("dumps/"+bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = s.Dumps(bench.value)
			}
		})
		b.Run("loads/"+bench.name, func(b *testing.B) {
			b.ReportAllocs()
			var got map[string]any
			for b.Loop() {
				if _, err := s.Loads(token, &got, time.Hour); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
