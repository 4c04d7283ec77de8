package gateway_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// check is one of the checks of another linter. Held is how it is held here: by
// codes of Lint ("E01 E02"), by Go ("type: …": a program that breaks it does not
// compile, or the runtime stops it), or not at all ("none: …"), with the reason.
type check struct{ what, held string }

// wsgirefChecks are those of wsgiref.validate, in the order of its source.
var wsgirefChecks = []check{
	{"the app takes two arguments", "type: App.Call"},
	{"and none by keyword", "type: Go has no keyword arguments"},
	{"the environ is a dict", "type: *Environ"},
	{"the required keys are there", "E01 E02 E03 E06"}, // those of wsgi.* are fields
	{"type and length of the content are not HTTP_ variables", "E12 E13"},
	{"QUERY_STRING is there", "E07"},
	{"variables are strings", "type: Environ.Set takes strings"},
	{"wsgi.version is a tuple", "type: it is a constant"},
	{"wsgi.url_scheme is known", "E05"},
	{"wsgi.input has its methods", "type: *Input, and a nil one is empty"},
	{"wsgi.errors has its methods", "E06"}, // an interface, which can still be nil
	{"REQUEST_METHOD is known", "E04"},
	{"SCRIPT_NAME begins with a slash", "E08"},
	{"PATH_INFO begins with a slash", "E09"},
	{"CONTENT_LENGTH is a number", "E16"},
	{"one of SCRIPT_NAME and PATH_INFO is there", "E11"},
	{"SCRIPT_NAME is not a slash", "E10"},
	{"start_response takes two or three arguments", "type: StartResponse"},
	{"and none by keyword", "type: Go has no keyword arguments"},
	{"the status is a string", "type: StartResponse"},
	{"its code has three characters", "S03"},
	{"which are digits", "S03"},
	{"and no less than 100", "S05"},
	{"a space and a reason follow", "S04"},
	{"the headers are a list", "type: Headers"},
	{"of tuples", "type: Headers"},
	{"of two", "type: [2]string"},
	{"names are strings", "type: [2]string"},
	{"values are strings", "type: [2]string"},
	{"no field is called Status", "H01"},
	{"no name has a colon or an end of line", "H02"},
	{"a name is made of letters, digits, - and _", "H02"}, // a token of RFC 9110, which has more
	{"a name does not end in - or _", "H04"},
	{"a value has no control characters", "H05"}, // DEL is one, too
	{"a 204 or 304 has no Content-Type", "H10 H12"},
	{"other responses have one", "H13"},
	{"exc_info is a tuple", "type: error"},
	{"input.read takes one argument", "type: Input.Read"},
	{"and gives bytes", "type: Input.Read"},
	{"input.readline takes one at most", "type: Input.ReadLine"},
	{"and gives bytes", "type: Input.ReadLine"},
	{"input.readlines gives a list of bytes", "type: Input.Lines"},
	{"input is not closed", "type: Input has no Close"},
	{"errors.write takes text", "none: in Go text is bytes"},
	{"errors is not closed", "type: ErrorStream has no Close"},
	{"write takes bytes", "type: Write"},
	{"the app returns a body", "B01"},
	{"which is not a string", "type: Body"},
	{"it is not read when it is closed", "B04"},
	{"its chunks are bytes", "type: Body.Chunks"},
	{"start_response was called before the first", "B08 B10"},
	{"it is closed before it is forgotten", "B02"},
}

// werkzeugChecks are those of Werkzeug's LintMiddleware, in the order of its
// source.
var werkzeugChecks = []check{
	{"the environ is a dict", "type: *Environ"},
	{"the required keys are there", "E01 E02 E03 E06"},
	{"it is one of WSGI 1.0", "type: the version is a constant"},
	{"SCRIPT_NAME begins with a slash", "E08"},
	{"PATH_INFO begins with a slash", "E09"},
	{"input.read has a size", "none: every Input ends"},
	{"input.read takes one argument at most", "type: Input.Read"},
	{"input.readline has a size", "I01"}, // it cannot hang here, but grow
	{"input.readline has none", "none: ReadLine has always had one"},
	{"input.readline takes one argument at most", "type: Input.ReadLine"},
	{"input can be iterated over", "type: Input.Lines"},
	{"input is not closed", "type: Input has no Close"},
	{"errors.write takes text", "none: in Go text is bytes"},
	{"errors is not closed", "type: ErrorStream has no Close"},
	{"write takes bytes", "type: Write"},
	{"the status is a string", "type: StartResponse"},
	{"its code has three digits", "S03"},
	{"a space and a reason follow", "S04"},
	{"it is no less than 100", "S05"},
	{"the headers are a list", "type: Headers"},
	{"of tuples of two", "type: [2]string"},
	{"of strings", "type: [2]string"},
	{"no field is called Status", "H01"},
	{"exc_info is what it should be", "type: error"},
	{"a weak ETag begins with a large W", "H08"},
	{"an ETag is in quotation marks", "H14"},
	{"a Location is absolute", "none: RFC 9110 §10.2.2 allows a reference"},
	{"the body is not a string", "type: Body"},
	{"it is not iterated over when it is closed", "B04"},
	{"start_response was called before it is", "B08 B10"},
	{"its chunks are bytes", "type: Body.Chunks"},
	{"a 304 has no fields of a body", "H10"}, // Last-Modified may be there without an ETag
	{"a 304 has no body", "B09"},
	{"a 204 has an empty length", "H11"}, // none at all: RFC 9110 §8.6
	{"a 1xx or 204 has no body", "B09 S06"},
	{"the body has the length that is declared", "B11"}, // but for HEAD
	{"it is closed before it is forgotten", "B02"},
	{"the app takes two arguments", "type: App.Call"},
	{"and none by keyword", "type: Go has no keyword arguments"},
	{"start_response takes two or three", "type: StartResponse"},
	{"and none by keyword", "type: Go has no keyword arguments"},
}

// ownChecks are those that neither has.
var ownChecks = []check{
	{"no variable makes a program use a proxy that the client names", "E14"},
	{"extensions have names of their own", "E15"},
	{"the input has the length that CONTENT_LENGTH says", "E17"},
	{"what is cut off PATH_INFO is put onto SCRIPT_NAME", "E18"},
	{"the input is not read when the response is over", "I02"},
	{"start_response is not called when the response is over", "S01"},
	{"nor twice without an error", "S02"},
	{"a final status ends a request", "S06"},
	{"a status has no control characters", "S07"},
	{"the connection's fields are the server's", "H03"},
	{"values are ASCII", "H06"},
	{"Content-Length is a number", "H07"},
	{"fields that a response has once come once", "H09"},
	{"a 204 has no length", "H11"},
	{"cookies are not joined by a comma", "H15"},
	{"len() is right", "B03"},
	{"a body is iterated over once", "B05"},
	{"a middleware takes no chunks before it returns", "B06"},
	{"and gives one for each that it takes", "B07"},
	{"a body is closed once", "B12"},
	{"a middleware closes the body inside", "B13"},
	{"a chunk is not changed by who gets it", "B14"},
	{"nor by who gives it, while it is out", "B15"},
	{"an error of the body inside is passed on", "B16"},
	{"as is one of its Close", "B17"},
	{"write is not called when the response is over", "W01"},
	{"nor while the body is being sent", "W02"},
	{"nor with what was yielded", "W03"},
	{"an error of start_response is passed on", "C01"},
	{"a chunk is not kept after its step", "none: who keeps one finds it spoilt"},
	{"no context outlives its request", "none: the server ends it with the request"},
	{"a generator that was stopped yields no more", "type: the runtime panics"},
}

func TestTheChecksOfOthers(t *testing.T) {
	require.Len(t, wsgirefChecks, 52)
	require.Len(t, werkzeugChecks, 41)
	known := make(map[string]bool)
	for _, c := range lintCodes {
		known[c.code] = false
	}
	codes := regexp.MustCompile(`^[A-Z][0-9]{2}( [A-Z][0-9]{2})*$`)
	count := map[string]int{}
	for source, checks := range map[string][]check{"wsgiref": wsgirefChecks, "Werkzeug": werkzeugChecks, "own": ownChecks} {
		for i, c := range checks {
			how, reason, told := strings.Cut(c.held, ": ")
			if told {
				require.Contains(t, []string{"type", "none"}, how, "%s %d", source, i+1)
				require.NotEmpty(t, reason, "%s %d", source, i+1)
				count[source+" "+how]++
				continue
			}
			require.Regexp(t, codes, c.held, "%s %d", source, i+1)
			for code := range strings.FieldsSeq(c.held) {
				require.Contains(t, known, code, "%s %d", source, i+1)
				known[code] = true
			}
		}
	}
	for code, used := range known {
		assert.True(t, used, "%s stands for no check", code)
	}
	assert.Equal(t, "25 + 1 of wsgiref, 19 + 4 of Werkzeug", fmt.Sprintf("%d + %d of wsgiref, %d + %d of Werkzeug",
		count["wsgiref type"], count["wsgiref none"], count["Werkzeug type"], count["Werkzeug none"]), "held by types, and without a meaning in Go")
}
