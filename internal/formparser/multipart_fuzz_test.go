package formparser

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/httpfield"
)

// FuzzMultipart: no panic and no error but those documented; the pieces in
// which the body arrives make no difference, nor does the place at which a
// window ends in it; and a body that mime/multipart reads without help of our
// tolerance has the same parts here.
func FuzzMultipart(f *testing.F) {
	f.Add(uint16(40), "B", field("a", "1")+file("f", "n", "x\r\ny")+end)
	f.Add(uint16(40), "B", strings.ReplaceAll(field("a", "1")+end, "\r\n", "\n"))
	f.Add(uint16(40), "B", "preamble\r\n"+field("a", "\r\n--B-\r\n--Bx\r\r\n\n")+"--B-- \r\nepilogue")
	f.Add(uint16(40), "-", "---\r\nContent-Disposition: form-data;\r\n name=a; filename=\"\"\r\n\r\n-----\r\n-----")
	f.Add(uint16(40), "ab", "--ab\t\r\ncontent-disposition:a;name=a\r\ncontent-type:text/plain;charset=ascii\r\n\r\n\xff\r\n--ab--")
	f.Fuzz(func(t *testing.T, cut uint16, boundary, body string) {
		contentType := "multipart/form-data; boundary=" + httpfield.QuoteString(boundary)
		form, err := Parse(strings.NewReader(body), contentType, Limits{})
		preamble := strings.Repeat("\r\n", max(windowSize-int(cut)%(len(body)+1), 0)/2)
		slow, slowErr := Parse(iotest.OneByteReader(strings.NewReader(preamble+body)), contentType, Limits{})
		require.Equal(t, err, slowErr)
		var limit *LimitError
		var syntax *SyntaxError
		require.True(t, err == nil || errors.As(err, &limit) || errors.As(err, &syntax), "%v", err)
		if err == nil {
			assert.Equal(t, look(t, form), look(t, slow))
		}
		compareWithMIME(t, boundary, body, form, err)
		require.NoError(t, errors.Join(form.Close(), slow.Close()))
	})
}

type mimePart struct {
	header map[string][]string
	data   []byte
}

// mimeParts reads a body with mime/multipart.
func mimeParts(boundary, body string) ([]mimePart, error) {
	var parts []mimePart
	for r := multipart.NewReader(strings.NewReader(body), boundary); ; {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return parts, nil
		}
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(p)
		if err != nil {
			return nil, err
		}
		parts = append(parts, mimePart{p.Header, data})
	}
}

// strict reports whether both parsers are asked for the same thing: every
// boundary that could end something begins a line after CRLF and ends it.
// Anything else mime/multipart refuses or takes for data, where this package
// is tolerant. The closing boundary is there: without it mime/multipart takes
// some bodies for whole. No header may have a CR, which here ends a line.
func strict(boundary, body string, parts []mimePart) bool {
	if checkBoundary(boundary) != nil || strings.Trim(boundary, " ") != boundary || strings.ContainsAny(boundary, `"\%`) ||
		!strings.Contains(body, "--"+boundary+"--") {
		return false
	}
	good := regexp.MustCompile(`^(?:(--)?[ \t]{0,20}(\r\n|$)|[^ \t\r\n-]|-([^-]|$))`)
	for at := range body {
		tail, ok := strings.CutPrefix(body[at:], "--"+boundary)
		if ok && (at > 0 && !strings.HasSuffix(body[:at], "\r\n") || !good.MatchString(tail)) {
			return false
		}
	}
	for _, p := range parts {
		for _, values := range p.header {
			if strings.Contains(strings.Join(values, ""), "\r") {
				return false
			}
		}
	}
	return true
}

func compareWithMIME(t *testing.T, boundary, body string, form *Form, err error) {
	t.Helper()
	parts, mimeErr := mimeParts(boundary, body)
	if mimeErr != nil || !strict(boundary, body, parts) {
		return
	}
	for _, p := range parts {
		if _, ok := p.header["Content-Disposition"]; !ok {
			require.Error(t, err)
			return
		}
	}
	var limit *LimitError
	if errors.As(err, &limit) {
		return
	}
	require.NoError(t, err)
	got := look(t, form)
	for _, p := range parts {
		got = compareWithPart(t, p, got)
	}
	assert.Empty(t, got.Values)
	assert.Empty(t, got.Files)
}

// compareWithPart compares a part with the first of its kind in got and gives
// got without that.
func compareWithPart(t *testing.T, p mimePart, got seen) seen {
	t.Helper()
	_, params := httpfield.ParseOptions(p.header["Content-Disposition"][0])
	if _, ok := params.Lookup("filename"); ok {
		require.NotEmpty(t, got.Files)
		assert.True(t, bytes.Equal(p.data, []byte(got.Files[0].Content)), "%q is %q", p.data, got.Files[0].Content)
		got.Files = got.Files[1:]
		return got
	}
	contentType := ""
	if types := p.header["Content-Type"]; len(types) > 0 {
		contentType = types[0]
	}
	_, params = httpfield.ParseOptions(contentType)
	require.NotEmpty(t, got.Values)
	assert.Equal(t, httpfield.DecodeText(p.data, strings.ToLower(params.Get("charset"))), got.Values[0][1])
	got.Values = got.Values[1:]
	return got
}
