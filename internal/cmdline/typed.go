package cmdline

import (
	"slices"
	"strings"
)

// typed is a command line as far as it was typed into a shell.
type typed struct {
	// words are without their quotes. The last may be empty, or not be whole.
	words []string
	// quote is the one that is still open, 0 if none is.
	quote byte
	// kept are the bytes of the last word before what bash puts a candidate in the
	// place of: bash begins a word after each of its breaks, as : and =, and at quotes.
	kept int
}

// inDoubleQuotes are what a backslash can stand before within double quotes.
const inDoubleQuotes = "$`\"\\\n"

// readLine reads what was typed into bash. breaks are its COMP_WORDBREAKS.
func readLine(line, breaks string) typed {
	r := lineReader{breaks: breaks}
	for i := 0; i < len(line); i++ {
		next := byte(0)
		if i+1 < len(line) {
			next = line[i+1]
		}
		if r.read(line[i], next) {
			i++
		}
	}
	return typed{append(r.words, string(r.word)), r.quote, r.kept}
}

// lineReader takes a line apart.
type lineReader struct {
	breaks string
	words  []string
	word   []byte
	begun  bool // the word has begun, if only by a quote
	quote  byte
	kept   int
}

// read reads the byte c, and reports whether it took the one after it, too.
func (r *lineReader) read(c, next byte) (both bool) {
	escapes := r.quote == 0 || r.quote == '"' && strings.IndexByte(inDoubleQuotes, next) >= 0
	switch {
	case c == '\\' && r.quote != '\'' && escapes:
		if next == 0 {
			return false // what it is for is yet to be typed
		}
		r.append(next)
		return true
	case c == r.quote:
		r.quote = 0
		r.breakAfter(c)
	case r.quote == 0 && (c == '\'' || c == '"'):
		r.quote, r.kept, r.begun = c, len(r.word), true
	case r.quote == 0 && (c == ' ' || c == '\t' || c == '\n'):
		r.end()
	default:
		r.append(c)
		r.breakAfter(c)
	}
	return false
}

// breakAfter has bash begin a word here, if c is one of its breaks.
func (r *lineReader) breakAfter(c byte) {
	if r.quote == 0 && strings.IndexByte(r.breaks, c) >= 0 {
		r.kept = len(r.word)
	}
}

func (r *lineReader) append(c byte) {
	r.word = append(r.word, c)
	r.begun = true
}

// end ends a word.
func (r *lineReader) end() {
	if r.begun {
		r.words = append(r.words, string(r.word))
	}
	r.word, r.begun, r.kept = nil, false, 0
}

// unquoteLast takes the quotes off the last word, which came as it was typed.
func (t *typed) unquoteLast() {
	if n := len(t.words); n > 0 {
		words := readLine(t.words[n-1], "").words
		t.words = append(slices.Clip(t.words[:n-1]), strings.Join(words, " "))
	}
}

// rest is what bash has to put in the place of its part of the last word, so that
// the word is candidate, which begins with it.
func (t *typed) rest(candidate string) string {
	candidate = candidate[t.kept:]
	switch t.quote {
	case '\'':
		return strings.ReplaceAll(candidate, `'`, `'\''`)
	case '"':
		return escape(candidate, func(r rune) bool { return strings.ContainsRune(inDoubleQuotes, r) })
	}
	return escape(candidate, func(r rune) bool { return strings.ContainsRune(special, r) })
}

// special is what means something to bash outside of quotes.
const special = " \t\n'\"\\$`!&;()<>|*?[]{}#~^"

// escape puts a backslash before each rune that must have one.
func escape(text string, must func(rune) bool) string {
	var b strings.Builder
	for _, r := range text {
		if must(r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
