package tests

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// answer is what came of one request.
type answer struct {
	status     int
	statusLine string // "" where the door does not show it
	header     http.Header
	body       []byte
	trace      []string
	propagated string // the class of the error that left the app
}

// comparison compares one answer with what was recorded.
type comparison struct {
	head     bool // the request was a HEAD
	jsonText bool // the text of JSON counts, not only its value
	want     *expectation
	got      *answer
	found    []string
}

func (c *comparison) differ(format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf(format, args...))
}

// differences lists in what way the answer is another one.
func (c *comparison) differences() []string {
	if c.want.Propagated != c.got.propagated {
		c.differ("the error that left the app: want %q, got %q", c.want.Propagated, c.got.propagated)
	}
	if !slices.Equal(c.want.Trace, c.got.trace) {
		c.differ("trace: want %q, got %q", c.want.Trace, c.got.trace)
	}
	if c.want.Propagated != "" || c.got.propagated != "" {
		return c.found
	}
	if c.want.Status != c.got.status {
		c.differ("status: want %d, got %d", c.want.Status, c.got.status)
	}
	if c.want.StatusLine != "" && c.got.statusLine != "" && c.want.StatusLine != c.got.statusLine {
		c.differ("status line: want %q, got %q", c.want.StatusLine, c.got.statusLine)
	}
	exact := c.compareBody()
	c.compareHeaders(exact)
	return c.found
}

// compareBody reports whether the body is the recorded one byte for byte, so
// that its length counts.
func (c *comparison) compareBody() (exact bool) {
	want, got := c.want.Body, c.got.body
	if want.SHA256 != nil {
		sum := sha256.Sum256(got)
		if len(got) != want.Length || hex.EncodeToString(sum[:]) != *want.SHA256 {
			c.differ("body: want %d bytes with hash %s, got %d with %x", want.Length, *want.SHA256, len(got), sum)
		}
		return true
	}
	text := string(want.bytes())
	switch {
	case text == string(got):
		return !c.masked()
	case strings.Contains(text, "<redirect-page "):
		c.compareRedirectPage(text)
		return false
	case strings.Contains(text, "<default-description>"):
		if !matchesMask(text, string(got)) {
			c.differ("body: want %q, got %q", text, got)
		}
		return false
	case !c.jsonText && sameJSON(c.contentType(), []byte(text), got):
		return false
	}
	c.differ("body: want %q, got %q", text, got)
	return true
}

// masked reports whether the length is that of a page of Flask's own: the
// answer to a HEAD has no body that would show it.
func (c *comparison) masked() bool {
	page := strings.HasPrefix(c.contentType(), "text/html")
	return c.head && page && (c.want.Status >= 400 || c.want.header("Location") != nil)
}

func (c *comparison) contentType() string { return strings.Join(c.want.header("Content-Type"), "") }

// matchesMask reports whether got is text with something in the place of each
// mask.
func matchesMask(text, got string) bool {
	parts := strings.Split(text, "<default-description>")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(`(?s)\A` + strings.Join(parts, "(.+)") + `\z`).MatchString(got)
}

var (
	redirectMask = regexp.MustCompile(`<redirect-page href="([^"]*)">`)
	link         = regexp.MustCompile(`href="([^"]*)"`)
)

// compareRedirectPage looks for the link in the page.
func (c *comparison) compareRedirectPage(text string) {
	mask := redirectMask.FindStringSubmatchIndex(text)
	if mask == nil || !strings.HasPrefix(string(c.got.body), text[:mask[0]]) {
		c.differ("page of the redirect: want the beginning of %q, got %q", text, c.got.body)
		return
	}
	want := plainURL(text[mask[2]:mask[3]])
	for _, m := range link.FindAllStringSubmatch(string(c.got.body), -1) {
		if plainURL(m[1]) == want {
			return
		}
	}
	c.differ("page of the redirect: want a link to %q in %q", want, c.got.body)
}

// plainURL takes HTML's and URL's escapes away: those are a matter of taste.
func plainURL(attribute string) string {
	return percent.ReplaceAllStringFunc(html.UnescapeString(attribute), func(hex string) string {
		plain, _ := url.PathUnescape(hex)
		return plain
	})
}

var percent = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

func sameJSON(contentType string, want, got []byte) bool {
	if !strings.HasPrefix(contentType, "application/json") {
		return false
	}
	var w, g any
	return json.Unmarshal(want, &w) == nil && json.Unmarshal(got, &g) == nil && reflect.DeepEqual(w, g)
}

// header gives the recorded values of name in order.
func (e *expectation) header(name string) []string {
	var values []string
	for _, field := range e.Headers {
		if strings.EqualFold(field[0], name) {
			values = append(values, field[1])
		}
	}
	return values
}

func (c *comparison) compareHeaders(exactBody bool) {
	names := make(map[string]bool)
	for _, field := range c.want.Headers {
		names[http.CanonicalHeaderKey(field[0])] = true
	}
	for name := range names {
		want, got := c.want.header(name), c.got.header[name]
		switch {
		case name == "Content-Length" && !exactBody:
			c.compareOwnLength(got)
		case !sameValues(name, want, got):
			c.differ("%s: want %q, got %q", name, want, got)
		}
	}
	for name, values := range c.got.header {
		if !names[name] && len(values) > 0 && mustBeAbsent(name) {
			c.differ("%s: want none, got %q", name, values)
		}
	}
}

// compareOwnLength is for bodies that are not the recorded ones: Content-Length
// must then be right for what was sent.
func (c *comparison) compareOwnLength(got []string) {
	n, err := strconv.Atoi(strings.Join(got, ","))
	if err != nil || n < 0 || !c.head && n != len(c.got.body) {
		c.differ("Content-Length: want that of the body, %d, got %q", len(c.got.body), got)
	}
}

// mustBeAbsent lists the fields that count also when Flask did not send them.
func mustBeAbsent(name string) bool {
	switch name {
	case "Content-Type", "Content-Length", "Location", "Allow", "Set-Cookie", "Vary", "Etag", "Last-Modified",
		"Cache-Control", "Accept-Ranges", "Content-Range", "Content-Disposition", "Www-Authenticate":
		return true
	}
	return strings.HasPrefix(name, "X-")
}

// sameValues compares the values of one field. The elements of some are a set.
func sameValues(name string, want, got []string) bool {
	switch name {
	case "Allow", "Cache-Control":
		return slices.Equal(elements(want, ","), elements(got, ","))
	case "Set-Cookie":
		return slices.EqualFunc(want, got, func(w, g string) bool {
			return slices.EqualFunc(elements([]string{w}, ";"), elements([]string{latin1(g)}, ";"), sameAttribute)
		})
	}
	return slices.EqualFunc(want, got, sameValue)
}

func elements(values []string, separator string) []string {
	var list []string
	for _, v := range values {
		for e := range strings.SplitSeq(v, separator) {
			list = append(list, strings.TrimSpace(e))
		}
	}
	slices.Sort(list)
	return list
}

// sameValue compares one value with a recorded one, which may be a mask.
func sameValue(want, got string) bool {
	switch want {
	case "<date>":
		_, err := http.ParseTime(got)
		return err == nil
	case "<file-etag>":
		return len(got) > 2 && strings.HasPrefix(got, `"`)
	}
	return want == got || soon(want, got)
}

// sameAttribute compares one attribute of a cookie with a recorded one.
func sameAttribute(want, got string) bool {
	mask, masked := strings.CutPrefix(want, "Expires=")
	date, dated := strings.CutPrefix(got, "Expires=")
	if masked && dated {
		return sameValue(mask, date)
	}
	if name, ok := strings.CutSuffix(want, "<session>"); ok { // see sessionDifference
		return strings.HasPrefix(got, name) && len(got) > len(name)
	}
	return want == got
}
