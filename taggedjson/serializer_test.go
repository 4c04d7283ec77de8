package taggedjson_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/taggedjson"
)

// dumps is the text of v without any tags of its own.
func dumps(t testing.TB, v any) string {
	t.Helper()
	text, err := new(taggedjson.Serializer).Dumps(v)
	require.NoError(t, err)
	return string(text)
}

func loads(t testing.TB, text string) any {
	t.Helper()
	var v any
	require.NoError(t, new(taggedjson.Serializer).Loads([]byte(text), &v))
	return v
}

var second = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

// TestTextsAreThoseOfFlask: each comes back as it was.
func TestTextsAreThoseOfFlask(t *testing.T) {
	cases := []struct {
		name  string
		value any
		want  string
	}{
		{"None", nil, `null`},
		{"True", true, `true`},
		{"an integer", int64(-7), `-7`},
		{"the largest int64", int64(math.MaxInt64), `9223372036854775807`},
		{"a larger one", json.Number("9223372036854775808"), `9223372036854775808`},
		{"a float", 1.5, `1.5`},
		{"a float without fraction", 2.0, `2.0`},
		{"minus zero", math.Copysign(0, -1), `-0.0`},
		{"a large float", 1e16, `1e+16`},
		{"a float that is not so large", 1e15, `1000000000000000.0`},
		{"a small float", 0.0001, `0.0001`},
		{"a smaller float", 0.00001, `1e-05`},
		{"an infinite float", math.Inf(-1), `-Infinity`},
		{"a text", "a\"b\\c/\b\f\n\r\t\x00\x7f", `"a\"b\\c/\b\f\n\r\t\u0000\u007f"`},
		{"a text that is not ASCII", "é\u2028🐍", `"\u00e9\u2028\ud83d\udc0d"`},
		{"HTML", "<b>&'", `"<b>&'"`},
		{"an empty list", []any{}, `[]`},
		{"a list", []any{int64(1), []any{"a"}}, `[1,["a"]]`},
		{"an empty dict", map[string]any{}, `{}`},
		{"a dict", map[string]any{"b": int64(1), "a": nil, "ä": int64(2)}, `{"a":null,"b":1,"\u00e4":2}`},
		{"an empty tuple", taggedjson.Tuple{}, `{" t":[]}`},
		{"a tuple", taggedjson.Tuple{int64(1), taggedjson.Tuple{"x"}}, `{" t":[1,{" t":["x"]}]}`},
		{"bytes", []byte("\xff"), `{" b":"/w=="}`},
		{"Markup", template.HTML("<b>"), `{" m":"<b>"}`},
		{"a UUID", taggedjson.UUID{15: 1}, `{" u":"00000000000000000000000000000001"}`},
		{"a datetime", second, `{" d":"Thu, 02 Jan 2020 03:04:05 GMT"}`},
		{"a dict that looks like a tuple", map[string]any{" t": []any{int64(1)}}, `{" di":{" t__":[1]}}`},
		{"a dict that looks like such a dict", map[string]any{" di": map[string]any{" t__": []any{}}}, `{" di":{" di__":{" t__":[]}}}`},
		{"a dict with a tag among others", map[string]any{" t": int64(1), "a": int64(2)}, `{" t":1,"a":2}`},
		{"a dict with an escaped tag", map[string]any{" t__": int64(1)}, `{" t__":1}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, dumps(t, c.value))
			assert.Equal(t, c.value, loads(t, c.want))
		})
	}
}

type (
	color  string
	level  int8
	digest [16]byte
	shop   struct {
		Name  string    `json:"name"`
		Since time.Time `json:"since"`
		Tags  []string  `json:"tags,omitempty"`
	}
	point struct{ x, y int }
)

func (p point) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%d/%d", p.x, p.y), nil }

// TestOtherTypesAreWrittenAsWhatTheyAreMadeOf and read as the plain type.
func TestOtherTypesAreWrittenAsWhatTheyAreMadeOf(t *testing.T) {
	one := 1
	now := second
	cases := []struct {
		name  string
		value any
		want  string
	}{
		{"integers", []any{int(1), int8(-1), uint8(2), uint64(math.MaxUint64), level(3)}, `[1,-1,2,18446744073709551615,3]`},
		{"a float32", float32(0.1), `0.1`},
		{"a named text", color("red"), `"red"`},
		{"a slice", []string{"a", "b"}, `["a","b"]`},
		{"an array", [2]bool{true}, `[true,false]`},
		{"a nil slice", []string(nil), `[]`},
		{"a nil list", []any(nil), `[]`},
		{"a nil map", map[string]any(nil), `{}`},
		{"a slice of times", []time.Time{second}, `[{" d":"Thu, 02 Jan 2020 03:04:05 GMT"}]`},
		{"a time of another zone, with a fraction", second.Add(time.Millisecond).In(time.FixedZone("", 3600)), `{" d":"Thu, 02 Jan 2020 03:04:05 GMT"}`},
		{"a pointer to a time", &now, `{" d":"Thu, 02 Jan 2020 03:04:05 GMT"}`},
		{"a map of texts", map[string]string{"b": "1", "a": "2"}, `{"a":"2","b":"1"}`},
		{"a map of a named type", map[color]level{" t": 1}, `{" di":{" t__":1}}`},
		{"a map of integers", map[int]uint{-1: 1}, `{"-1":1}`},
		{"a map of unsigned integers", map[uint]bool{1: true}, `{"1":true}`},
		{"a map of values with a text", map[point]int{{1, 2}: 3}, `{"1/2":3}`},
		{"16 bytes of any type", digest{1}, `{" u":"01000000000000000000000000000000"}`},
		{"16 bytes", [16]byte{1}, `{" u":"01000000000000000000000000000000"}`},
		{"bytes of another type", json.RawMessage(`{"b":"é","a":[1]}`), `{"a":[1],"b":"\u00e9"}`},
		{"raw bytes of another type", append(rawBytes(nil), 1), `{" b":"AQ=="}`},
		{"a struct", shop{"é", second, nil}, `{"name":"\u00e9","since":"2020-01-02T03:04:05Z"}`},
		{"a pointer to a struct", &shop{Name: "x", Tags: []string{"y"}}, `{"name":"x","since":"0001-01-01T00:00:00Z","tags":["y"]}`},
		{"a struct that looks like a tuple", struct {
			T int `json:" t"`
		}{1}, `{" di":{" t__":1}}`},
		{"a pointer", &one, `1`},
		{"a nil pointer", (*shop)(nil), `null`},
		{"a value with a text", point{1, 2}, `"1/2"`},
		{"a large integer", new(big.Int).Lsh(big.NewInt(1), 70), `1180591620717411303424`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, dumps(t, c.value))
			assert.Equal(t, c.want, dumps(t, loads(t, c.want)))
		})
	}
}

type rawBytes []byte

type endless *endless

func TestWhatCannotBeWrittenSaysWhere(t *testing.T) {
	list := []any{1}
	list[0] = list
	var pointer endless
	pointer = &pointer
	cases := []struct {
		name  string
		value any
		want  string
	}{
		{"a function", func() {}, "taggedjson: a func() cannot be written as JSON"},
		{"a channel within", map[string]any{"cart": []any{1, map[string]any{"c": make(chan int)}}},
			`taggedjson: at "cart", "1", "c": a chan int cannot be written as JSON`},
		{"under a tag", map[string]any{" t": 1i}, `taggedjson: at " t": a complex128 cannot be written as JSON`},
		{"a map with keys of another type", map[float64]int{1: 1}, "taggedjson: a map with keys of type float64 cannot be written as JSON; take strings"},
		{"a number that is none", json.Number("1.x"), `taggedjson: the json.Number "1.x" is no number`},
		{"an empty number", json.Number(""), `taggedjson: the json.Number "" is no number`},
		{"a long number", json.Number(strings.Repeat("1", 4301)), "taggedjson: a number of more than 4300 digits"},
		{"a struct with a function", struct{ F func() }{}, "taggedjson: json: unsupported type: func()"},
		{"a list within itself", list, "taggedjson: nested more than 200 deep, or within itself"},
		{"a pointer to itself", pointer, "taggedjson: nested more than 200 deep, or within itself"},
		{"a time too early", time.Time{}, "taggedjson: a time before the year 100 or after 9999 has no text"},
		{"a time too late", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "taggedjson: a time before the year 100 or after 9999 has no text"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := new(taggedjson.Serializer).Dumps(c.value)
			require.EqualError(t, err, c.want)
		})
	}
}

func TestNaNIsReadAndWritten(t *testing.T) {
	assert.Equal(t, `[NaN]`, dumps(t, []float64{math.NaN()}))
	list := loads(t, `[NaN,Infinity,1e999]`).([]any)
	assert.True(t, math.IsNaN(list[0].(float64)))
	assert.Equal(t, []any{math.Inf(1), math.Inf(1)}, list[1:])
}

// TestOtherTextsOfTheSameValues: what JSON allows and Dumps does not write.
func TestOtherTextsOfTheSameValues(t *testing.T) {
	cases := []struct {
		text string
		want any
	}{
		{" \t\n\r{ \"a\" : [ 1 , 2 ] } ", map[string]any{"a": []any{int64(1), int64(2)}}},
		{`{"a":1,"a":2}`, map[string]any{"a": int64(2)}},
		{`{" t":1," t":[2]}`, taggedjson.Tuple{int64(2)}},
		{`"\/\u00E9\ud83d\uDC0Dé"`, "/é🐍é"},
		{`"\ud83d"`, "\uFFFD"},
		{`"\ud83dx"`, "\uFFFDx"},
		{`"\ud83d\u0041"`, "\uFFFDA"},
		{`"\udc0d\ud83d\udc0d"`, "\uFFFD🐍"},
		{`-0`, int64(0)},
		{`1E2`, 100.0},
		{`0.50e-1`, 0.05},
		{`{" u":"2B5B0911-FDCF-4DD2-921B-28ACE88DB8A0"}`, taggedjson.UUID{0x2b, 0x5b, 0x09, 0x11, 0xfd, 0xcf, 0x4d, 0xd2, 0x92, 0x1b, 0x28, 0xac, 0xe8, 0x8d, 0xb8, 0xa0}},
		{`{" d":"Thu Jan  2 03:04:05 2020"}`, second},
		{`{" d":"no date"}`, nil},
		{`{" x":1}`, map[string]any{" x": int64(1)}},
		{`{" t":[1],"a":2}`, map[string]any{" t": []any{int64(1)}, "a": int64(2)}},
	}
	for _, c := range cases {
		assert.Equal(t, c.want, loads(t, c.text), c.text)
	}
}

func TestTextsThatAreRefused(t *testing.T) {
	cases := []struct{ text, want string }{
		{``, "no JSON: at byte 0 there should be a value"},
		{` `, "no JSON: at byte 1 there should be a value"},
		{`nul`, "no JSON: at byte 0 there should be a value"},
		{`1 2`, "no JSON: at byte 2 there should be the end"},
		{`01`, "no JSON: at byte 1 there should be the end"},
		{`-`, "no JSON: at byte 1 there should be a digit"},
		{`-Inf`, "no JSON: at byte 0 there should be a value"},
		{`1.`, "no JSON: at byte 2 there should be a digit"},
		{`1e+`, "no JSON: at byte 3 there should be a digit"},
		{`[1`, `no JSON: at byte 2 there should be "," or "]"`},
		{`[1,]`, "no JSON: at byte 3 there should be a value"},
		{`{1:2}`, "no JSON: at byte 1 there should be a string as key"},
		{`{"a"}`, `no JSON: at byte 4 there should be ":"`},
		{`{"a":1`, `no JSON: at byte 6 there should be "," or "}"`},
		{`{"a":1,}`, "no JSON: at byte 7 there should be a string as key"},
		{`{"a":1,"b":2`, `no JSON: at byte 12 there should be "," or "}"`},
		{`"a`, `no JSON: at byte 2 there should be "\""`},
		{`"\n`, `no JSON: at byte 3 there should be "\""`},
		{"\"a\nb\"", "no JSON: at byte 2 there should be no control character"},
		{"\"\\na\nb\"", "no JSON: at byte 4 there should be no control character"},
		{`"\`, "no JSON: at byte 2 there should be an escape"},
		{`"\x"`, "no JSON: at byte 2 there should be an escape"},
		{`"\u12"`, "no JSON: at byte 3 there should be four hexadecimal digits"},
		{`"\u12g4"`, "no JSON: at byte 3 there should be four hexadecimal digits"},
		{"\"\xff\"", "no JSON: the text is not UTF-8"},
		{"\uFEFF1", "no JSON: at byte 0 there should be a value"},
		{strings.Repeat("1", 4301), "a number of more than 4300 digits"},
		{strings.Repeat("[", 1_000_000), "nested more than 200 deep, or within itself"},
		{strings.Repeat(" ", 16<<20+1), "a text of more than 16777216 bytes"},
		{`{" di":1}`, `the tag " di": its value is an object with one key, not a int64`},
		{`{" di":{}}`, `the tag " di": its value is an object with one key, not a map`},
		{`{" di":{"a":1}}`, `the tag " di": the key does not end with "__"`},
		{`{" t":"ab"}`, `the tag " t": its value is a list, not a string`},
		{`{" b":[]}`, `the tag " b": its value is a string, not a list`},
		{`{" b":"/w="}`, `the tag " b": illegal base64 data at input byte 3`},
		{`{" m":null}`, `the tag " m": its value is a string, not a null`},
		{`{" u":"00"}`, `the tag " u": a UUID has 32 hexadecimal digits`},
		{`{" u":"0000000000000000000000000000000x"}`, `the tag " u": a UUID has 32 hexadecimal digits`},
		{`{" d":1}`, `the tag " d": its value is a string, not a int64`},
	}
	for _, c := range cases {
		var v any = "as it was"
		err := new(taggedjson.Serializer).Loads([]byte(c.text), &v)
		require.EqualError(t, err, "taggedjson: "+c.want, "%.40q", c.text)
		assert.Equal(t, "as it was", v)
	}
}

func TestValuesNestUpToTheSameDepthBothWays(t *testing.T) {
	deepest := strings.Repeat("[", 200) + strings.Repeat("]", 200)
	assert.Equal(t, deepest, dumps(t, loads(t, deepest)))
	scalar := strings.Repeat("[", 200) + "1" + strings.Repeat("]", 200)
	assert.Equal(t, scalar, dumps(t, loads(t, scalar)))
	tuples := strings.Repeat(`{" t":[`, 100) + strings.Repeat("]}", 100)
	assert.Equal(t, tuples, dumps(t, loads(t, tuples)))
	for _, value := range []any{taggedjson.Tuple{}, []byte{}, map[string]any{" t": 1}, map[string]any{}, digest{}} {
		for range 199 {
			value = []any{value}
		}
		text, err := new(taggedjson.Serializer).Dumps(value)
		if err == nil {
			loads(t, string(text))
		}
		_, err = new(taggedjson.Serializer).Dumps([]any{value})
		require.EqualError(t, err, "taggedjson: nested more than 200 deep, or within itself")
	}
}

func TestAValueIsStoredOnlyWhereItFits(t *testing.T) {
	s := new(taggedjson.Serializer)
	var m map[string]any
	require.NoError(t, s.Loads([]byte(`{"a":1}`), &m))
	assert.Equal(t, map[string]any{"a": int64(1)}, m)
	require.EqualError(t, s.Loads([]byte(`[]`), &m), "taggedjson: the text has a list, not a map")
	require.EqualError(t, s.Loads([]byte(`null`), &m), "taggedjson: the text has a null, not a map")
	var n int64
	require.NoError(t, s.Loads([]byte(`7`), &n))
	assert.Equal(t, int64(7), n)
	require.EqualError(t, s.Loads([]byte(`"7"`), &n), "taggedjson: the text has a string, not a int64")
	require.EqualError(t, s.Loads([]byte(`null`), &n), "taggedjson: the text has a null, not a int64")
	require.EqualError(t, s.Loads([]byte(`7`), n), "taggedjson: Loads needs a pointer to store the value in, not a int64")
	require.EqualError(t, s.Loads([]byte(`7`), (*int64)(nil)), "taggedjson: Loads needs a pointer to store the value in, not a ptr")
}

func TestUUIDsAreWrittenInFull(t *testing.T) {
	assert.Equal(t, "2b5b0911-fdcf-4dd2-921b-28ace88db8a0", loads(t, `{" u":"2b5b0911fdcf4dd2921b28ace88db8a0"}`).(fmt.Stringer).String())
}

// FuzzLoads: nothing panics, and what is read is written so that it is read as
// the same again.
func FuzzLoads(f *testing.F) {
	for _, seed := range []string{
		`{"t":{" t":[1,2]},"b":{" b":"/w=="},"m":{" m":"<b>"},"u":{" u":"00000000000000000000000000000001"},"d":{" d":"Thu, 02 Jan 2020 03:04:05 GMT"}," t":1}`,
		`{" di":{" t__":[NaN,-Infinity,1e-7,12345678901234567890]}}`,
		`{" t":1," t":[2]}`, `{" d":"1 Jan 0001 00:00:00"}`, `{" d":"Fri, 31 Dec 9999 23:59:59 -2300"}`, `["\ud83d\udc0d\u00e9\/"]`, `[[[`,
	} {
		f.Add([]byte(seed))
	}
	s := new(taggedjson.Serializer)
	f.Fuzz(func(t *testing.T, text []byte) {
		var v, again any
		if s.Loads(text, &v) != nil {
			return
		}
		first, err := s.Dumps(v)
		require.NoError(t, err)
		require.NoError(t, s.Loads(first, &again), "%s", first)
		second, err := s.Dumps(again)
		require.NoError(t, err)
		assert.Equal(t, string(first), string(second))
		if !strings.Contains(string(first), "NaN") && !reflect.DeepEqual(v, again) {
			t.Errorf("%s: %#v became %#v", text, v, again)
		}
	})
}

func BenchmarkSerializer(b *testing.B) {
	s := new(taggedjson.Serializer)
	value := map[string]any{"_permanent": true, "user_id": 42, "name": "bob", "csrf": "ImQ0ZjM0NzY5MmY1ZjQ0"}
	text, err := s.Dumps(value)
	require.NoError(b, err)
	b.Run("dumps", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = s.Dumps(value)
		}
	})
	b.Run("loads", func(b *testing.B) {
		b.ReportAllocs()
		var m map[string]any
		for b.Loop() {
			_ = s.Loads(text, &m)
		}
	})
}

var errSecret = errors.New("not for everyone")
