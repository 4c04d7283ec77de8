package httpfield

import (
	"slices"
	"strconv"
	"strings"
)

// ParseOptions splits a field such as Content-Type or Content-Disposition into
// its value and its parameters, whose names become lower case. What is not a
// parameter is skipped.
//
// In quoted strings \" and \\ are read, and %22, which browsers write for a
// quote in a file name. Parameters may be extended with a charset (name*=) and
// continued (name*0=, name*1=); the charsets are ASCII, UTF-8 and ISO-8859-1,
// with any other the value stays percent-encoded. Invalid bytes become U+FFFD.
//
//	ParseOptions(`form-data; name="a"; filename*=UTF-8''%e2%82%ac.txt`)
//
// Source: Werkzeug: http.py, parse_options_header; RFC 9110 §5.6.6; RFC 2231 §3, §4.
func ParseOptions(field string) (value string, options Params) {
	value, rest, _ := strings.Cut(field, ";")
	value, rest = strings.TrimSpace(value), strings.TrimSpace(rest)
	if value == "" || rest == "" {
		return value, nil
	}
	var d optionDecoder
	for more := true; more; {
		var name, text string
		if name, text, rest = scanOption(rest); text != "" {
			d.add(name, text)
		}
		_, rest, more = strings.Cut(rest, ";")
		rest = strings.TrimLeft(rest, " \t\r\n\v\f")
	}
	return value, d.params
}

// scanOption reads "name=text" from the beginning of s; text is "" when there
// is none. Quoted text keeps its quotes.
func scanOption(s string) (name, text, rest string) {
	n := tokenLen(s)
	if n == 0 || n == len(s) || s[n] != '=' {
		return "", "", s
	}
	name, rest = strings.ToLower(s[:n]), s[n+1:]
	if n = tokenLen(rest); n == 0 {
		n = quotedLen(rest)
	}
	return name, rest[:n], rest[n:]
}

func tokenLen(s string) int {
	for i := range len(s) {
		if !tokenByte(s[i]) {
			return i
		}
	}
	return len(s)
}

// quotedLen is the length of the quoted string that s begins with, 0 without one.
func quotedLen(s string) int {
	if !strings.HasPrefix(s, `"`) {
		return 0
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return i + 1
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '\\' || s[i+1] == '"'):
			i++
		}
	}
	return 0
}

// optionDecoder decodes parameters one after the other. A charset once named
// also holds for the continuations after it that name none.
type optionDecoder struct {
	collector
	charset, continued string
	grown              map[string]*strings.Builder // continued parameters
}

func (d *optionDecoder) add(name, text string) {
	if extended, ok := strings.CutSuffix(name, "*"); ok {
		name = extended
		if charset, encoded, ok := cutCharset(text); ok {
			d.charset, text = charset, encoded
		}
		if d.charset == "" {
			d.charset = d.continued
		}
		if knownCharset(d.charset) {
			d.continued = d.charset
			text = decodePercent(text, d.charset)
		}
	}
	if isQuoted(text) {
		text = unquoteOption(text[1 : len(text)-1])
	}
	if base, ok := cutContinuation(name); ok {
		d.grow(base, text)
		return
	}
	d.at(name).Value = text
	delete(d.grown, name)
}

// grow appends text to the parameter of that name, without copying what is
// there already: a field with many continuations costs linear time.
func (d *optionDecoder) grow(name, text string) {
	p := d.at(name)
	b := d.grown[name]
	if b == nil {
		if d.grown == nil {
			d.grown = make(map[string]*strings.Builder)
		}
		b = new(strings.Builder)
		b.WriteString(p.Value)
		d.grown[name] = b
	}
	b.WriteString(text)
	p.Value = b.String()
}

// unquoteOption reads the inside of a quoted string, in which %22 is a quote.
func unquoteOption(s string) string {
	if strings.IndexByte(s, '\\') >= 0 {
		s = strings.ReplaceAll(s, `\\`, `\`)
		s = strings.ReplaceAll(s, `\"`, `"`)
	}
	return strings.ReplaceAll(s, "%22", `"`)
}

// cutContinuation removes the "*12" from the end of a name.
func cutContinuation(name string) (base string, ok bool) {
	i := strings.LastIndexByte(name, '*')
	if i < 0 || i+1 == len(name) {
		return name, false
	}
	for _, c := range []byte(name[i+1:]) {
		if c < '0' || c > '9' {
			return name, false
		}
	}
	return name[:i], true
}

// FormatOptions writes a value and its parameters, separated by semicolons;
// without a value the parameters alone. It is the reverse of [ParseOptions].
//
// Source: Werkzeug: http.py, dump_options_header.
func FormatOptions(value string, options Params) string {
	if value == "" {
		return options.join("; ")
	}
	if len(options) == 0 {
		return value
	}
	return value + "; " + options.join("; ")
}

// FormatFileName gives the parameters that carry a file name in
// Content-Disposition: filename, and when the name has other than ASCII
// characters also filename* for those who read it.
//
// Source: Werkzeug: utils.py, send_file; RFC 6266 §4.3; RFC 8187 §3.2.
func FormatFileName(name, ascii string) Params {
	params := Params{{Name: "filename", Value: ascii}}
	if name != ascii {
		params = append(params, Param{Name: "filename*", Value: "UTF-8''" + encodeExtended(name)})
	}
	return params
}

// encodeExtended percent-encodes what RFC 8187 does not take for an attr-char.
func encodeExtended(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if tokenByte(c) && !slices.Contains([]byte("*'%"), c) {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		if c < 0x10 {
			b.WriteByte('0')
		}
		b.WriteString(strings.ToUpper(strconv.FormatUint(uint64(c), 16)))
	}
	return b.String()
}
