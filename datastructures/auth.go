package datastructures

import (
	"strings"

	"github.com/retort-go/retort/internal/httpfield"
)

// credentials are what Authorization and WWW-Authenticate have in common: a
// scheme, and a token or parameters.
//
// Source: Werkzeug: datastructures/auth.py; RFC 9110 §11.
type credentials struct {
	scheme   string // lower case
	token    string
	hasToken bool
	params   httpfield.Params
}

func parseCredentials(field string) credentials {
	scheme, rest, _ := strings.Cut(field, " ")
	c := credentials{scheme: strings.ToLower(scheme)}
	rest = strings.TrimSpace(rest)
	if strings.Contains(strings.TrimRight(rest, "="), "=") {
		c.params = httpfield.ParseDict(rest)
	} else {
		c.token, c.hasToken = rest, true
	}
	return c
}

// title writes a scheme with capitals: "Basic", "Scram-Sha-256".
func title(scheme string) string {
	b := []byte(strings.ToLower(scheme))
	inWord := false
	for i, c := range b {
		letter := 'a' <= c && c <= 'z'
		if letter && !inWord {
			b[i] = c - 'a' + 'A'
		}
		inWord = letter
	}
	return string(b)
}
