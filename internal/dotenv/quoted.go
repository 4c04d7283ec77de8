package dotenv

import (
	"errors"
	"fmt"
	"strings"
)

// quoted reads a value in quotes, and the rest of its line, which is a comment at
// most.
func (p *parser) quoted(quote byte) (string, error) {
	start := p.at
	p.at++
	var b strings.Builder
	for {
		if p.at == len(p.text) {
			return "", p.fault(start, fmt.Errorf("the value begins with %c and never ends; a quote in a value is \\%[1]c", quote))
		}
		c := p.text[p.at]
		switch {
		case c == quote:
			p.at++
			return b.String(), p.endOfLine()
		case c == '\\' && p.at+1 < len(p.text):
			b.WriteString(unescape(p.text[p.at+1], quote))
			p.at += 2
		case c == '$' && quote == '"':
			if err := p.reference(&b); err != nil {
				return "", err
			}
		default:
			b.WriteByte(c)
			p.at++
		}
	}
}

func (p *parser) endOfLine() error {
	switch p.skip(blanks); p.peek() {
	case '\r', '\n':
		return nil
	case '#':
		p.skipLine()
		return nil
	}
	return p.fault(p.at, errors.New("there is more after the quoted value; a value with quotes in it is quoted as a whole, and a comment begins with #"))
}

// unescape is what a backslash and c stand for within the quotes.
func unescape(c, quote byte) string {
	if c == '\\' || c == quote {
		return string(rune(c))
	}
	if i := strings.IndexByte("abfnrtv'$", c); quote == '"' && i >= 0 {
		return "\a\b\f\n\r\t\v'$"[i : i+1]
	}
	return "\\" + string([]byte{c})
}

// reference writes what the $ at the next byte stands for, and goes behind it.
func (p *parser) reference(b *strings.Builder) error {
	value, n, err := p.lookup(p.text[p.at:], p.at)
	b.WriteString(value)
	p.at += n
	return err
}

var errTooLong = fmt.Errorf("the values are longer than %d KiB with their ${…} expanded", maxExpanded>>10)

// lookup gives the value of the reference that s, the text from offset on, begins
// with, and its length; for any other $ that itself.
func (p *parser) lookup(s string, offset int) (value string, n int, err error) {
	end := strings.IndexAny(s[:min(len(s), maxReference)], "}\r\n")
	if !strings.HasPrefix(s, "${") || end < 0 || s[end] != '}' {
		return "$", 1, nil
	}
	name, fallback, _ := strings.Cut(s[2:end], ":-")
	if !isName(name) {
		return "$", 1, nil
	}
	value, ok := p.environ(name)
	if i, further := p.index[name]; !ok && further {
		value = p.variables[i].Value
	}
	if value == "" {
		value = fallback
	}
	if p.expanded += len(value); p.expanded > maxExpanded {
		return "", 0, p.fault(offset, errTooLong)
	}
	return value, end + 1, nil
}

func isName(s string) bool {
	for i := range len(s) {
		if !isNameByte(s[i], i > 0) {
			return false
		}
	}
	return s != ""
}

// expand replaces the references in a value without quotes, which begins at
// offset.
func (p *parser) expand(text string, offset int) (string, error) {
	var b strings.Builder
	for {
		dollar := strings.IndexByte(text, '$')
		if dollar < 0 {
			b.WriteString(text)
			return b.String(), nil
		}
		b.WriteString(text[:dollar])
		text, offset = text[dollar:], offset+dollar
		value, n, err := p.lookup(text, offset)
		if err != nil {
			return "", err
		}
		b.WriteString(value)
		text, offset = text[n:], offset+n
	}
}
