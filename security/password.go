package security

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
)

// MaxPasswordLength is the greatest length of a password, in bytes: a longer one
// is none, and reading it costs time.
const MaxPasswordLength = 1 << 20

// saltSize is the number of random bytes of a salt.
const saltSize = 16

// method is a way to hash passwords, with its costs.
type method interface {
	// derive gives the key of a password. The error is that of a system that
	// refuses the hash, as one restricted to FIPS 140 does.
	derive(password string, salt []byte) ([]byte, error)

	// format writes a hash as it is stored.
	format(salt, key []byte) string

	// newSalt gives a random salt.
	newSalt() []byte

	// weakerThan reports whether a hash of the method is to be replaced by one
	// of the other.
	weakerThan(other method) bool
}

// A passwordHash is what a stored hash says.
type passwordHash struct {
	method    method
	salt, key []byte
}

// HashPassword hashes a password with argon2id, at the costs that OWASP
// recommends: 19 MiB of memory, two passes, one thread, which takes some 20 ms.
// The result is in the PHC string format, with a salt and costs of its own:
//
//	$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$…
//
// The error is that of a password longer than [MaxPasswordLength]. An empty
// password is one too; refuse it beforehand if it should not be. Passwords are
// compared byte by byte: those that look alike but are composed of other
// characters differ.
//
// Source: RFC 9106; the PHC string format; the OWASP password storage cheat
// sheet. Differs from Werkzeug: it has no argon2id. Where Python must read the
// hashes too, take [GeneratePasswordHash].
func HashPassword(password string) (string, error) {
	return GeneratePasswordHash(password, "argon2id")
}

// GeneratePasswordHash hashes a password in the format of Werkzeug, which
// [CheckPasswordHash] and Werkzeug's check_password_hash read. The methods are
//
//   - scrypt, or scrypt:N:r:p with its costs. The default, with 32768, 8 and 1,
//     takes 32 MiB and some 70 ms.
//   - pbkdf2, pbkdf2:hash or pbkdf2:hash:iterations. The default is sha256 with
//     a million iterations, some 200 ms. The hashes are md5, sha1, sha224,
//     sha256, sha384, sha512, sha512_256 and sha3_224 to sha3_512.
//   - argon2id, or argon2id:memory:time:threads with the memory in KiB, which
//     Werkzeug does not read; see [HashPassword].
//
// It returns an error when the method is none of these, when its costs are
// beyond the bounds of CheckPasswordHash, and when the password is longer than
// [MaxPasswordLength].
//
// Source: Werkzeug: security.py, generate_password_hash. Differs from Werkzeug:
// the length of the salt is fixed, 128 bits in 22 characters, since there is no
// reason for another. As there, scrypt and pbkdf2 do not tell passwords apart that
// differ in NULs at their ends; argon2id does.
func GeneratePasswordHash(password string, method ...string) (string, error) {
	m, err := chosenMethod("scrypt", method)
	if err != nil {
		return "", err
	}
	if len(password) > MaxPasswordLength {
		return "", fmt.Errorf("security: the password has %d bytes, more than the %d that are hashed; refuse it before, as a 400", len(password), MaxPasswordLength)
	}
	salt := m.newSalt()
	key, err := m.derive(password, salt)
	if err != nil {
		return "", fmt.Errorf("security: hashing a password: %w", err)
	}
	return m.format(salt, key), nil
}

// CheckPasswordHash reports whether hash is one of password. It reads what
// [HashPassword] and [GeneratePasswordHash] write, Werkzeug's strings among
// them, and argon2id hashes of other programs in the PHC format. The comparison
// takes the same time wherever the first difference is.
//
// A hash that is malformed, of an unknown method or with costs out of bounds is
// nobody's: false. So a forged or broken entry of a table cannot make the
// program run for minutes or out of memory. The bounds are
//
//   - scrypt: N·r·p at most 2²² (16 times the default: 512 MiB), r and p at most 2¹⁰
//   - pbkdf2: at most 10 million iterations
//   - argon2id: at most 512 MiB, a product of memory and passes of at most 4 GiB,
//     and 64 threads; a salt of 8 to 64 bytes and a key of 16 to 64
//
// A login for a name that does not exist should take as long as others, or the
// time tells which names do: check the password against some fixed hash then.
//
// Source: Werkzeug: security.py, check_password_hash. Differs from Werkzeug:
// hashes that it raises ValueError for are false, and so are those out of bounds
// and passwords longer than [MaxPasswordLength].
func CheckPasswordHash(hash, password string) bool {
	h, err := parseHash(hash)
	if err != nil || len(password) > MaxPasswordLength {
		return false
	}
	key, err := h.method.derive(password, h.salt)
	return err == nil && subtle.ConstantTimeCompare(key, h.key) == 1
}

// NeedsRehash reports whether a stored hash should be replaced, which is possible
// at login, when the password is known: it is of another method than
// [HashPassword] uses, has lower costs, or is malformed. With a method, as
// [GeneratePasswordHash] takes it, that is the one to compare with: give it where
// Python reads the hashes too.
//
//	security.NeedsRehash(user.Hash)           // all but argon2id
//	security.NeedsRehash(user.Hash, "scrypt") // all but scrypt:32768:8:1 and higher
//
// It panics when the method is none.
func NeedsRehash(hash string, method ...string) bool {
	wanted, err := chosenMethod("argon2id", method)
	if err != nil {
		panic(err.Error())
	}
	h, err := parseHash(hash)
	return err != nil || h.method.weakerThan(wanted)
}

// chosenMethod reads an optional argument that names a method.
func chosenMethod(standard string, given []string) (method, error) {
	switch len(given) {
	case 0:
		return parseMethod(standard)
	case 1:
		return parseMethod(given[0])
	}
	return nil, fmt.Errorf("security: there are %d hash methods, %q; give one, with its costs after colons: \"pbkdf2:sha256:1000000\"", len(given), given)
}

// parseMethod reads a method with its costs as Werkzeug writes it.
func parseMethod(text string) (method, error) {
	name, args, hasArgs := strings.Cut(text, ":")
	var costs []string
	if hasArgs {
		costs = strings.Split(args, ":")
	}
	switch name {
	case "scrypt":
		return parseScrypt(costs)
	case "pbkdf2":
		return parsePBKDF2(costs)
	case "argon2id":
		return parseArgon2id(costs)
	}
	return nil, fmt.Errorf("security: unknown hash method %q; there are scrypt, pbkdf2 and argon2id", text)
}

var errMalformedHash = errors.New("security: malformed password hash")

// parseHash reads a stored hash.
func parseHash(hash string) (*passwordHash, error) {
	if phc, ok := strings.CutPrefix(hash, "$argon2id$"); ok {
		return parseArgon2idHash(phc)
	}
	return parseWerkzeugHash(hash)
}

// randomBytes gives n bytes that nobody can foresee.
func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}
