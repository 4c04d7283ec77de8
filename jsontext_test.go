package retort_test

import (
	"encoding/binary"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// wide writes text in UTF-16 or UTF-32.
func wide(text string, size int, order binary.AppendByteOrder) string {
	var out []byte
	if size == 2 {
		for _, u := range utf16.Encode([]rune(text)) {
			out = order.AppendUint16(out, u)
		}
		return string(out)
	}
	for _, r := range text {
		out = order.AppendUint32(out, uint32(r))
	}
	return string(out)
}

func TestJSONInAnyUnicodeEncoding(t *testing.T) {
	const text, mark = `{"b": "ü😀"}`, "\uFEFF"
	for name, body := range map[string]string{
		"UTF-8":                text,
		"UTF-8 with a mark":    mark + text,
		"UTF-16BE":             wide(text, 2, binary.BigEndian),
		"UTF-16LE":             wide(text, 2, binary.LittleEndian),
		"UTF-16BE with a mark": wide(mark+text, 2, binary.BigEndian),
		"UTF-16LE with a mark": wide(mark+text, 2, binary.LittleEndian),
		"UTF-32BE":             wide(text, 4, binary.BigEndian),
		"UTF-32LE":             wide(text, 4, binary.LittleEndian),
		"UTF-32BE with a mark": wide(mark+text, 4, binary.BigEndian),
		"UTF-32LE with a mark": wide(mark+text, 4, binary.LittleEndian),
	} {
		var n note
		require.NoError(t, posted(quiet(), "/", body, "application/json").Request.JSON(&n), name)
		assert.Equal(t, note{B: "ü😀"}, n, name)
		n = note{}
		require.NoError(t, posted(quiet(), "/", body, "application/json").Request.BindJSON(&n), name)
		assert.Equal(t, note{B: "ü😀"}, n, name)
	}
	var n any
	require.NoError(t, posted(quiet(), "/", "7\x00", "application/json").Request.JSON(&n), "one digit in UTF-16LE")
	assert.InDelta(t, 7, n, 0)
}

func TestJSONThatIsNoUnicode(t *testing.T) {
	for name, body := range map[string]string{
		"latin-1":                   "\"\xfc\"",
		"half a code unit":          wide(`"a"`, 2, binary.BigEndian) + "\x00",
		"half a pair":               "\x00\"\xd8\x00\x00\"",
		"a pair in the wrong order": "\x00\"\xdc\x00\xd8\x00\x00\"",
		"a rune that is too large":  "\x00\x00\x00\"\xff\xff\xff\xff\x00\x00\x00\"",
	} {
		app := quiet()
		app.Config.Set("DEBUG", true)
		err := posted(app, "/", body, "application/json; charset=latin-1").Request.JSON(new(any))
		var e *retort.HTTPError
		require.ErrorAs(t, err, &e, name)
		assert.Equal(t, 400, e.Code, name)
		assert.Equal(t, "The body is not the JSON that was expected: the text is not UTF-8", e.Description, name)
	}
}

func TestJSONOptions(t *testing.T) {
	for _, tt := range []struct {
		name, body, contentType string
		options                 []retort.JSONOption
		want                    string
		code                    int
	}{
		{"forced", `"new"`, "text/plain", []retort.JSONOption{retort.ForceJSON}, "new", 0},
		{"forced, but no JSON", `{`, "text/plain", []retort.JSONOption{retort.ForceJSON}, "old", 400},
		{"silent", `"new"`, "application/json", []retort.JSONOption{retort.SilentJSON}, "new", 0},
		{"silent, and no JSON type", `"new"`, "text/plain", []retort.JSONOption{retort.SilentJSON}, "old", 0},
		{"silent, and no JSON", `{`, "application/json", []retort.JSONOption{retort.SilentJSON}, "old", 0},
		{"silent, and another type", `7`, "application/json", []retort.JSONOption{retort.SilentJSON}, "old", 0},
		{"forced and silent", `x`, "", []retort.JSONOption{retort.ForceJSON, retort.SilentJSON}, "old", 0},
		{"silent, but too large", `"1234567890"`, "application/json", []retort.JSONOption{retort.SilentJSON}, "old", 413},
	} {
		app := quiet()
		app.Config.Set("MAX_CONTENT_LENGTH", 10)
		v := "old"
		err := posted(app, "/", tt.body, tt.contentType).Request.JSON(&v, tt.options...)
		assert.Equal(t, tt.want, v, tt.name)
		if tt.code == 0 {
			assert.NoError(t, err, tt.name)
			continue
		}
		var e *retort.HTTPError
		require.ErrorAs(t, err, &e, tt.name)
		assert.Equal(t, tt.code, e.Code, tt.name)
	}
}
