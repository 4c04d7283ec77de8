package mask

import (
	"net/url"
	"regexp"
	"strings"
)

// Where a password stands between its user and a host.
var (
	// userInfo is user:password@ in a URL.
	userInfo = regexp.MustCompile(`(\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@"'<>]*:)([^\s/@"'<>]+)(@)`)
	// looseInfo is that with a password that should have been escaped.
	looseInfo = regexp.MustCompile(`(\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@"'<>]*:)([^\s"'<>]+)(@)`)
	// tokenInfo is a user that is a token: https://TOKEN@host.
	tokenInfo = regexp.MustCompile(`(\b[A-Za-z][A-Za-z0-9+.-]*://)([^\s/:@"'<>]{20,})(@)`)
	// driverInfo is the name of a data source of MySQL: user:password@tcp(host).
	driverInfo = regexp.MustCompile(`([\w.-]:)([^\s"'<>]+)(@[a-z]+\()`)
	// badPort is what package net/url says of a password with a slash.
	badPort = regexp.MustCompile(`(invalid port ":)([^"]+)(" after host)`)

	port = regexp.MustCompile(`^[0-9]{1,5}([/?#,]|$)`)
)

// hideUserInfo hides the passwords in URLs and in names of data sources.
func hideUserInfo(text string) string {
	if strings.Contains(text, "://") {
		text = replace(userInfo, text, hideMiddle)
		text = replace(looseInfo, text, func(m []string) string {
			if port.MatchString(m[2]) {
				return m[0] // http://host:80/@ada
			}
			return hideMiddle(m)
		})
		text = replace(tokenInfo, text, func(m []string) string {
			if !strings.ContainsAny(m[2], "0123456789") {
				return m[0]
			}
			return hideMiddle(m)
		})
	}
	if strings.Contains(text, "@") && strings.Contains(text, "(") {
		text = replace(driverInfo, text, hideMiddle)
	}
	if strings.Contains(text, "invalid port") {
		text = replace(badPort, text, hideMiddle)
	}
	return text
}

func hideMiddle(m []string) string { return m[1] + Hidden + m[3] }

// AddWithin adds the passwords in a text that is not secret as a whole: in a URL,
// in the name of a data source, after password=.
func (s *Secrets) AddWithin(text string) {
	if !strings.ContainsAny(text, "@=") {
		return
	}
	for _, re := range []*regexp.Regexp{userInfo, looseInfo, tokenInfo, driverInfo} {
		for _, m := range re.FindAllStringSubmatch(text, -1) {
			if re == looseInfo && port.MatchString(m[2]) || re == tokenInfo && !strings.ContainsAny(m[2], "0123456789") {
				continue
			}
			s.Add(m[2])
			if plain, err := url.PathUnescape(m[2]); err == nil && plain != m[2] {
				s.Add(plain)
			}
			for part := range strings.FieldsFuncSeq(m[2], func(r rune) bool { return strings.ContainsRune("/?#", r) }) {
				s.Add(part)
			}
		}
	}
	for _, m := range assigned.FindAllStringSubmatch(text, -1) {
		if value := strings.Trim(m[2], `"'`); Credential(m[1], value) {
			s.Add(value)
		}
	}
}
