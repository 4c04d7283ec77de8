package tests

import (
	"regexp"
	"slices"
	"strings"

	"github.com/retort-go/retort/internal/urlmap"
)

// oddNumber is text that Python's int or float reads, and Go's do not.
var oddNumber = regexp.MustCompile(`(?i)^\s*[-+]?(nan|inf|infinity|\d+(_\d+)+|[\d.]*[^\x00-\x7f][^a-z]*)\s*$`)

// exponent is in a float that a release of Werkzeug writes short.
var exponent = regexp.MustCompile(`\de[-+]\d`)

// oddArguments are those that Python's regular expression for them misreads:
// numbers or words without a blank between them, negative numbers, a comma at
// the end, nothing at all, a word where a number belongs.
var oddArguments = regexp.MustCompile(`<\w+\([^<>]*([^\s=,(]+,[^\s=,)]+\s*[,)]|[=(,\s]-\d|,\s*\)|\(\s*\))[^<>]*:|<(int|float|string)\(([^<>]*=)?\s*["']?[a-zA-Z_]\w*["']?\s*[,)]`)

func hasOddNumber(s *oracleSet, c *oracleCase) bool {
	short := c.ExpectRelease != nil && c.ExpectRelease.URL != nil && exponent.MatchString(*c.ExpectRelease.URL)
	return short || slices.Contains(c.Tags, "unicode-digits") || slices.Contains(c.Tags, "bigint") ||
		slices.ContainsFunc(c.Values, func(v urlmap.Value) bool {
			text, ok := v.Value.(string)
			return ok && oddNumber.MatchString(text)
		})
}

func hasOddArguments(s *oracleSet, c *oracleCase) bool {
	return slices.ContainsFunc(s.Rules, func(r oracleRule) bool { return oddArguments.MatchString(r.Rule) })
}

func hasInvalidHost(s *oracleSet, c *oracleCase) bool {
	return c.Host != nil && urlmap.CheckHost(*c.Host) != nil
}

func namesHostInVain(s *oracleSet, c *oracleCase) bool {
	url := c.Expect.URL
	return url != nil && (s.Map["subdomain_matching"] == false || strings.Contains(*url, ":///"))
}

func hasSemicolonInQuery(s *oracleSet, c *oracleCase) bool {
	if c.Expect.URL == nil {
		return false
	}
	_, query, _ := strings.Cut(*c.Expect.URL, "?")
	return strings.Contains(query, ";")
}

func hasBoolean(s *oracleSet, c *oracleCase) bool {
	return c.Expect.URL != nil && slices.ContainsFunc(c.Values, func(v urlmap.Value) bool {
		yes, isBool := v.Value.(bool)
		return isBool && strings.Contains(*c.Expect.URL, map[bool]string{true: "True", false: "False"}[yes])
	})
}
