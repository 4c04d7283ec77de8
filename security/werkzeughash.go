package security

import (
	"encoding/hex"
	"strings"
)

// parseWerkzeugHash reads METHOD$SALT$KEY. The salt is text; the key is in
// lower-case hexadecimal digits.
//
// Source: Werkzeug: security.py, check_password_hash.
func parseWerkzeugHash(hash string) (*passwordHash, error) {
	name, rest, _ := strings.Cut(hash, "$")
	salt, digits, ok := strings.Cut(rest, "$")
	if !ok || strings.ToLower(digits) != digits {
		return nil, errMalformedHash
	}
	m, err := parseMethod(name)
	if err != nil {
		return nil, err
	}
	if _, ok := m.(argon2idMethod); ok { // it has a format of its own
		return nil, errMalformedHash
	}
	key, err := hex.DecodeString(digits)
	if err != nil {
		return nil, errMalformedHash
	}
	return &passwordHash{method: m, salt: []byte(salt), key: key}, nil
}

// formatWerkzeugHash writes METHOD$SALT$KEY.
func formatWerkzeugHash(name string, salt, key []byte) string {
	return name + "$" + string(salt) + "$" + hex.EncodeToString(key)
}

// textSalt gives a salt whose text is its bytes.
func textSalt() []byte { return []byte(Token(saltSize)) }
