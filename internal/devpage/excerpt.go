package devpage

import (
	"regexp"
	"unicode"
	"unicode/utf8"

	"github.com/retort-go/retort/internal/devbuild"
)

// Line is a line of source as a page shows it. Its text is Before, Mark and After.
type Line struct {
	Number int
	Marked bool // it is the one that is meant
	Before string
	Mark   string // the word that is meant
	After  string
}

// maxLine is how much of a line is shown, in bytes.
const maxLine = 2000

// Lines are lines of source; in the one that is marked, the word at a column is.
// The column counts bytes from 1; with 0 no word is marked.
func Lines(excerpt []devbuild.SourceLine, column int) []Line {
	lines := make([]Line, len(excerpt))
	for i, s := range excerpt {
		lines[i] = Line{Number: s.Number, Marked: s.Marked, Before: shorten(s.Text, maxLine)}
		if s.Marked {
			lines[i].mark(column)
		}
		for _, part := range []*string{&lines[i].Before, &lines[i].Mark, &lines[i].After} {
			*part = Visible(*part)
		}
	}
	return lines
}

func (l *Line) mark(column int) {
	text := l.Before
	start := column - 1
	if start < 0 || start >= len(text) || !utf8.RuneStart(text[start]) {
		return
	}
	end := start + tokenLen(text[start:])
	l.Before, l.Mark, l.After = text[:start], text[start:end], text[end:]
}

// tokenLen is the length of what a text begins with: a word, a string on one
// line, or else a character.
func tokenLen(text string) int {
	first, size := utf8.DecodeRuneInString(text)
	if m := stringStart.FindString(text); m != "" {
		return len(m)
	}
	if !isWord(first) {
		return size
	}
	for size < len(text) {
		r, n := utf8.DecodeRuneInString(text[size:])
		if !isWord(r) {
			break
		}
		size += n
	}
	return size
}

var stringStart = regexp.MustCompile("^(\"(\\\\.|[^\"\\\\])*\"|`[^`]*`|'(\\\\.|[^'\\\\])+')")

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// shorten cuts a text off after n bytes.
func shorten(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + " …"
}
