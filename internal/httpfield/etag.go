package httpfield

import (
	"crypto/sha3"
	"encoding/base64"
	"fmt"
	"strings"
)

// QuoteETag gives an entity tag as it stands in a field: "x" or W/"x". A tag
// that has a double quote itself, or a byte that no field may have, is an error.
//
// Source: Werkzeug: http.py, quote_etag; RFC 9110 §8.8.3.
func QuoteETag(etag string, weak bool) (string, error) {
	if strings.IndexByte(etag, '"') >= 0 || !ValidValue(etag) {
		return "", fmt.Errorf("the ETag %q has a double quote or a control character, which none can have", etag)
	}
	if weak {
		return `W/"` + etag + `"`, nil
	}
	return `"` + etag + `"`, nil
}

// UnquoteETag removes the quotes of an entity tag and says whether it is weak.
// A tag without quotes is taken as it is.
//
// Source: Werkzeug: http.py, unquote_etag.
func UnquoteETag(field string) (etag string, weak bool) {
	etag = strings.TrimSpace(field)
	if len(etag) >= 2 && (etag[0] == 'W' || etag[0] == 'w') && etag[1] == '/' {
		etag, weak = etag[2:], true
	}
	switch {
	case isQuoted(etag):
		etag = etag[1 : len(etag)-1]
	case etag == `"`:
		etag = ""
	}
	return etag, weak
}

// GenerateETag gives a strong entity tag, without quotes, that depends on every
// byte of data: its SHA3-256 in base64.
//
// Source: Werkzeug: http.py, generate_etag.
func GenerateETag(data []byte) string {
	sum := sha3.Sum256(data)
	return base64.RawStdEncoding.EncodeToString(sum[:])
}
