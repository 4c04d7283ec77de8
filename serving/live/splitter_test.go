//go:build retort_dev

package live

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const mark = "<script></script>"

// split passes pieces through a splitter; an empty one stands for a flush.
func split(t testing.TB, pieces ...string) string {
	var s splitter
	var out bytes.Buffer
	for _, p := range pieces {
		if p == "" {
			require.NoError(t, s.flush(&out))
		}
		require.NoError(t, s.write(&out, []byte(p)))
	}
	require.NoError(t, s.finish(&out, mark))
	return out.String()
}

func TestWhereTheScriptComes(t *testing.T) {
	long := strings.Repeat("x", maxTail)
	for _, tt := range []struct{ name, page, want string }{
		{"before the end of the body", "<body>a</body></html>\n", "<body>a" + mark + "</body></html>\n"},
		{"whatever the case and the space", "a</BODY\n></HTML >", "a" + mark + "</BODY\n></HTML >"},
		{"before the last one", "a</body>b</body>", "a</body>b" + mark + "</body>"},
		{"with a comment behind it", "a</body><!-- 3 ms --></html>", "a" + mark + "</body><!-- 3 ms --></html>"},
		{"at the end without one", "Hello", "Hello" + mark},
		{"in a page without anything", "", mark},
		{"at the end behind a word in a script", "<script>'</body>'</script>", "<script>'</body>'</script>" + mark},
		{"at the end behind a word in a comment", "<!-- </body> -->", "<!-- </body> -->" + mark},
		{"at the end behind one that is far away", "a</body>" + long, "a</body>" + long + mark},
		{"not before another element", "a</bodywork>", "a</bodywork>" + mark},
		{"at the end of an unfinished tag", "a</body", "a</body" + mark},
		{"after what only begins like it", "a</body</body>", "a</body" + mark + "</body>"},
		{"after two angles", "a<</body>", "a<" + mark + "</body>"},
	} {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, split(t, tt.page)) })
	}
}

func TestAFlushHoldsBackOnlyWhatCannotBeSeen(t *testing.T) {
	for _, tt := range []struct{ page, sent string }{
		{"<p>one", "<p>one"},
		{"<p>one</p><", "<p>one</p>"},
		{"<p>one</bod", "<p>one"},
		{"<p>one</body>", "<p>one"},
		{"<p>one</body>\n</html>\n<!-- x -->", "<p>one"},
		{"<p>one</body></ht", "<p>one"},
		{"<p>one</body>two", "<p>one</body>two"},
		{"<p>one</body><p>two", "<p>one</body><p>two"},
	} {
		var s splitter
		var out bytes.Buffer
		require.NoError(t, s.write(&out, []byte(tt.page)))
		require.NoError(t, s.flush(&out))
		assert.Equal(t, tt.sent, out.String(), tt.page)
		require.NoError(t, s.finish(&out, mark))
		assert.Equal(t, tt.page, strings.Replace(out.String(), mark, "", 1), tt.page)
	}
}

func TestAPageIsNotBuffered(t *testing.T) {
	var s splitter
	var out bytes.Buffer
	written := 0
	for range 1000 {
		require.NoError(t, s.write(&out, []byte("a </body> b < c </b")))
		written += 19
		assert.LessOrEqual(t, written-out.Len(), maxTail)
		assert.LessOrEqual(t, cap(s.held), 4*maxTail)
	}
}

// FuzzSplitter: whatever the pieces are, the output is that of the page as a
// whole, and without the script it is the page.
func FuzzSplitter(f *testing.F) {
	f.Add("<body>a</body></html>", uint8(1))
	f.Add("a</body>b</body >c<", uint8(3))
	f.Add("</body></bo"+strings.Repeat(" ", maxTail-9)+"</body>", uint8(7))
	f.Add(strings.Repeat("</body>", 400), uint8(5))
	f.Fuzz(func(t *testing.T, page string, size uint8) {
		if len(page) > 3*maxTail || strings.Contains(page, mark) {
			return
		}
		var pieces []string
		each := max(int(size%64)+1, len(page)/100)
		for rest := page; rest != ""; {
			n := min(each, len(rest))
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		whole := split(t, page)
		assert.Equal(t, whole, split(t, pieces...))
		assert.Equal(t, page, strings.Replace(whole, mark, "", 1))
		var flushed []string
		for _, p := range pieces {
			flushed = append(flushed, p, "")
		}
		assert.Equal(t, page, strings.Replace(split(t, flushed...), mark, "", 1))
	})
}
