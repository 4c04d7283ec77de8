package retort

import (
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type (
	namedMap   map[string]int
	ownMap     map[string]int
	ownSlice   []int
	jsonNote   struct{ B, A string }
	badMarshal struct{}
)

func (ownMap) MarshalJSON() ([]byte, error)     { return []byte(`"own"`), nil }
func (ownSlice) MarshalText() ([]byte, error)   { return []byte("text"), nil }
func (badMarshal) MarshalJSON() ([]byte, error) { return nil, errors.New("no luck") }

func TestEncodeJSON(t *testing.T) {
	for _, tt := range []struct {
		name string
		v    any
		want string
	}{
		{"a map is sorted", H{"b": 1, "a": []any{true, nil, "x"}}, `{"a":[true,null,"x"],"b":1}`},
		{"a struct keeps its order", jsonNote{"1", "2"}, `{"B":"1","A":"2"}`},
		{"nested", H{"a": H{"b": []H{{"c": 1}}}}, `{"a":{"b":[{"c":1}]}}`},
		{"a nil map", H(nil), `{}`},
		{"a nil map of a named type", namedMap(nil), `{}`},
		{"a nil slice", []int(nil), `[]`},
		{"an empty map and slice", []any{H{}, []int{}}, `[{},[]]`},
		{"nil further down is null", H{"a": []int(nil), "b": H(nil)}, `{"a":null,"b":null}`},
		{"a nil map with a JSON text of its own", ownMap(nil), `"own"`},
		{"a nil slice with a text of its own", ownSlice(nil), `"text"`},
		{"nil", nil, `null`},
		{"what is not ASCII", "aé€😀\u007f", `"a\u00e9\u20ac\ud83d\ude00` + "\x7f" + `"`},
		{"a key that is not ASCII", H{"ü": 1}, `{"\u00fc":1}`},
		{"HTML is not escaped", "<a href='x'>&</a>", `"<a href='x'>&</a>"`},
		{"line separators of JavaScript", "\u2028\u2029", `"\u2028\u2029"`},
		{"control characters", "\x00\t\n\r\x1f\"\\/", `"\u0000\t\n\r\u001f\"\\/"`},
		{"bytes that are no UTF-8", "a\xffb\xed\xa0\x80", `"a\ufffdb\ufffd\ufffd\ufffd"`},
		{"JSON as it is", json.RawMessage(`{"z": "ü", "a": 1}`), `{"z":"\u00fc","a":1}`},
		{"a number beyond 53 bits", uint64(math.MaxUint64), `18446744073709551615`},
		{"a time", time.Date(2024, 2, 29, 1, 2, 3, 0, time.UTC), `"2024-02-29T01:02:03Z"`},
		{"bytes are base64", []byte("hi"), `"aGk="`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := encodeJSON(tt.v, jsonOptions{})
			require.NoError(t, err)
			assert.Equal(t, tt.want+"\n", string(got))
			assert.True(t, json.Valid(got))
		})
	}
	got, err := encodeJSON(H{"a": []int{1}, "ü": H{}}, jsonOptions{indent: true})
	require.NoError(t, err)
	assert.Equal(t, "{\n  \"a\": [\n    1\n  ],\n  \"\\u00fc\": {}\n}\n", string(got))
}

func TestEncodeJSONRefuses(t *testing.T) {
	loop := make(map[string]any)
	loop["self"] = loop
	for _, tt := range []struct {
		name string
		v    any
		want string
	}{
		{"a channel", make(chan int), "a chan int cannot be written as JSON: json: unsupported type: chan int"},
		{"a function further down", H{"f": func() {}}, "a retort.H cannot be written as JSON: json: unsupported type: func()"},
		{"no number", []float64{math.NaN()}, "a []float64 cannot be written as JSON: json: unsupported value: NaN"},
		{"a loop", loop, "a map[string]interface {} cannot be written as JSON: json: unsupported value: encountered a cycle via map[string]interface {}"},
		{"a MarshalJSON that fails", badMarshal{}, "a retort.badMarshal cannot be written as JSON: json: error calling MarshalJSON for type retort.badMarshal: no luck"},
		{"JSON that is none", json.RawMessage(`{`), "a json.RawMessage cannot be written as JSON: json: error calling MarshalJSON for type json.RawMessage: unexpected end of JSON input"},
	} {
		_, err := encodeJSON(tt.v, jsonOptions{})
		assert.EqualError(t, err, tt.want, tt.name)
	}
}

// FuzzEscapedNonASCII: the JSON text of any string is ASCII, and decodes to what
// encoding/json alone would have it decode to.
func FuzzEscapedNonASCII(f *testing.F) {
	for _, seed := range []string{"", "plain", "é", "😀\U0010ffff", "\xff\xed\xa0\x80", "\u2028", `\u00e9`, "a\x00\"\\"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		plain, err := json.Marshal(s)
		require.NoError(t, err)
		escaped := escapedNonASCII(plain)
		for _, c := range escaped {
			require.Less(t, c, byte(utf8.RuneSelf))
		}
		var want, got string
		require.NoError(t, json.Unmarshal(plain, &want))
		require.NoError(t, json.Unmarshal(escaped, &got))
		require.Equal(t, want, got)
	})
}
