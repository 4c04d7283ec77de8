package tests

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// deviation is one reason for which recorded cases do not hold on purpose.
type deviation struct {
	reason  string
	applies func(app *appSpec, c *recordedCase) bool // of http.json
	ofURLs  func(*oracleSet, *oracleCase) bool       // of routing.json and build.json
}

// hostReason is one of the reasons; sections of compat.json have it too.
const hostReason = "an invalid Host is refused with 400, the case of a valid one does not count, an underscore is valid, " +
	"and the socket's address does not stand in for one"

const cookieReason = "a cookie whose name would be read as another cookie, or with a control character, is refused or quoted, " +
	"and one whose signature is spelled in another way than it was signed is refused"

// deviations are all of them. They tell cases by what they do, so that they fit
// recordings with other cases too; a case that holds although one applies
// counts as holding.
var deviations = []deviation{
	{"net/http refuses or changes this: a request line or field, a status that is no final one, a semicolon in a query",
		func(app *appSpec, c *recordedCase) bool {
			return withTag("odd-status")(app, c) || refusedByNetHTTP(app, c)
		}, hasSemicolonInQuery},
	{"methods are case-sensitive (RFC 9110 §9.1)",
		withTag("lower-method"), nil},
	{hostReason,
		func(app *appSpec, c *recordedCase) bool {
			return withTag("bad-host")(app, c) || hasUnusualHost(app, c)
		}, hasInvalidHost},
	{"a body that is too large, cut off or not what its Content-Type says is the client's error, not a part of it or an empty form; a name that is not there is \"\"",
		hasOddBody, nil},
	{"teardown functions run when the body is closed, because a stream still needs what they release",
		teardownBeforeBody, nil},
	{"numbers in JSON and booleans in URLs are written as Go writes them",
		returnsFloat, hasBoolean},
	{"the page of a redirect does not link to a script",
		redirectsToScript, nil},
	{"every code from 400 to 599 can be aborted with, also one that Werkzeug has no class for",
		abortsWithUnknownCode, nil},
	{cookieReason,
		setsOddCookie, nil},
	{"numbers are ASCII digits that fit an int or a float64, and a URL shows all their digits: " +
		"no other scripts, underscores, exponents, infinities or NaN",
		func(app *appSpec, c *recordedCase) bool {
			return hasUnicodeDigit(c) || hasBigInteger(c) || readsOddNumber(app, c)
		}, hasOddNumber},
	{"the arguments of a converter mean what a reader takes them for, with and without blanks, and wrong ones are refused when the rule is added",
		nil, hasOddArguments},
	{"a URL names a host only when it is known and another one",
		nil, namesHostInVain},
}

// deviates gives the reason for which the case may fail.
func deviates(app *appSpec, c *recordedCase) (reason string, ok bool) {
	for _, d := range deviations {
		if d.applies != nil && d.applies(app, c) {
			return d.reason, true
		}
	}
	return "", false
}

func withTag(tags ...string) func(*appSpec, *recordedCase) bool {
	return func(_ *appSpec, c *recordedCase) bool {
		return slices.ContainsFunc(tags, func(tag string) bool { return slices.Contains(c.Tags, tag) })
	}
}

func refusedByNetHTTP(app *appSpec, c *recordedCase) bool {
	return withTag("odd-target", "raw-non-ascii", "raw-hash", "invalid-percent", "bad-content-length", "header-underscore")(app, c) ||
		slices.ContainsFunc(c.Steps, func(s recordedStep) bool {
			_, err := s.Request.httpRequest(nil, nothingToReplace)
			return err != nil
		})
}

// anyStep reports whether one of the case's requests is for a route whose view
// has a step for which f is true.
func anyStep(app *appSpec, c *recordedCase, f func(step) bool) bool {
	for _, s := range c.Steps {
		path, _, _ := strings.Cut(s.Request.Target, "?")
		for _, r := range app.Routes {
			if r.Rule == path && slices.ContainsFunc(r.View, f) {
				return true
			}
		}
	}
	return false
}

// teardownBeforeBody is true of streams whose teardown Flask ran first.
func teardownBeforeBody(app *appSpec, c *recordedCase) bool {
	return len(app.TeardownRequest)+len(app.TeardownAppContext) > 0 &&
		slices.ContainsFunc(c.Steps, func(s recordedStep) bool {
			return len(s.Expect.Trace) > 0 && s.Expect.Trace[len(s.Expect.Trace)-1] == "chunk"
		})
}

func returnsFloat(app *appSpec, c *recordedCase) bool {
	return anyStep(app, c, func(s step) bool {
		if s.name != "return" {
			return false
		}
		v, err := jsonValue(s.arg)
		return err == nil && oddFloat(v)
	})
}

// oddFloat reports whether v holds a float that Python writes in another way.
func oddFloat(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, value := range v {
			if oddFloat(value) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, oddFloat)
	case float64:
		text, err := json.Marshal(v)
		return err == nil && string(text) != pythonFloat(v)
	}
	return false
}

func setsOddCookie(app *appSpec, c *recordedCase) bool {
	return anyStep(app, c, func(s step) bool {
		var arg struct{ Name string }
		if s.name != "cookie" || json.Unmarshal(s.arg, &arg) != nil {
			return false
		}
		return arg.Name == "" || strings.ContainsAny(arg.Name, "=;\r\n") || strings.TrimSpace(arg.Name) != arg.Name
	})
}

func redirectsToScript(app *appSpec, c *recordedCase) bool {
	return anyStep(app, c, func(s step) bool {
		var arg struct{ Location string }
		return s.name == "redirect" && json.Unmarshal(s.arg, &arg) == nil && strings.HasPrefix(arg.Location, "javascript:")
	})
}

func abortsWithUnknownCode(app *appSpec, c *recordedCase) bool {
	return anyStep(app, c, func(s step) bool {
		var arg struct{ Code int }
		if s.name != "abort" || json.Unmarshal(s.arg, &arg) != nil || arg.Code < 400 || arg.Code > 599 {
			return false
		}
		for _, code := range codeClasses {
			if code == arg.Code {
				return false
			}
		}
		return true
	})
}

func hasUnicodeDigit(c *recordedCase) bool {
	return slices.ContainsFunc(c.Steps, func(s recordedStep) bool {
		path, err := url.PathUnescape(s.Request.Target)
		return err == nil && strings.ContainsFunc(path, func(r rune) bool { return r > unicode.MaxASCII && unicode.IsDigit(r) })
	})
}

func hasBigInteger(c *recordedCase) bool {
	return slices.ContainsFunc(c.Steps, func(s recordedStep) bool {
		notDigit := func(r rune) bool { return r < '0' || r > '9' }
		return slices.ContainsFunc(strings.FieldsFunc(s.Request.Target, notDigit), func(digits string) bool {
			_, err := strconv.ParseInt(digits, 10, 64)
			return err != nil
		})
	})
}
