package mask

import (
	"regexp"
	"strings"
)

// What is written after a name in texts: name=value, "name": value, name:value as
// Go prints structs and maps, user:password@ in a URL, credentials of a request.
var (
	assigned = regexp.MustCompile(`([\w.-]*[A-Za-z][\w.-]*)=("(?:[^"\\]|\\.)*"|'[^']*'|[^\s&;,"'<>\]})]+)`)
	inJSON   = regexp.MustCompile(`"([^"\\\n]{1,80})"(\s*:\s*)("(?:[^"\\]|\\.)*"|[^\s,}\]]+)`)
	printed  = regexp.MustCompile(`\b([A-Za-z]\w*):("(?:[^"\\]|\\.)*"|[^\s:,}\])"]+)`)
	userInfo = regexp.MustCompile(`(\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@]*):([^\s/@]+)@`)
	field    = regexp.MustCompile(`(?i)\b((?:proxy-)?authorization)(:\s*)(\S+(?: \S+)?)`)
	scheme   = regexp.MustCompile(`(?i)\b(bearer|basic)( +)([A-Za-z0-9._~+/-]{8,}=*)`)
)

// named hides what stands after a name that speaks of a secret. Regular
// expressions are slow, so each is asked only for texts that have what it needs.
func named(text string) string {
	if strings.Contains(text, "://") {
		text = userInfo.ReplaceAllString(text, "${1}:"+Hidden+"@")
	}
	if strings.Contains(text, ": ") || strings.Contains(text, ":\t") {
		text = field.ReplaceAllString(text, "${1}${2}"+Hidden)
	}
	if strings.Contains(text, "er ") || strings.Contains(text, "ic ") || strings.Contains(text, "ER ") || strings.Contains(text, "IC ") {
		text = replace(scheme, text, hideToken)
	}
	if strings.Contains(text, `"`) && strings.Contains(text, ":") {
		text = replace(inJSON, text, hideMember)
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

func hideAfter(m []string, by string) string {
	if !Name(m[1]) || strings.HasPrefix(m[2], Hidden[:len(Hidden)-1]) {
		return m[0]
	}
	rest := m[2][len(strings.TrimRight(m[2], ".:")):] // the end of a sentence
	return m[1] + by + Hidden + rest
}

// literal is a string of Go source beside a name: password := "x",
// Password: "x", const token string = "x", cfg["password"] = "x",
// Set("SECRET_KEY", "x"), secretKey = []byte("x").
var literal = regexp.MustCompile("([A-Za-z_][\\w-]*)" +
	`("?\]?(?:\s+string)?\s*(?::=|==|!=|\+=|=|:|,)\s*(?:\[\]byte\()?)` +
	"(\"(?:[^\"\\\\]|\\\\.)+\"|`[^`]+`)")

// Source gives a line of source without the secrets in it: those that were added,
// and strings beside a name that speaks of one.
func (s *Secrets) Source(line string) string {
	line = replace(literal, line, func(m []string) string {
		if !holdsSecret(m[1]) {
			return m[0]
		}
		return m[1] + m[2] + `"` + Hidden + `"`
	})
	return s.Values(userInfo.ReplaceAllString(line, "${1}:"+Hidden+"@"))
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
