package mask

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
)

// Secrets are values that must not be seen. The zero value has none. Adding is for
// one goroutine; afterwards any number may call the other methods.
type Secrets struct {
	byStart map[start][]string // what is looked for
	first   [256]bool          // the bytes that something of it begins with
	seen    map[string]bool    // values
	looked  map[string]bool    // what is looked for
}

// start is what a text that is looked for begins with.
type start [minLength]byte

const (
	// minLength is the length from which a value is hidden wherever it comes up.
	// A shorter one would hide half of every text, and says nothing there.
	minLength = 4
	// minPart is the length from which the parts of a signed token count on their
	// own.
	minPart = 12
	// maxValues bounds what a client can have looked for.
	maxValues = 256
	// maxLength is how long a value can be; the beginning of a longer one counts.
	maxLength = 16 << 10
	// maxListed is how much of a value is looked for byte by byte.
	maxListed = 256
)

// Add adds secret values, the parts of those that are signed tokens, and the lines
// of those that have several, as keys in PEM do. A value is found also as it is in
// a URL, in base64, in hexadecimal digits, in JSON, in HTML, between the quotes of
// Go and as Go prints bytes. Those that are too short are left out.
func (s *Secrets) Add(values ...string) {
	for _, v := range values {
		s.addValue(v)
		if trimmed := strings.TrimSpace(v); trimmed != v {
			s.addValue(trimmed)
		}
		if strings.Contains(v, ".") {
			for part := range strings.SplitSeq(v, ".") {
				if len(part) >= minPart {
					s.addValue(part)
				}
			}
		}
		if strings.Contains(v, "\n") {
			s.addLines(v)
		}
	}
}

// All are the values that were added, sorted.
func (s *Secrets) All() []string { return sortedNames(s.seen) }

func (s *Secrets) addLines(v string) {
	for line := range strings.Lines(v) {
		if line = strings.TrimSpace(line); len(line) >= minPart && !strings.HasPrefix(line, "-----") {
			s.addValue(line)
		}
	}
}

func (s *Secrets) addValue(v string) {
	v = v[:min(len(v), maxLength)]
	if len(v) < minLength || s.seen[v] || len(s.seen) >= maxValues || strings.Contains(Hidden, v) {
		return
	}
	if s.seen == nil {
		s.seen, s.looked, s.byStart = make(map[string]bool), make(map[string]bool), make(map[start][]string)
	}
	s.seen[v] = true
	for _, form := range forms(v) {
		s.look(form)
	}
}

// look adds a text to look for.
func (s *Secrets) look(text string) {
	if len(text) < minLength || s.looked[text] {
		return
	}
	s.looked[text] = true
	key := start([]byte(text[:minLength]))
	s.byStart[key] = append(s.byStart[key], text)
	s.first[text[0]] = true
}

// forms are the ways in which a value can be written.
func forms(v string) []string {
	quoted := unquoted(strconv.Quote(v))
	all := []string{v, quoted, unquoted(strconv.Quote(quoted)), unquoted(strconv.QuoteToASCII(v)), html.EscapeString(v), strings.ReplaceAll(html.EscapeString(v), "+", "&#43;")}
	if text, err := json.Marshal(v); err == nil {
		inner := unquoted(string(text))
		all = append(all, inner, unquoted(strconv.Quote(inner)))
	}
	for _, escaped := range []string{url.QueryEscape(v), url.QueryEscape(url.QueryEscape(v)), url.PathEscape(v), url.UserPassword("", v).String()[1:], escapedByScript(v)} {
		all = append(all, escaped, lowerEscapes(escaped))
	}
	digits := hex.EncodeToString([]byte(v))
	all = append(all, digits, strings.ToUpper(digits))
	all = append(all, listed(v, "%d", " "), listed(v, "%d", ","), listed(v, "0x%x", ", "), listed(v, "%02x", " "))
	return append(all, base64Forms(v)...)
}

// escapedByScript is v as encodeURIComponent of JavaScript escapes it.
func escapedByScript(v string) string {
	return strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(url.QueryEscape(v))
}

// listed are the bytes of v as Go prints a slice of them, and JSON an array.
func listed(v, format, separator string) string {
	v = v[:min(len(v), maxListed)]
	all := make([]string, len(v))
	for i := range len(v) {
		all[i] = fmt.Sprintf(format, v[i])
	}
	return strings.Join(all, separator)
}

func unquoted(s string) string { return s[1 : len(s)-1] }

// lowerEscapes writes %2F as %2f.
func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:], strings.ToLower(s[i+1:i+3]))
		}
	}
	return string(b)
}

// base64Forms are what a value looks like inside of base64, at each of the three
// places where it can stand in a group of bytes. Characters that depend on its
// neighbours are left out; what is left must be long enough to mean it.
func base64Forms(v string) []string {
	var all []string
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			padded := make([]byte, before, before+len(v))
			text := encoding.EncodeToString(append(padded, v...))
			first := (before*8 + 5) / 6       // characters that bits of the neighbour before are in
			last := (before + len(v)) * 8 / 6 // those that are full of bits of v
			if before == 0 && len(text)-first >= minLength {
				all = append(all, text) // on its own: with the last character
			}
			if last-first >= 6 {
				all = append(all, text[first:last])
			}
		}
	}
	return all
}

// Text gives a text without the secrets in it: those that were added, and what
// stands after a name that speaks of a secret, as in password=x.
func (s *Secrets) Text(text string) string { return named(s.Values(text)) }

// Values gives a text without the values that were added.
func (s *Secrets) Values(text string) string {
	if len(s.byStart) == 0 {
		return text
	}
	for range 4 { // what is put in could be the end of another one
		masked := s.replaced(text)
		if masked == text {
			break
		}
		text = masked
	}
	return text
}

// replaced hides everything that is found in text once. What overlaps is hidden
// together, so that nothing of either is left.
func (s *Secrets) replaced(text string) string {
	var b strings.Builder
	from, begin, end := 0, -1, 0 // of what was copied; of what is to be hidden
	for i := 0; i+minLength <= len(text); i++ {
		if !s.first[text[i]] {
			continue
		}
		n := s.lengthAt(text[i:])
		if n == 0 {
			continue
		}
		if begin >= 0 && i >= end {
			b.WriteString(text[from:begin] + Hidden)
			from, begin = end, i
		}
		if begin < 0 {
			begin = i
		}
		end = max(end, i+n)
	}
	if begin < 0 {
		return text
	}
	b.WriteString(text[from:begin] + Hidden)
	return b.String() + text[end:]
}

// lengthAt is the length of the longest secret that text begins with.
func (s *Secrets) lengthAt(text string) int {
	n := 0
	for _, secret := range s.byStart[start([]byte(text[:minLength]))] {
		if len(secret) > n && strings.HasPrefix(text, secret) {
			n = len(secret)
		}
	}
	return n
}
