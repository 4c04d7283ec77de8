package tests

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/json"
	"fmt"
	"hash"
	"html/template"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/signing"
	"github.com/retort-go/retort/taggedjson"
)

// itsdangerousPeer signs and reads with itsdangerous and Flask's tagged JSON.
// Texts and keys go as base64, because they need not be UTF-8.
const itsdangerousPeer = `
import base64, hashlib
import itsdangerous
from flask import Flask
from flask.json.tag import TaggedJSONSerializer

app = Flask("peer")
app.app_context().push()
tagged = TaggedJSONSerializer()

def answer(q):
    settings = {"salt": base64.b64decode(q["Salt"]), "key_derivation": q["Derivation"],
                "digest_method": getattr(hashlib, q["Digest"]), "sep": q["Separator"]}
    keys = [base64.b64decode(key) for key in q["Keys"]]
    if q["Do"] == "sign":
        return itsdangerous.Signer(keys, **settings).sign(base64.b64decode(q["Value"])).decode("latin-1")
    if q["Do"] == "unsign":
        return base64.b64encode(itsdangerous.Signer(keys, **settings).unsign(q["Token"].encode("latin-1"))).decode()
    salt, sep = settings.pop("salt"), settings["sep"]
    kind = getattr(itsdangerous, q["Class"])
    serializer = {} if q["Plain"] else {"serializer": tagged}
    s = kind(keys, salt=salt, signer_kwargs=settings, **serializer)
    if q["Do"] == "dumps":
        return s.dumps(tagged.loads(q["JSON"]))
    return tagged.dumps(s.loads(q["Token"]))
`

// signingQuestion is a question for the peer.
type signingQuestion struct {
	Do, Class  string
	Keys       [][]byte
	Salt       []byte
	Derivation signing.KeyDerivation
	Digest     string
	Separator  string
	Value      []byte // to sign
	Token      string // to read; each character is a byte for Signer
	JSON       string // to dump
	Plain      bool   // plain JSON instead of tagged
	fallbacks  []string
	digest     func() hash.Hash
}

// randomBytes are up to n of them, at least one.
func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, 1+r.IntN(n))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// randomQuestion has random settings.
func randomQuestion(r *rand.Rand) *signingQuestion {
	digests := []struct {
		name string
		new  func() hash.Hash
	}{{"sha1", sha1.New}, {"sha256", sha256.New}, {"sha512", sha512.New}, {"sha384", sha512.New384}, {"md5", md5.New}}
	digest := digests[r.IntN(len(digests))]
	derivations := []signing.KeyDerivation{signing.DeriveDjangoConcat, signing.DeriveConcat, signing.DeriveHMAC, signing.DeriveNone}
	separators := []string{".", ":", "::", "~", ".x", "é"}
	q := &signingQuestion{
		Keys:       [][]byte{randomBytes(r, 100)},
		Salt:       randomBytes(r, 40),
		Derivation: derivations[r.IntN(len(derivations))],
		Digest:     digest.name,
		Separator:  separators[r.IntN(len(separators))],
		digest:     digest.new,
	}
	for range r.IntN(3) { // the last key signs
		old := randomBytes(r, 100)
		q.Keys = append([][]byte{old}, q.Keys...)
		q.fallbacks = append([]string{string(old)}, q.fallbacks...)
	}
	return q
}

func (q *signingQuestion) key() string { return string(q.Keys[len(q.Keys)-1]) }

func (q *signingQuestion) options() []signing.Option {
	return []signing.Option{
		signing.Salt(string(q.Salt)), signing.Derivation(q.Derivation), signing.Digest(q.digest),
		signing.Separator(q.Separator), signing.Fallbacks(q.fallbacks...),
	}
}

// onlyOldKeys makes a question as if its newest key was not known yet.
func (q *signingQuestion) onlyOldKeys() bool {
	if len(q.Keys) == 1 {
		return false
	}
	q.Keys = q.Keys[:len(q.Keys)-1]
	return true
}

func fromLatin1(s string) string {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

func TestTextsAreSignedAsByItsdangerous(t *testing.T) {
	peer := startPython(t, itsdangerousPeer, "flask")
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		q := randomQuestion(r)
		s, err := signing.NewSigner(q.key(), q.options()...)
		require.NoError(t, err)
		value := string(randomBytes(r, 200))

		var theirs string
		q.Do, q.Value = "sign", []byte(value)
		peer.ask(t, q, &theirs)
		ours := s.Sign(value)
		require.Equal(t, fromLatin1(theirs), ours, "%+v", q)

		if q.onlyOldKeys() {
			peer.ask(t, q, &theirs)
			got, err := s.Unsign(fromLatin1(theirs))
			require.NoError(t, err, "signed with a former key: %+v", q)
			require.Equal(t, value, got)
			q.Do, q.Token = "unsign", latin1(ours)
			require.Contains(t, peer.try(t, q, nil), "BadSignature", "%+v", q)
		}
	}
}

// randomValue is a value that a session may hold.
func randomValue(r *rand.Rand, depth int) any {
	n := 14
	if depth > 3 {
		n = 11
	}
	switch r.IntN(n) {
	case 0:
		return nil
	case 1:
		return r.IntN(2) == 0
	case 2:
		return r.Int64() >> r.IntN(64) * int64(1-2*r.IntN(2))
	case 3:
		return json.Number(fmt.Sprint(uint64(math.MaxInt64)+1+r.Uint64()>>1) + strings.Repeat("7", r.IntN(30)))
	case 4:
		return randomFloat(r)
	case 5, 6:
		return randomText(r)
	case 7:
		return randomBytes(r, 40)
	case 8:
		return template.HTML(randomText(r))
	case 9:
		var u taggedjson.UUID
		copy(u[:], fmt.Sprintf("%016x", r.Uint64()))
		return u
	case 10:
		return time.Unix(r.Int64N(200_000_000_000)-50_000_000_000, 0).UTC()
	case 11, 12:
		list := make([]any, r.IntN(4))
		for i := range list {
			list[i] = randomValue(r, depth+1)
		}
		if r.IntN(2) == 0 {
			return taggedjson.Tuple(list)
		}
		return list
	}
	return randomMap(r, depth)
}

func randomFloat(r *rand.Rand) float64 {
	for {
		if f := math.Float64frombits(r.Uint64()); !math.IsNaN(f) {
			return f
		}
	}
}

func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(30) {
		b.WriteRune([]rune{rune(r.IntN(128)), rune(r.IntN(0xD800)), '🐍', '"', '\\', 'a'}[r.IntN(6)])
	}
	return b.String()
}

// randomMap often has one key, which often is a tag.
func randomMap(r *rand.Rand, depth int) map[string]any {
	m := make(map[string]any)
	for range 1 + r.IntN(3)*r.IntN(2) {
		key := []string{" t", " di", " t__", " d", "_flashes", ""}[r.IntN(6)]
		if r.IntN(2) == 0 {
			key = randomText(r)
		}
		m[key] = randomValue(r, depth+1)
	}
	return m
}

// jsonSerializer is what the four serializers have in common.
type jsonSerializer struct {
	class string
	dumps func(v any) (string, error)
	loads func(token string) (any, error)
}

// serializers are ours of every class, with the settings of a question.
func (q *signingQuestion) serializers(t *testing.T) []jsonSerializer {
	t.Helper()
	opts := append(q.options(), signing.Format(new(taggedjson.Serializer)))
	plain, err := signing.NewSerializer(q.key(), opts...)
	require.NoError(t, err)
	urlSafe, err := signing.NewURLSafeSerializer(q.key(), opts...)
	require.NoError(t, err)
	timed, err := signing.NewTimedSerializer(q.key(), opts...)
	require.NoError(t, err)
	urlSafeTimed, err := signing.NewURLSafeTimedSerializer(q.key(), opts...)
	require.NoError(t, err)
	return []jsonSerializer{
		{"Serializer", plain.Dumps, func(token string) (v any, err error) {
			err = plain.Loads(token, &v)
			return v, err
		}},
		{"URLSafeSerializer", urlSafe.Dumps, func(token string) (v any, err error) {
			err = urlSafe.Loads(token, &v)
			return v, err
		}},
		{"TimedSerializer", timed.Dumps, func(token string) (v any, err error) {
			_, err = timed.Loads(token, &v, time.Hour)
			return v, err
		}},
		{"URLSafeTimedSerializer", urlSafeTimed.Dumps, func(token string) (v any, err error) {
			_, err = urlSafeTimed.Loads(token, &v, time.Hour)
			return v, err
		}},
	}
}

func TestValuesAreSerializedAsByItsdangerous(t *testing.T) {
	peer := startPython(t, itsdangerousPeer, "flask")
	r := rand.New(rand.NewPCG(3, 4))
	tagged := new(taggedjson.Serializer)
	for range 150 {
		q := randomQuestion(r)
		value := randomMap(r, 0)
		text, err := tagged.Dumps(value)
		require.NoError(t, err)
		for _, s := range q.serializers(t) {
			q.Class = s.class
			var theirs, read string
			q.Do, q.JSON = "dumps", string(text)
			peer.ask(t, q, &theirs)
			got, err := s.loads(theirs)
			require.NoError(t, err, "%+v", q)
			require.True(t, reflect.DeepEqual(any(value), got), "%#v became %#v in Python", value, got)

			q.Do = "loads"
			q.Token, err = s.dumps(value)
			require.NoError(t, err)
			peer.ask(t, q, &read)
			require.Equal(t, string(text), read, "what Python read of ours")
		}
	}
}

func TestPlainJSONIsSerializedAsByItsdangerous(t *testing.T) {
	peer := startPython(t, itsdangerousPeer, "flask")
	q := randomQuestion(rand.New(rand.NewPCG(5, 6)))
	s, err := signing.NewURLSafeTimedSerializer(q.key(), q.options()...)
	require.NoError(t, err)
	for _, want := range []any{"é", 1.5, []any{true, nil}, map[string]any{"user": strings.Repeat("x", 500)}} {
		text, err := json.Marshal(want)
		require.NoError(t, err)
		q.Plain, q.Class, q.Do, q.JSON = true, "URLSafeTimedSerializer", "dumps", string(text)
		var theirs, read string
		peer.ask(t, q, &theirs)
		var got any
		_, err = s.Loads(theirs, &got, time.Hour)
		require.NoError(t, err)
		assert.Equal(t, want, got)

		q.Do = "loads"
		q.Token, err = s.Dumps(want)
		require.NoError(t, err)
		peer.ask(t, q, &read)
		assert.JSONEq(t, string(text), read)
	}
}
