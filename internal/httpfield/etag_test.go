package httpfield

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestETag(t *testing.T) {
	for _, weak := range []bool{false, true} {
		field, err := QuoteETag("a b", weak)
		assert.NoError(t, err)
		etag, isWeak := UnquoteETag(field)
		assert.Equal(t, "a b", etag)
		assert.Equal(t, weak, isWeak)
	}
	for _, etag := range []string{`a"b`, "a\r\nSet-Cookie: b"} {
		_, err := QuoteETag(etag, false)
		assert.Error(t, err)
	}
	_, err := QuoteETag(`a"`, true)
	assert.EqualError(t, err, `the ETag "a\"" has a double quote or a control character, which none can have`)
	assert.Len(t, GenerateETag(nil), 43)
	assert.NotEqual(t, GenerateETag([]byte("a")), GenerateETag([]byte("b")))
}
