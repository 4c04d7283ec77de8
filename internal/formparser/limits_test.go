package formparser

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// endless is a body that begins with head and repeats body for ever. It counts
// what was read of it.
type endless struct {
	head, body string
	off, read  int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.head)
	e.head = e.head[n:]
	for n < len(p) {
		m := copy(p[n:], e.body[e.off:])
		e.off = (e.off + m) % len(e.body)
		n += m
	}
	e.read += n
	return n, nil
}

func limitError(t *testing.T, body, contentType string, limits Limits) *LimitError {
	t.Helper()
	form, err := Parse(strings.NewReader(body), contentType, limits)
	if err == nil {
		require.NoError(t, form.Close())
		return nil
	}
	var limit *LimitError
	require.ErrorAs(t, err, &limit)
	return limit
}

func TestLimitsHoldAtTheExactByte(t *testing.T) {
	const urlencoded = "application/x-www-form-urlencoded"
	headerOf := func(size int) string { // the size is with its line breaks
		h := "Content-Disposition: form-data; name=a\r\nX: "
		return "--B\r\n" + h + strings.Repeat("x", size-len(h)-4) + "\r\n\r\n1\r\n--B--\r\n"
	}
	headerWith := func(n int) string {
		return "--B\r\nContent-Disposition: form-data; name=a\r\n" + strings.Repeat(" x\r\n", n-1) + "\r\n1\r\n--B--\r\n"
	}
	for _, tt := range []struct {
		name, contentType string
		within, beyond    string
		limits            Limits
		want              LimitError
		message           string
	}{
		{"the value of a text field", multipartB, field("a", "1234") + end, field("a", "12345") + end,
			Limits{FormMemorySize: 4}, LimitError{FormMemorySize, 4, 1},
			"the text fields of the form have more than 4 bytes (MAX_FORM_MEMORY_SIZE); send a long text as a file, or raise the limit"},
		{"text fields together", multipartB, field("a", "12") + file("f", "n", "12345") + field("a", "34") + end, field("a", "12") + field("a", "345") + end,
			Limits{FormMemorySize: 4}, LimitError{FormMemorySize, 4, 2},
			"the text fields of the form have more than 4 bytes (MAX_FORM_MEMORY_SIZE); send a long text as a file, or raise the limit"},
		{"text fields by default", multipartB, field("a", strings.Repeat("x", 500_000)) + end, field("a", strings.Repeat("x", 500_001)) + end,
			Limits{}, LimitError{FormMemorySize, 500_000, 1},
			"the text fields of the form have more than 500000 bytes (MAX_FORM_MEMORY_SIZE); send a long text as a file, or raise the limit"},
		{"a urlencoded body", urlencoded, "a=12", "a=123", Limits{FormMemorySize: 4}, LimitError{FormMemorySize, 4, 0},
			"the text fields of the form have more than 4 bytes (MAX_FORM_MEMORY_SIZE); send a long text as a file, or raise the limit"},
		{"a urlencoded body by default", urlencoded, "a=" + strings.Repeat("x", 499_998), "a=" + strings.Repeat("x", 499_999), Limits{}, LimitError{FormMemorySize, 500_000, 0},
			"the text fields of the form have more than 500000 bytes (MAX_FORM_MEMORY_SIZE); send a long text as a file, or raise the limit"},
		{"parts", multipartB, field("a", "1") + file("f", "n", "1") + end, field("a", "1") + file("f", "n", "1") + field("a", "1") + end,
			Limits{FormParts: 2}, LimitError{FormParts, 2, 3}, "the form has more than 2 parts (MAX_FORM_PARTS)"},
		{"parts by default", multipartB, strings.Repeat(field("a", ""), 1000) + end, strings.Repeat(field("a", ""), 1001) + end,
			Limits{}, LimitError{FormParts, 1000, 1001}, "the form has more than 1000 parts (MAX_FORM_PARTS)"},
		{"the size of a header", multipartB, headerOf(maxPartHeaderSize), headerOf(maxPartHeaderSize + 1),
			Limits{}, LimitError{PartHeaderSize, maxPartHeaderSize, 1}, "the header of part 1 of the form has more than 8192 bytes"},
		{"the lines of a header", multipartB, field("a", "1") + headerWith(maxPartHeaderLines), field("a", "1") + headerWith(maxPartHeaderLines+1),
			Limits{}, LimitError{PartHeaderLines, maxPartHeaderLines, 2}, "the header of part 2 of the form has more than 32 lines"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Nil(t, limitError(t, tt.within, tt.contentType, tt.limits))
			got := limitError(t, tt.beyond, tt.contentType, tt.limits)
			require.NotNil(t, got)
			assert.Equal(t, tt.want, *got)
			assert.Equal(t, tt.message, got.Error())
		})
	}
}

func TestNegativeLimitsAreNone(t *testing.T) {
	none := Limits{FormMemorySize: -1, FormParts: -1, FileMemorySize: -1}
	body := strings.Repeat(field("a", strings.Repeat("x", 600)), 1001) + file("f", "n", strings.Repeat("x", 600<<10)) + end
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing")) // a temporary file would be an error
	assert.Nil(t, limitError(t, body, multipartB, none))
	assert.Nil(t, limitError(t, strings.Repeat("a", 600_000), "application/x-www-form-urlencoded", none))
}

// A body without an end shows that a limit holds before the bytes are kept: not
// much more than the limit is read (CVE-2024-49767, CVE-2023-25577).
func TestLimitsHoldBeforeMemoryIsSpent(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	head := "--B\r\nContent-Disposition: form-data; name=a\r\n"
	for _, tt := range []struct {
		name, contentType string
		body              endless
		limit             Limit
		most              int // bytes read
	}{
		{"one text field", multipartB, endless{head: head + "\r\n", body: "x"}, FormMemorySize, 500_000 + 2*windowSize},
		{"one text field of line breaks", multipartB, endless{head: head + "\r\n", body: "\r\n"}, FormMemorySize, 500_000 + 2*windowSize},
		{"small text fields", multipartB, endless{body: head + "\r\nx\r\n"}, FormParts, 1000*len(head+"\r\nx\r\n") + 2*windowSize},
		{"small files", multipartB, endless{body: file("f", "n", "x")}, FormParts, 1000*len(file("f", "n", "x")) + 2*windowSize},
		{"one header field", multipartB, endless{head: head + "X: ", body: "x"}, PartHeaderSize, windowSize},
		{"header fields", multipartB, endless{head: head, body: "X: 1\r\n"}, PartHeaderLines, windowSize},
		{"continuations", multipartB, endless{head: head, body: " \n"}, PartHeaderLines, windowSize},
		{"a urlencoded body", "application/x-www-form-urlencoded", endless{body: "&"}, FormMemorySize, 500_001},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(&tt.body, tt.contentType, Limits{})
			var limit *LimitError
			require.ErrorAs(t, err, &limit)
			assert.Equal(t, tt.limit, limit.Limit)
			assert.LessOrEqual(t, tt.body.read, tt.most)
		})
	}
}
