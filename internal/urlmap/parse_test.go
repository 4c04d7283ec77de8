package urlmap

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func addRule(rule string) (*Rule, error) {
	return New(DefaultOptions()).Add(Spec{Rule: rule, Endpoint: "e"})
}

func TestRuleErrorsSayWhereAndWhy(t *testing.T) {
	const known = "known are any, default, float, int, path, string, uuid"
	for _, tt := range []struct{ name, rule, want string }{
		{"no slash first", "a/b", `url rule "a/b": offset 0: a rule starts with a slash`},
		{"empty", "", `url rule "": offset 0: a rule starts with a slash`},
		{"no name", "/a/<>", `url rule "/a/<>": offset 4: the name of the variable is missing`},
		{"no name behind a converter", "/<int:>", `url rule "/<int:>": offset 6: the name of the variable is missing`},
		{"digit first", "/<1a>", `url rule "/<1a>": offset 2: a name starts with a letter or "_", not with "1"`},
		{"letter that is not ASCII", "/<é>", `url rule "/<é>": offset 2: a name starts with a letter or "_", not with "é"`},
		{"dash in a name", "/<a-b>", `url rule "/<a-b>": offset 3: "-" cannot follow the name "a": a name has ASCII letters, digits and "_", and ends with ">"`},
		{"blank in a name", "/<int:a b>", `url rule "/<int:a b>": offset 7: " " cannot follow the name "a": a name has ASCII letters, digits and "_", and ends with ">"`},
		{"never closed", "/a/<b", `url rule "/a/<b": offset 3: "<" is never closed by ">"`},
		{"closed too late", "/a/<b/c>", `url rule "/a/<b/c>": offset 3: "<" is never closed by ">"`},
		{"nothing behind the bracket", "/a/<", `url rule "/a/<": offset 3: "<" is never closed by ">"`},
		{"nothing behind the colon", "/a/<int:", `url rule "/a/<int:": offset 3: "<" is never closed by ">"`},
		{"twice the same variable", "/<a>/<int:a>", `url rule "/<a>/<int:a>": offset 5: the variable "a" is there twice`},
		{"unknown converter", "/<slug:a>", `url rule "/<slug:a>": offset 2: there is no converter "slug"; ` + known},
		{"unknown converter with a near one", "/<itn:a>", `url rule "/<itn:a>": offset 2: there is no converter "itn"; did you mean "int"? K` + known[1:]},
		{"bracket never closed", "/<int(min=5:a>", `url rule "/<int(min=5:a>": offset 11: ":" cannot follow an argument: it ends with "," or ")"`},
		{"bracket never closed at the end", "/<int(min=5", `url rule "/<int(min=5": offset 5: "(" is never closed by ")"`},
		{"blank in front of the bracket", "/<int (min=1):a>", `url rule "/<int (min=1):a>": offset 5: " " cannot follow the name "int": a name has ASCII letters, digits and "_", and ends with ">"`},
		{"no colon", "/<int(1)a>", `url rule "/<int(1)a>": offset 8: ":" and the name of the variable follow a converter, not "a"`},
		{"comma at the end", "/<int(1,):a>", `url rule "/<int(1,):a>": offset 8: an argument is missing before ")"`},
		{"two values without a comma", "/<any(a b):c>", `url rule "/<any(a b):c>": offset 8: "b" cannot follow an argument: it ends with "," or ")"`},
		{"string never closed", `/<any("a):c>`, `url rule "/<any(\"a):c>": offset 6: the string is never closed by "`},
		{"unknown argument", "/<int(maximum=3):a>", `url rule "/<int(maximum=3):a>": offset 6: the converter "int" has no argument "maximum"; it knows fixed_digits, min, max, signed`},
		{"argument of a wrong kind", "/<int(min=2, max=x):a>", `url rule "/<int(min=2, max=x):a>": offset 13: the argument "max" of "int" is a whole number, not "x"`},
		{"argument twice", "/<string(2, minlength=3):a>", `url rule "/<string(2, minlength=3):a>": offset 12: the argument "minlength" of "string" is given twice`},
		{"too many arguments", "/<float(1, 2, True, 4):a>", `url rule "/<float(1, 2, True, 4):a>": offset 20: the converter "float" takes at most 3 arguments: min, max, signed`},
		{"arguments for a converter without", "/<uuid(1):a>", `url rule "/<uuid(1):a>": offset 7: the converter "uuid" takes no arguments`},
		{"positional behind named", "/<int(min=1, 2):a>", `url rule "/<int(min=1, 2):a>": offset 13: an argument without a name cannot follow one with a name`},
		{"number too large", "/<int(99999999999999999999):a>", `url rule "/<int(99999999999999999999):a>": offset 6: the number 99999999999999999999 does not fit an int`},
		{"any without items", "/<any():a>", `url rule "/<any():a>": offset 2: the converter "any" needs at least one text`},
		{"any with a name", "/<any(a, b=c):d>", `url rule "/<any(a, b=c):d>": offset 9: the converter "any" has no named arguments`},
		{"lengths that exclude each other", "/<string(minlength=3, maxlength=2):a>", `url rule "/<string(minlength=3, maxlength=2):a>": offset 2: no string has a minlength of 3 and a maxlength of 2`},
		{"length beyond reason", "/<string(length=65537):a>", `url rule "/<string(length=65537):a>": offset 9: the argument "length" is 65537; no URL is that long, the limit is 65536`},
		{"flag that is none", "/<int(signed=1):a>", `url rule "/<int(signed=1):a>": offset 6: the argument "signed" of "int" is True or False, not "1"`},
		{"bound that is none", "/<float(max='1'):a>", `url rule "/<float(max='1'):a>": offset 8: the argument "max" of "float" is a number, not "1"`},
		{"negative length", "/<string(-1):a>", `url rule "/<string(-1):a>": offset 9: the argument "minlength" of "string" is a whole number, not "-1"`},
		{"digits that are no number", "/<int(x):a>", `url rule "/<int(x):a>": offset 6: the argument "fixed_digits" of "int" is a whole number, not "x"`},
		{"bracket at the end", "/<int(", `url rule "/<int(": offset 6: an argument is missing before the end of the rule`},
		{"not UTF-8", "/a\xff<b>", `url rule "/a\xff<b>": offset 2: the rule is not UTF-8 here; write the decoded text, not bytes or percent-encoding`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := addRule(tt.rule)
			assert.EqualError(t, err, tt.want)
			assert.ErrorAs(t, err, new(*RuleError))
		})
	}
}

func TestRuleErrorPutsACaretUnderTheMistake(t *testing.T) {
	_, err := addRule("/é/<int:a>/<int(mni=2):b>")
	var mistake *RuleError
	require.ErrorAs(t, err, &mistake)
	assert.Equal(t, `the converter "int" has no argument "mni"; it knows fixed_digits, min, max, signed
    /é/<int:a>/<int(mni=2):b>
                    ^
`, mistake.Detail())
}

func TestRuleErrorAboutTheWholeRuleHasNoCaret(t *testing.T) {
	_, err := New(Options{}).Add(Spec{Rule: "/ws", WebSocket: true, Methods: []string{"POST"}})
	var mistake *RuleError
	require.ErrorAs(t, err, &mistake)
	assert.Equal(t, `url rule "/ws": a WebSocket rule answers GET, HEAD and OPTIONS only, not POST`, mistake.Error())
	assert.Equal(t, "a WebSocket rule answers GET, HEAD and OPTIONS only, not POST\n    /ws\n", mistake.Detail())
}

func TestDomainRulesAreCheckedToo(t *testing.T) {
	for _, tt := range []struct{ name, subdomain, want string }{
		{"slash", "a/b", `url rule "a/b": offset 1: a subdomain or host has no slash`},
		{"converter that takes slashes", "<path:p>", `url rule "<path:p>": offset 1: the converter "path" may hold slashes, a subdomain or host has none`},
		{"variable of the path", "<a>", `url rule "/<a>": offset 1: the variable "a" is there twice`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(Options{SubdomainMatching: true}).Add(Spec{Rule: "/<a>", Subdomain: tt.subdomain})
			assert.EqualError(t, err, tt.want)
		})
	}
}

func TestRuleIsReadIntoTokensAndVariables(t *testing.T) {
	m := New(Options{SubdomainMatching: true, MergeSlashes: true})
	r, err := m.Add(Spec{Rule: "/a//<int:n>-<b>.x", Subdomain: "<s>.api"})
	require.NoError(t, err)
	assert.Equal(t, []token{{variable: 0}, {".api", -1}}, r.domain)
	assert.Equal(t, []token{{"/a/", -1}, {variable: 1}, {"-", -1}, {variable: 2}, {".x", -1}}, r.path)
	assert.Equal(t, []Variable{
		{"s", stringConverter{1, -1}, "default", true},
		{"n", intConverter{}, "int", false},
		{"b", stringConverter{1, -1}, "default", false},
	}, r.Variables())
	assert.Equal(t, "/a//<int:n>-<b>.x", r.String())
}

func TestRuleIsCutIntoParts(t *testing.T) {
	for _, tt := range []struct {
		name, rule string
		want       []string
	}{
		{"root", "/", []string{`""`, `""`, `""`}},
		{"static", "/a/b", []string{`""`, `""`, `"a"`, `"b"`}},
		{"slash at the end", "/a/", []string{`""`, `""`, `"a"`, `""`}},
		{"variables", "/<a>/x<int:b>-<c>", []string{`""`, `""`, "<string>", "x<int>-<string>"}},
		{"path is final", "/a/<path:p>/edit", []string{`""`, `""`, `"a"`, "<path>/edit"}},
		{"final from the first byte", "/x<path:p>/<a>", []string{`""`, `""`, "x<path>/<string>"}},
		{"suffixed", "/<path:p>/", []string{`""`, `""`, "<path>", `""`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := addRule(tt.rule)
			require.NoError(t, err)
			var got []string
			for _, p := range r.parts {
				got = append(got, p.String())
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

// FuzzRule: a rule is accepted or refused with an offset in its text; the tokens
// of an accepted rule, written down again, are an equal rule.
func FuzzRule(f *testing.F) {
	for _, seed := range []string{"/", "/a/<int:b>", "/<any(a, 'b c', 3):x>.<path:p>/", "/<string(minlength=2, maxlength=3):a>", "/<", "/<int(:a>", "/<x(\"'\":", "//é\xff", "/<any('\xef'):a>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m := New(DefaultOptions())
		r, err := m.Add(Spec{Rule: text, Endpoint: "e"})
		if err != nil {
			var mistake *RuleError
			require.ErrorAs(t, err, &mistake)
			require.GreaterOrEqual(t, mistake.Offset, 0)
			require.LessOrEqual(t, mistake.Offset, len(text))
			require.Equal(t, 3, strings.Count(mistake.Detail(), "\n")-strings.Count(text, "\n")-strings.Count(mistake.Msg, "\n"))
			return
		}
		var b strings.Builder
		for _, token := range r.path {
			if token.variable < 0 {
				b.WriteString(token.text)
			} else {
				b.WriteString("<" + r.vars[token.variable].Name + ">")
			}
		}
		again, err := New(DefaultOptions()).Add(Spec{Rule: b.String(), Endpoint: "e"})
		require.NoError(t, err)
		require.Equal(t, r.path, again.path)
		m.Freeze()
		q := Query{Method: "GET", Path: r.witness()}
		require.Equal(t, m.Explain(q).Outcome, m.Match(q).Outcome)
	})
}
