package urlmap

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// A part is what a rule says about one segment of the path (or about the
// domain): a literal text, or, as soon as there is a variable in it, a pattern.
// A variable that may hold slashes makes its part final: everything from the
// start of the segment to the end of the rule.
//
// Werkzeug: routing/rules.py, RulePart.
type part struct {
	text   string  // of a static part
	pieces []piece // of a dynamic part, in order; nil for a static one

	// final says that the part takes the whole rest of the path. A final part
	// whose rule ends with a slash is suffixed: the slash is not among its pieces
	// but follows as a static part "" of its own, so that it can be missing and
	// lead to a redirect.
	final, suffixed bool

	weight weight

	expr string // the pattern as an anchored regular expression, for the textbook matching
	once sync.Once
	re   *regexp.Regexp
}

// A piece of a dynamic part is literal text or a variable.
type piece struct {
	text     string
	variable *Variable // nil for literal text
}

func (p *part) static() bool { return p.pieces == nil }

// variables returns the number of variables of the part.
func (p *part) variables() int { return len(p.weight.variables) }

// regexp returns the compiled expr. It is compiled when first needed, which for
// rules of the built-in converters is only when somebody asks for an explanation.
func (p *part) regexp() *regexp.Regexp {
	p.once.Do(func() { p.re = regexp.MustCompile(p.expr) })
	return p.re
}

// key identifies the part among those of one state. Rules whose parts have equal
// keys share the way: the converters' expressions count, not their names, bounds
// or variables.
func (p *part) key() string {
	kind := "\x00"
	switch {
	case p.suffixed:
		kind = "\x02"
	case p.final:
		kind = "\x01"
	}
	return p.expr + kind + p.weight.String()
}

// String returns the part as a rule would have it, without names of variables.
func (p *part) String() string {
	if p.static() {
		return strconv.Quote(p.text)
	}
	var b strings.Builder
	for _, piece := range p.pieces {
		switch {
		case piece.variable == nil:
			b.WriteString(piece.text)
		case piece.variable.ConverterName == "default":
			b.WriteString("<string>")
		default:
			b.WriteString("<" + piece.variable.ConverterName + ">")
		}
	}
	return b.String()
}

// weight orders the dynamic parts of one state: the more literal text, the
// sooner a part is tried.
//
// Werkzeug: routing/rules.py, Weighting.
type weight struct {
	statics   []int // code points of each literal text between slashes and variables
	variables []int // weight of each variable's converter
}

// compare is negative when w is tried before o: first by more literal texts, then
// by longer ones from the left, then by more variables, then by lighter ones.
func (w weight) compare(o weight) int {
	if c := cmp.Compare(len(o.statics), len(w.statics)); c != 0 {
		return c
	}
	for i := range w.statics {
		if c := cmp.Compare(o.statics[i], w.statics[i]); c != 0 {
			return c
		}
	}
	if c := cmp.Compare(len(o.variables), len(w.variables)); c != 0 {
		return c
	}
	for i := range w.variables {
		if c := cmp.Compare(w.variables[i], o.variables[i]); c != 0 {
			return c
		}
	}
	return 0
}

// String shows the two lists of the weight: "text 1+5, converters 100+50".
func (w weight) String() string {
	if len(w.statics) == 0 {
		return "converters " + sum(w.variables)
	}
	return "text " + sum(w.statics) + ", converters " + sum(w.variables)
}

func sum(numbers []int) string {
	b := make([]byte, 0, 16)
	for i, n := range numbers {
		if i > 0 {
			b = append(b, '+')
		}
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return string(b)
}

// compileParts cuts the tokens of the rule into parts.
func (r *Rule) compileParts() error {
	domain := partBuilder{vars: r.vars}
	domain.cut(r.domain)
	path := partBuilder{vars: r.vars}
	path.cut(r.path)
	r.parts = append(domain.parts, path.parts...)
	for i := range r.vars {
		c := r.vars[i].Converter
		r.custom = r.custom || !isBuiltin(c)
		if last, ok := c.(checker); ok && mayRefuse(c) {
			r.checks = append(r.checks, check{last, i})
		}
	}
	r.checked = r.custom || len(r.checks) > 0
	return r.checkExpressions()
}

// checkExpressions refuses parts whose custom converters make no regular
// expression together, because it is too large or too deep.
func (r *Rule) checkExpressions() error {
	if !r.custom {
		return nil
	}
	for _, p := range r.parts {
		if p.static() {
			continue
		}
		if _, err := regexp.Compile(p.expr); err != nil {
			return &RuleError{Rule: r.Rule, Offset: -1, Msg: err.Error(), err: err}
		}
	}
	return nil
}

// partBuilder cuts tokens at the slashes.
type partBuilder struct {
	vars  []Variable
	parts []*part
	open  part // the part that is being read; its text is kept until a variable comes
}

// cut reads the tokens of a domain or a path.
func (b *partBuilder) cut(tokens []token) {
	for _, t := range tokens {
		if t.variable >= 0 {
			b.variable(&b.vars[t.variable])
			continue
		}
		for text, slash := t.text, true; slash; {
			var before string
			before, text, slash = strings.Cut(text, "/")
			b.literal(before)
			if slash {
				b.slash()
			}
		}
	}
	if n := len(b.open.pieces); b.open.final && b.open.pieces[n-1].text == "/" {
		b.open.suffixed = true
		b.open.pieces = b.open.pieces[:n-1]
	}
	suffixed := b.open.suffixed
	b.close()
	if suffixed {
		b.close()
	}
}

func (b *partBuilder) literal(text string) {
	if text == "" {
		return
	}
	b.open.weight.statics = append(b.open.weight.statics, utf8.RuneCountInString(text))
	b.open.pieces = append(b.open.pieces, piece{text: text})
}

func (b *partBuilder) variable(v *Variable) {
	b.open.final = b.open.final || !v.Converter.PartIsolating()
	b.open.weight.variables = append(b.open.weight.variables, v.Converter.Weight())
	b.open.pieces = append(b.open.pieces, piece{variable: v})
}

// slash ends the part, unless it is final: then the slash is text, but none that
// counts in the weight.
func (b *partBuilder) slash() {
	if b.open.final {
		b.open.pieces = append(b.open.pieces, piece{text: "/"})
		return
	}
	b.close()
}

// close appends the open part and begins the next one.
func (b *partBuilder) close() {
	p := &part{final: b.open.final, suffixed: b.open.suffixed, weight: b.open.weight}
	if len(b.open.weight.variables) == 0 {
		if len(b.open.pieces) > 0 {
			p.text = b.open.pieces[0].text
		}
	} else {
		p.pieces = b.open.pieces
		p.expr = expression(p.pieces)
	}
	b.parts = append(b.parts, p)
	b.open = part{}
}

// expression returns the pieces as a regular expression for the whole target.
func expression(pieces []piece) string {
	var b strings.Builder
	b.WriteString(`\A`)
	n := 0
	for _, p := range pieces {
		if p.variable == nil {
			b.WriteString(regexp.QuoteMeta(p.text))
			continue
		}
		b.WriteString("(?P<" + groupName(n) + ">" + p.variable.Converter.Regexp() + ")")
		n++
	}
	b.WriteString(`\z`)
	return b.String()
}

// groupName names the group of a part's n-th variable as no converter would.
func groupName(n int) string { return "__urlmap_" + strconv.Itoa(n) }
