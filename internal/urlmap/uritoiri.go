package urlmap

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// URIToIRI turns a URI into an IRI for people to read: what is percent-encoded
// UTF-8 is decoded, except controls, spaces, "%" and what would be taken for a
// delimiter of that part of the URL; a host in punycode is decoded too. Bytes
// that are no UTF-8 stay percent-encoded.
//
//	URIToIRI("http://xn--n3h.net/p%C3%A5th?q=%C3%A8ry%DF") // http://☃.net/påth?q=èry%DF
//
// Werkzeug: urls.py, uri_to_iri. Differs from Werkzeug: a port that is no number
// stays as it is, it is no error.
func URIToIRI(uri string) string {
	scheme, authority, path, query, fragment := splitIRI(stripIRI(uri))
	var b strings.Builder
	b.Grow(len(uri))
	if scheme != "" {
		b.WriteString(scheme + ":")
	}
	if authority != "" {
		b.WriteString("//" + readableAuthority(authority))
	}
	b.WriteString(unquoteExcept(path, "/?#"))
	if query != "" {
		b.WriteString("?" + unquoteExcept(query, "&=+#"))
	}
	if fragment != "" {
		b.WriteString("#" + unquoteExcept(fragment, ""))
	}
	return b.String()
}

// readableAuthority decodes user, host and port. One without a host stays as it
// is: without it the path would be taken for a host.
func readableAuthority(authority string) string {
	host, port := splitPort(authority[strings.LastIndexByte(authority, '@')+1:])
	if host == "" {
		return authority
	}
	var b strings.Builder
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		name, password, _ := strings.Cut(authority[:at], ":")
		if name != "" {
			b.WriteString(unquoteExcept(name, ":@/?#"))
			if password != "" {
				b.WriteString(":" + unquoteExcept(password, ":@/?#"))
			}
			b.WriteByte('@')
		}
	}
	b.WriteString(UnicodeHost(strings.ToLower(host)))
	switch n, err := strconv.ParseUint(strings.TrimPrefix(port, ":"), 10, 16); {
	case port == ":" || err == nil && n == 0: // as good as none
	case err == nil:
		b.WriteString(":" + strconv.FormatUint(n, 10))
	default:
		b.WriteString(port)
	}
	return b.String()
}

// unquoteExcept decodes the escapes in s, except those of controls, spaces, "%"
// and the bytes in keep.
func unquoteExcept(s, keep string) string {
	if !strings.Contains(s, "%") && utf8.ValidString(s) {
		return s
	}
	buf := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '%' || i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
			buf = append(buf, c)
			continue
		}
		c = unhexByte(s[i+1])<<4 | unhexByte(s[i+2])
		if c <= ' ' || c == '%' || c == 0x7f || strings.IndexByte(keep, c) >= 0 {
			buf = append(buf, s[i:i+3]...)
		} else {
			buf = append(buf, c)
		}
		i += 2
	}
	return requoteInvalid(buf)
}

// requoteInvalid writes the bytes that are no UTF-8 as %XX.
func requoteInvalid(text []byte) string {
	if utf8.Valid(text) {
		return string(text)
	}
	out := make([]byte, 0, len(text)+16)
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n == 1 {
			out = append(out, '%', upperHex[text[0]>>4], upperHex[text[0]&15])
		} else {
			out = append(out, text[:n]...)
		}
		text = text[n:]
	}
	return string(out)
}

// unhexByte is the number that a hexadecimal digit stands for.
func unhexByte(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}
