package security

import (
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"fmt"
	"hash"
)

const (
	pbkdf2Iterations    = 1_000_000
	maxPBKDF2Iterations = 10_000_000
)

// pbkdf2Method is PBKDF2 with a hash and a number of iterations.
//
// Source: RFC 8018.
type pbkdf2Method struct {
	hash       string
	iterations int
}

// newHash gives the hash that Python's hashlib knows under name, nil if there is
// none.
func newHash(name string) func() hash.Hash {
	switch name {
	case "md5":
		return md5.New
	case "sha1":
		return sha1.New
	case "sha224":
		return sha256.New224
	case "sha256":
		return sha256.New
	case "sha384":
		return sha512.New384
	case "sha512":
		return sha512.New
	case "sha512_256":
		return sha512.New512_256
	case "sha3_224":
		return func() hash.Hash { return sha3.New224() }
	case "sha3_256":
		return func() hash.Hash { return sha3.New256() }
	case "sha3_384":
		return func() hash.Hash { return sha3.New384() }
	case "sha3_512":
		return func() hash.Hash { return sha3.New512() }
	}
	return nil
}

func parsePBKDF2(costs []string) (method, error) {
	m := pbkdf2Method{hash: "sha256", iterations: pbkdf2Iterations}
	switch len(costs) {
	case 0:
	case 1:
		m.hash = costs[0]
	default:
		n, ok := numbers(costs[1:], 1)
		if !ok {
			return nil, fmt.Errorf("security: pbkdf2 takes a hash and a number, as in \"pbkdf2:sha256:1000000\"; there is %q", costs)
		}
		m.hash, m.iterations = costs[0], n[0]
	}
	if newHash(m.hash) == nil {
		return nil, fmt.Errorf("security: pbkdf2 has no hash %q; sha256 is the default", m.hash)
	}
	if m.iterations < 1 || m.iterations > maxPBKDF2Iterations {
		return nil, fmt.Errorf("security: the iterations of pbkdf2 are from 1 to %d, not %d", maxPBKDF2Iterations, m.iterations)
	}
	return m, nil
}

func (m pbkdf2Method) derive(password string, salt []byte) ([]byte, error) {
	newHash := newHash(m.hash)
	return pbkdf2.Key(newHash, password, salt, m.iterations, newHash().Size())
}

func (m pbkdf2Method) format(salt, key []byte) string {
	return formatWerkzeugHash(fmt.Sprintf("pbkdf2:%s:%d", m.hash, m.iterations), salt, key)
}

func (m pbkdf2Method) newSalt() []byte { return textSalt() }

func (m pbkdf2Method) weakerThan(other method) bool {
	o, ok := other.(pbkdf2Method)
	return !ok || m.hash != o.hash || m.iterations < o.iterations
}
