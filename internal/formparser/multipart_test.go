package formparser

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const multipartB = "multipart/form-data; boundary=B"

// field and file are parts of a body with the boundary B.
func field(name, value string) string {
	return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
}

func file(name, filename, content string) string {
	return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"; filename=\"" + filename + "\"\r\n\r\n" + content + "\r\n"
}

const end = "--B--\r\n"

// seen is a form in a shape that compares well.
type seen struct {
	Values [][2]string
	Files  []seenFile
}

type seenFile struct{ Name, Filename, ContentType, Content string }

func look(t testing.TB, form *Form) seen {
	t.Helper()
	var s seen
	for k, v := range form.Values.All() {
		s.Values = append(s.Values, [2]string{k, v})
	}
	for _, f := range form.Files {
		content, err := io.ReadAll(io.NewSectionReader(f.Content, 0, f.Content.Size()))
		require.NoError(t, err)
		assert.EqualValues(t, len(content), f.Size)
		s.Files = append(s.Files, seenFile{f.Name, f.Filename, f.ContentType, string(content)})
	}
	return s
}

func parse(t testing.TB, body, contentType string) seen {
	t.Helper()
	form, err := Parse(strings.NewReader(body), contentType, Limits{})
	require.NoError(t, err)
	defer form.Close()
	return look(t, form)
}

func value(v string) seen { return seen{Values: [][2]string{{"a", v}}} }

func upload1(content string) seen {
	return seen{Files: []seenFile{{"f", "n", "", content}}}
}

func TestWhatCountsAsADelimiter(t *testing.T) {
	const head = "Content-Disposition: form-data; name=a"
	crlf := "--B\r\n" + head + "\r\n\r\nx\r\n--B--\r\n"
	for _, tt := range []struct {
		name, body string
		want       seen
	}{
		{"CRLF", crlf, value("x")},
		{"LF alone", strings.ReplaceAll(crlf, "\r\n", "\n"), value("x")},
		{"CR alone", strings.ReplaceAll(crlf, "\r\n", "\r"), value("x")},
		{"LF in the header, CRLF around it", "--B\r\n" + head + "\n\nx\r\n--B--\r\n", value("x")},
		{"CRLF and LF make the empty line", "--B\r\n" + head + "\r\n\nx\r\n--B--\r\n", value("x")},
		{"no parts", "--B--\r\n", seen{}},
		{"no line break at the end", strings.TrimSuffix(crlf, "\r\n"), value("x")},
		{"a line break first", "\r\n" + crlf, value("x")},
		{"a preamble and an epilogue", "preamble\r\n" + crlf + "epilogue\r\n--B\r\nnot read", value("x")},
		{"a preamble without a line break", "preamble" + crlf, value("x")},
		{"a boundary in the preamble that is longer", "--BB\r\n" + crlf, value("x")},
		{"blanks after the boundary", "--B \t\r\n" + head + "\r\n\r\nx\r\n--B-- \t\r\n", value("x")},
		{"as many blanks as may be", "--B" + strings.Repeat(" ", maxPadding) + "\r\n" + head + "\r\n\r\nx\r\n--B--", value("x")},
		{"no data and the line break of the header", "--B\r\n" + head + "\r\n\r\n--B--\r\n", value("")},
		{"no data and a line break", "--B\r\n" + head + "\r\n\r\n\r\n--B--\r\n", value("")},
		{"line breaks at both ends of the data are data", "--B\r\n" + head + "\r\n\r\n\r\n\n\rx\r\n\r\n--B--\r\n", value("\r\n\n\rx\r\n")},
		{"CR before the CRLF of the delimiter is data", "--B\r\n" + head + "\r\n\r\nx\r\r\n--B--\r\n", value("x\r")},
		{"a boundary within a line is data", "--B\r\n" + head + "\r\n\r\nx--B\r\n--B--\r\n", value("x--B")},
		{"a boundary that goes on is data", "--B\r\n" + head + "\r\n\r\nx\r\n--BB\r\n--B-\r\n--Bx\r\n--B--\r\n", value("x\r\n--BB\r\n--B-\r\n--Bx")},
		{"a boundary before other text is data", "--B\r\n" + head + "\r\n\r\nx\r\n--B  y\r\n--B--\r\n", value("x\r\n--B  y")},
		{"too many blanks make it data", "--B\r\n" + head + "\r\n\r\nx\r\n--B" + strings.Repeat(" ", maxPadding+1) + "\r\n--B--\r\n", value("x\r\n--B" + strings.Repeat(" ", maxPadding+1))},
		{"one dash before it makes it data", "--B\r\n" + head + "\r\n\r\nx\r\n---B\r\n--B--\r\n", value("x\r\n---B")},
		{"half delimiters one after the other", "--B\r\n" + head + "\r\n\r\n\r\n\r\n-\r\n--\r\n-\r\n--B--\r\n", value("\r\n\r\n-\r\n--\r\n-")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, parse(t, tt.body, multipartB))
			form, err := Parse(iotest.OneByteReader(strings.NewReader(tt.body)), multipartB, Limits{})
			require.NoError(t, err, "byte by byte")
			assert.Equal(t, tt.want, look(t, form), "byte by byte")
		})
	}
}

func TestADelimiterAtEveryPlaceOfTheWindow(t *testing.T) {
	head := "--B\r\nContent-Disposition: form-data; name=f; filename=n\r\n\r\n"
	for _, brk := range []string{"\r\n", "\n", "\r"} {
		for size := windowSize - len(head) - 40; size < windowSize-len(head)+10; size++ {
			for _, tail := range []string{"", "\r", "\n", "\r\n", "\r\n-", "\r\n--", "\r\n--Bx"} {
				content := strings.Repeat("x", size) + tail
				body := head + content + brk + "--B  " + brk + "Content-Disposition: a; name=a" + brk + brk + brk + "--B--"
				if brk == "\n" && strings.HasSuffix(content, "\r") {
					content = strings.TrimSuffix(content, "\r") // the CR belongs to the line break
				}
				got := parse(t, body, multipartB)
				require.Len(t, got.Files, 1)
				require.True(t, content == got.Files[0].Content, "size %d, tail %q, line break %q", size, tail, brk)
				require.Equal(t, value("").Values, got.Values)
			}
		}
	}
}

func TestPartHeaders(t *testing.T) {
	for _, tt := range []struct {
		name, header string
		want         seen
	}{
		{"a name in quotes", `Content-Disposition: form-data; name="a"`, value("x")},
		{"any case", `CONTENT-disposition:FORM-DATA;NAME=a`, value("x")},
		{"another disposition", `Content-Disposition: attachment; name=a`, value("x")},
		{"a continued line", "Content-Disposition: form-data;\r\n\tname=a", value("x")},
		{"a line continued with LF", "Content-Disposition: form-data;\n name=a", value("x")},
		{"the first of two counts", "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b", value("x")},
		{"lines that are no fields", "no colon here\r\n: empty\r\nContent-Disposition: form-data; name=a", value("x")},
		{"no name", "Content-Disposition: form-data", seen{Values: [][2]string{{"", "x"}}}},
		{"a field without a colon", "Content-Disposition", seen{Values: [][2]string{{"", "x"}}}},
		{"quotes in a name by backslash", `Content-Disposition: form-data; name="a \"b\" c"`, seen{Values: [][2]string{{`a "b" c`, "x"}}}},
		{"quotes in a name as browsers send them", `Content-Disposition: form-data; name="a %22b%22 c"`, seen{Values: [][2]string{{`a "b" c`, "x"}}}},
		{"UTF-8 in a name", `Content-Disposition: form-data; name="é☃"`, seen{Values: [][2]string{{"é☃", "x"}}}},
		{"Latin-1 in a name", "Content-Disposition: form-data; name=\"\xe9\"", seen{Values: [][2]string{{"\uFFFD", "x"}}}},
		{"a file", `Content-Disposition: form-data; name=f; filename="n"`, upload1("x")},
		{"a file that was not chosen", `Content-Disposition: form-data; name=f; filename=""` + "\r\nContent-Type: application/octet-stream",
			seen{Files: []seenFile{{"f", "", "application/octet-stream", "x"}}}},
		{"a file without a name of the field", `Content-Disposition: form-data; filename="n"`, seen{Files: []seenFile{{"", "n", "", "x"}}}},
		{"an extended file name", `Content-Disposition: form-data; name=f; filename*=utf-8''%e2%98%83.txt`, seen{Files: []seenFile{{"f", "☃.txt", "", "x"}}}},
		{"an extended file name in Latin-1", `Content-Disposition: form-data; name=f; filename*=iso-8859-1'en'%e9.txt`, seen{Files: []seenFile{{"f", "é.txt", "", "x"}}}},
		{"a continued file name", `Content-Disposition: form-data; name=f; filename*0*=utf-8''%e2%98%83; filename*1=".txt"`, seen{Files: []seenFile{{"f", "☃.txt", "", "x"}}}},
		{"a path in the file name stays: it is what the client sent", `Content-Disposition: form-data; name=f; filename="C:\dir\..\x.txt"`, seen{Files: []seenFile{{"f", `C:\dir\..\x.txt`, "", "x"}}}},
		{"CR and LF in an extended name are its own affair", `Content-Disposition: form-data; name=f; filename*=utf-8''a%0d%0ab`, seen{Files: []seenFile{{"f", "a\r\nb", "", "x"}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, parse(t, "--B\r\n"+tt.header+"\r\n\r\nx\r\n--B--\r\n", multipartB))
		})
	}
}

func TestThePartsHeaderIsKeptWithTheFile(t *testing.T) {
	body := "--B\r\nContent-Disposition: form-data; name=f; filename=n\r\ncontent-type: text/plain; a=1\r\nX-One: 1\r\nx-one:2\r\nbad name: 3\r\n\r\n\r\n--B--"
	form, err := Parse(strings.NewReader(body), multipartB, Limits{})
	require.NoError(t, err)
	defer form.Close()
	require.Len(t, form.Files, 1)
	assert.Equal(t, "text/plain; a=1", form.Files[0].ContentType)
	assert.Equal(t, map[string][]string{
		"Content-Disposition": {"form-data; name=f; filename=n"},
		"Content-Type":        {"text/plain; a=1"},
		"X-One":               {"1", "2"},
	}, map[string][]string(form.Files[0].Header))
}

func TestCharsetsOfAPart(t *testing.T) {
	for _, tt := range []struct{ name, contentType, value, want string }{
		{"none is UTF-8", "text/plain", "é", "é"},
		{"UTF-8", "text/plain; charset=UTF-8", "é", "é"},
		{"ISO-8859-1", "text/plain; charset=iso-8859-1", "\xe9\x80", "é\u0080"},
		{"ASCII", "text/plain; charset=US-ASCII", "a\xe9\xc3\xa9", "a\uFFFD\uFFFD\uFFFD"},
		{"any other is UTF-8", "text/plain; charset=utf-7", "+AGE- é", "+AGE- é"},
		{"bytes that are none", "text/plain", "a\xff\xfeb", "a\uFFFD\uFFFDb"},
		{"the beginning of a character", "text/plain", "\xe2\x98x\xf0\x9f\x98", "\uFFFDx\uFFFD"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := "--B\r\nContent-Disposition: form-data; name=a\r\nContent-Type: " + tt.contentType + "\r\n\r\n" + tt.value + "\r\n--B--\r\n"
			assert.Equal(t, value(tt.want), parse(t, body, multipartB))
		})
	}
}

func TestContentTypes(t *testing.T) {
	for _, tt := range []struct {
		name, contentType, body string
		want                    seen
		left                    string // of the body
	}{
		{"urlencoded", "application/x-www-form-urlencoded", "a=1&a=%C3%A9", seen{Values: [][2]string{{"a", "1"}, {"a", "é"}}}, ""},
		{"urlencoded in capitals with a charset", "Application/X-WWW-Form-Urlencoded; charset=latin-1", "a=é", value("é"), ""},
		{"multipart in capitals, the boundary keeps its case", `MULTIPART/Form-Data; Boundary="B"`, field("a", "\r\n--b") + end, value("\r\n--b"), ""},
		{"a boundary in quotes with every kind of character", `multipart/form-data; boundary="a b'()+_,-./:=?"`, "--a b'()+_,-./:=?\r\nContent-Disposition: a; name=a\r\n\r\n1\r\n--a b'()+_,-./:=?--", value("1"), ""},
		{"a boundary of dashes", "multipart/form-data; boundary=-----", "-------\r\nContent-Disposition: a; name=a\r\n\r\n------\r\n---------", value("------"), ""},
		{"JSON is left alone", "application/json", `{"a": 1}`, seen{}, `{"a": 1}`},
		{"multipart of another kind is left alone", "multipart/mixed; boundary=B", end, seen{}, end},
		{"no type at all", "", "a=1", seen{}, "a=1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := strings.NewReader(tt.body)
			form, err := Parse(body, tt.contentType, Limits{})
			require.NoError(t, err)
			defer form.Close()
			assert.Equal(t, tt.want, look(t, form))
			rest, err := io.ReadAll(body)
			require.NoError(t, err)
			assert.Equal(t, tt.left, string(rest))
		})
	}
}

func TestMalformedForms(t *testing.T) {
	const cutOff = "the body ends before the closing boundary; was it cut off?"
	for _, tt := range []struct{ name, contentType, body, want string }{
		{"no boundary", "multipart/form-data", field("a", "1") + end,
			"the form is malformed: its Content-Type names no boundary, as in multipart/form-data; boundary=x; a client that sets this field by hand leaves it out easily"},
		{"an empty boundary", `multipart/form-data; boundary=""`, field("a", "1") + end,
			"the form is malformed: its Content-Type names no boundary, as in multipart/form-data; boundary=x; a client that sets this field by hand leaves it out easily"},
		{"a long boundary", "multipart/form-data; boundary=" + strings.Repeat("b", 257), "",
			"the form is malformed: the boundary has more than 256 bytes"},
		{"a boundary that is not ASCII", `multipart/form-data; boundary="é"`, "",
			`the form is malformed: the boundary "é" has other than printable ASCII characters`},
		{"an empty body", multipartB, "",
			`the form is malformed: the boundary "B" of its Content-Type is nowhere in the body`},
		{"another boundary", multipartB, "--C\r\n" + field("a", "1")[5:] + "--C--\r\n",
			`the form is malformed: the boundary "B" of its Content-Type is nowhere in the body`},
		{"no part after the boundary", multipartB, "--B\r\n", "the form is malformed at part 1: " + cutOff},
		{"the end in a header", multipartB, "--B\r\nContent-Dispo", "the form is malformed at part 1: " + cutOff},
		{"the end after the header", multipartB, "--B\r\nContent-Disposition: form-data; name=a\r\n", "the form is malformed at part 1: " + cutOff},
		{"the end in the data", multipartB, field("a", "1") + file("f", "n", "content"), "the form is malformed at part 2: " + cutOff},
		{"the end in the delimiter", multipartB, field("a", "1") + "--B-", "the form is malformed at part 1: " + cutOff},
		{"the end after blanks", multipartB, field("a", "1") + "--B   ", "the form is malformed at part 1: " + cutOff},
		{"no header", multipartB, field("a", "1") + "--B\r\n\r\nx\r\n--B--", "the form is malformed at part 2: it has no Content-Disposition"},
		{"no disposition", multipartB, "--B\r\nContent-Type: text/plain\r\n\r\nx\r\n--B--", "the form is malformed at part 1: it has no Content-Disposition"},
		{"urlencoded bytes that are no UTF-8", "application/x-www-form-urlencoded", "a=\xff",
			"the form is malformed: a urlencoded body has bytes that are not UTF-8; other bytes are sent as %XX"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			form, err := Parse(strings.NewReader(tt.body), tt.contentType, Limits{})
			assert.Nil(t, form)
			var syntax *SyntaxError
			require.ErrorAs(t, err, &syntax)
			assert.Equal(t, tt.want, err.Error())
		})
	}
}

func TestEveryPieceOfAFormIsMalformed(t *testing.T) {
	body := field("a", "1") + file("f", "n", "x\r\n\r\ny") + "--B--"
	for n := range len(body) {
		_, err := Parse(strings.NewReader(body[:n]), multipartB, Limits{})
		require.Error(t, err, "%q", body[:n])
	}
}
