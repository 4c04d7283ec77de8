package mask

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// What is written after a name in texts: name=value, "name": value, name:value as
// Go prints structs and maps, name: value and name = value as files of settings have
// it, credentials of a request.
var (
	assigned = regexp.MustCompile(`([\w.-]*[A-Za-z][\w.-]*)=("(?:[^"\\]|\\.)*"|'[^']*'|[^\s&;,"'<>\]})]+)`)
	inJSON   = regexp.MustCompile(`"([^"\\\n]{1,80})"(\s*:\s*)("(?:[^"\\]|\\.)*"|[^\s,}\]]+)`)
	printed  = regexp.MustCompile(`\b([A-Za-z]\w*):("(?:[^"\\]|\\.)*"|[^\s:,}\])"]+)`)
	spaced   = regexp.MustCompile(`([\w.-]*[A-Za-z][\w.-]*)("?(?: ?: +| += +))("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;"'<>]+)`)
	field    = regexp.MustCompile(`(?i)\b((?:proxy-)?authorization)(:\s*)(\S+(?: \S+)?)`)
	scheme   = regexp.MustCompile(`(?i)\b(bearer|basic)( +)([A-Za-z0-9._~+/-]{8,}=*)`)
)

// named hides what stands after a name that speaks of a secret. Regular
// expressions are slow, so each is asked only for texts that have what it needs.
func named(text string) string {
	text = hideUserInfo(text)
	if strings.Contains(text, ": ") || strings.Contains(text, ":\t") {
		text = field.ReplaceAllString(text, "${1}${2}"+Hidden)
	}
	if strings.Contains(text, "er ") || strings.Contains(text, "ic ") || strings.Contains(text, "ER ") || strings.Contains(text, "IC ") {
		text = replace(scheme, text, hideToken)
	}
	if strings.Contains(text, `"`) && strings.Contains(text, ":") {
		text = replace(inJSON, text, hideMember)
	}
	if strings.Contains(text, ": ") || strings.Contains(text, " = ") {
		text = replace(spaced, text, hideSetting)
	}
	if strings.Contains(text, "=") {
		text = replace(assigned, text, func(m []string) string { return hideAfter(m, "=") })
	}
	if strings.Contains(text, ":") {
		text = replace(printed, text, func(m []string) string { return hideAfter(m, ":") })
	}
	return text
}

func hideToken(m []string) string {
	if !strings.ContainsAny(m[3], "0123456789=") {
		return m[0] // "basic authentication"
	}
	return m[1] + m[2] + Hidden
}

func hideMember(m []string) string {
	if !Name(m[1]) || m[3] == "null" || m[3] == `""` {
		return m[0]
	}
	return `"` + m[1] + `"` + m[2] + `"` + Hidden + `"`
}

// hideSetting hides what looks like a secret, and is no sentence: "the password:
// it is too short".
func hideSetting(m []string) string {
	value := strings.Trim(m[3], `"'`)
	if !Credential(m[1], value) || strings.HasPrefix(value, Hidden) || !strings.ContainsAny(value, "0123456789") ||
		!strings.ContainsFunc(value, unicode.IsLetter) {
		return m[0]
	}
	return m[1] + m[2] + Hidden
}

func hideAfter(m []string, by string) string {
	if !Name(m[1]) || strings.HasPrefix(m[2], Hidden[:len(Hidden)-1]) {
		return m[0]
	}
	rest := m[2][len(strings.TrimRight(m[2], ".:")):] // the end of a sentence
	return m[1] + by + Hidden + rest
}

// literal is a string of Go source beside a name: password := "x",
// Password: "x", const token string = "x", cfg["password"] = "x",
// Set("SECRET_KEY", "x"), secretKey = []byte("x"), secrets = []string{"x"}.
var literal = regexp.MustCompile("([A-Za-z_][\\w-]*)" +
	`("?\]?(?:\s+[\w.*\[\]]{1,60})?\s*(?::=|==|!=|\+=|=|:|,)\s*(?:\[\]byte\(|\[\]string\{)?)` +
	"(\"(?:[^\"\\\\]|\\\\.)+\"|`[^`]+`)")

// Source gives a line of source without the secrets in it: those that were added,
// and strings beside a name that speaks of one.
func (s *Secrets) Source(line string) string {
	line = withLiterals(line, func(string) string { return `"` + Hidden + `"` })
	return s.Values(hideUserInfo(line))
}

// AddLiterals adds the strings of a line of source that [Secrets.Source] hides, as
// far as they look like secrets, and the passwords in it: an error is apt to quote
// them.
func (s *Secrets) AddLiterals(line string) {
	s.AddWithin(line)
	withLiterals(line, func(quoted string) string {
		if value, err := strconv.Unquote(quoted); err == nil && !isPlainWord(value) {
			s.Add(value)
		}
		return quoted
	})
}

// withLiterals puts with(x) in the place of each literal x beside the name of a
// secret.
func withLiterals(line string, with func(quoted string) string) string {
	return replace(literal, line, func(m []string) string {
		if holdsSecret(m[1]) {
			return m[1] + m[2] + with(m[3])
		}
		return m[1] + withLiterals(m[0][len(m[1]):], with) // what looked like a type may be the name
	})
}

// isPlainWord reports whether a text may be a name like any other, such as the
// "password" of a field.
func isPlainWord(text string) bool {
	return len(text) < 16 && !strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !strings.ContainsRune(" _-./", r)
	})
}

// holdsSecret is [Name] for a name in source: the names of things that have to do
// with secrets are no secrets.
func holdsSecret(name string) bool {
	switch flat := flatten(name); flat {
	case "key", "keys", "cookie", "session":
		return false
	default:
		for _, end := range []string{"name", "url", "path", "domain", "timeout", "lifetime", "header", "samesite"} {
			if strings.HasSuffix(flat, end) {
				return false
			}
		}
	}
	return Name(name)
}

// replace is ReplaceAllStringFunc with the groups of the match.
func replace(re *regexp.Regexp, text string, with func(m []string) string) string {
	return re.ReplaceAllStringFunc(text, func(found string) string {
		m := re.FindStringSubmatch(found)
		if m == nil || m[0] != found {
			return found // \b depends on what stands before
		}
		return with(m)
	})
}
