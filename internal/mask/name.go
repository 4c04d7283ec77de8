// Package mask hides secrets in what is shown to developers and logged: by the
// name of a variable, field or key, and by the value wherever it comes up.
package mask

import (
	"slices"
	"strings"
	"unicode"
)

// Hidden stands in the place of a secret.
const Hidden = "[hidden]"

// Name reports whether a name speaks of a secret, in whatever spelling:
// SECRET_KEY, dbPassword, X-Api-Key, "csrf token".
func Name(name string) bool {
	return Setting(name) || hasPart(name, requestParts)
}

// Setting is [Name] for the keys of a configuration: there cookies and sessions
// are something to be configured, such as SESSION_COOKIE_NAME, not secrets.
func Setting(name string) bool {
	if hasPart(name, secretParts) {
		return true
	}
	for _, word := range words(name) {
		if secretWords[word] || strings.HasSuffix(word, "key") && !plainKeys[word] {
			return true
		}
	}
	return false
}

// Credential reports whether a value that somebody sent under a name is a secret
// that is to be hidden wherever it comes up. It asks for more than [Name], because
// a value that is hidden everywhere can take half of a page with it: what stands
// under "key" or "session" must look like one too.
func Credential(name, value string) bool {
	if !Name(name) || len(value) < minLength {
		return false
	}
	if hasPart(name, secretParts) {
		return true
	}
	for _, word := range words(name) {
		switch word {
		case "pass", "pwd", "pw", "pin", "otp", "totp", "cvc", "cvv", "ssn", "jwt", "sid":
			return true
		}
	}
	return len(value) >= 8 && strings.ContainsAny(value, "0123456789")
}

// secretParts make a name one of a secret wherever in it they stand.
var secretParts = []string{
	"password", "passwd", "passphrase", "passcode", "secret", "token", "credential",
	"apikey", "accesskey", "privatekey", "signingkey", "authoriz", "authentic", "oauth",
	"csrf", "xsrf", "bearer", "signature",
}

// requestParts do so in what comes with a request.
var requestParts = []string{"cookie", "session"}

// hasPart reports whether one of parts stands in a name, however it is spelt.
func hasPart(name string, parts []string) bool {
	flat := flatten(name)
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(flat, part) })
}

// secretWords do so as whole words.
var secretWords = map[string]bool{
	"auth": true, "creds": true, "cvc": true, "cvv": true, "dsn": true, "hmac": true,
	"jwt": true, "key": true, "keys": true, "mfa": true, "nonce": true, "otp": true,
	"pass": true, "pin": true, "private": true, "pw": true, "pwd": true, "salt": true,
	"sid": true, "sig": true, "ssn": true, "totp": true,
}

// plainKeys end in "key" and are none.
var plainKeys = map[string]bool{
	"monkey": true, "donkey": true, "turkey": true, "hockey": true, "jockey": true,
	"whiskey": true, "hotkey": true, "lackey": true, "mickey": true,
}

// flatten is the letters and digits of a name in lower case.
func flatten(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// words splits a name where its spelling does: snake_case, kebab-case, camelCase,
// HTTPHeader. They are in lower case.
func words(name string) []string {
	var all []string
	var word []rune
	runes := []rune(name)
	flush := func() {
		if len(word) > 0 {
			all = append(all, string(word))
		}
		word = nil
	}
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
			continue
		case unicode.IsUpper(r) && i > 0 && startsWord(runes, i):
			flush()
		}
		word = append(word, unicode.ToLower(r))
	}
	flush()
	for i, w := range all {
		all[i] = strings.TrimRight(w, "0123456789")
	}
	return all
}

// startsWord reports whether the capital at i begins a word: after a small letter,
// or before one in a run of capitals.
func startsWord(runes []rune, i int) bool {
	if !unicode.IsUpper(runes[i-1]) {
		return true
	}
	return i+1 < len(runes) && unicode.IsLower(runes[i+1])
}
