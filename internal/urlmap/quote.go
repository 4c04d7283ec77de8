package urlmap

// A quoting says which bytes stay as they are in one component of a URL. All
// other bytes, those of UTF-8 sequences included, become %XX.
type quoting uint8

const (
	inPath     quoting = iota // a path segment, the slash included
	inHost                    // a host name: no slash, no colon, no at sign
	inQuery                   // a name or value of a query; a space becomes +
	inAnchor                  // a fragment; % stays, so that quoted text is not quoted twice
	inIRIPath                 // the path of an IRI; % stays
	inIRIQuery                // the query of an IRI; % stays
	inIRIUser                 // the user name or password of an IRI; % stays
	inIRIHost                 // the host of an IRI; % stays
	inRawQuery                // a query as it came on the request line
)

const upperHex = "0123456789ABCDEF"

// QuotePath percent-encodes s for use in the path of a URL. Letters, digits and
// -._~!$&'()*+,/:;=@ stay; everything else is encoded as UTF-8, so a backslash
// or a control byte never reaches a URL.
//
// Werkzeug: routing/converters.py, BaseConverter.to_url.
func QuotePath(s string) string { return quoted(s, inPath) }

// QuoteQuery percent-encodes s for use as a name or value in a query. Letters,
// digits and -._~!$'()*,/:?@ stay, a space becomes +.
//
// Werkzeug: urls.py, _urlencode. Differs from Werkzeug: a semicolon is encoded
// too, because net/url refuses a query that has one.
func QuoteQuery(s string) string { return quoted(s, inQuery) }

// QuoteAnchor percent-encodes s for use as the fragment of a URL. Text that is
// percent-encoded already stays as it is.
//
// Flask: app.py, url_for.
func QuoteAnchor(s string) string { return quoted(s, inAnchor) }

func quoted(s string, q quoting) string {
	for i := range len(s) {
		if !q.keeps(s[i]) {
			buf := make([]byte, 0, len(s)+16)
			return string(q.append(append(buf, s[:i]...), s[i:]))
		}
	}
	return s
}

// append appends s to dst, quoted.
func (q quoting) append(dst []byte, s string) []byte {
	start := 0
	for i := range len(s) {
		c := s[i]
		if q.keeps(c) {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		if c == ' ' && q == inQuery {
			dst = append(dst, '+')
		} else {
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return append(dst, s[start:]...)
}

// keeps reports whether c stays as it is.
func (q quoting) keeps(c byte) bool {
	if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' {
		return true
	}
	switch c {
	case '-', '.', '_', '~':
		return true
	case '!', '$', '\'', '(', ')', '*', ',':
		return true
	case '/', ':', '@':
		return q != inHost && q != inIRIHost && q != inIRIUser
	case '&', '=', '+', ';':
		return q != inQuery
	case '?':
		return q == inQuery || q == inAnchor || q == inIRIQuery || q == inRawQuery
	case '%':
		return q >= inAnchor
	case '#':
		return q == inAnchor
	case '"', '<', '>', '[', ']', '^', '`', '{', '|', '}':
		return q == inRawQuery
	}
	return false
}
