package security

import (
	"fmt"
	"strconv"

	"golang.org/x/crypto/scrypt"
)

const (
	scryptKeySize = 64      // as Python's hashlib.scrypt gives
	maxScryptCost = 1 << 22 // N·r·p, 16 times the default
	maxScryptPart = 1 << 10 // r and p
)

// scryptMethod is scrypt with its costs.
//
// Source: RFC 7914.
type scryptMethod struct{ n, r, p int }

func parseScrypt(costs []string) (method, error) {
	if costs == nil {
		return scryptMethod{n: 1 << 15, r: 8, p: 1}, nil
	}
	n, ok := numbers(costs, 3)
	if !ok {
		return nil, fmt.Errorf("security: scrypt takes three numbers, as in \"scrypt:32768:8:1\"; there is %q", costs)
	}
	m := scryptMethod{n: n[0], r: n[1], p: n[2]}
	if m.n < 2 || m.n&(m.n-1) != 0 {
		return nil, fmt.Errorf("security: N of scrypt is %d, which is no power of two greater than one", m.n)
	}
	if m.r < 1 || m.p < 1 || m.r > maxScryptPart || m.p > maxScryptPart || m.n > maxScryptCost/(m.r*m.p) {
		return nil, fmt.Errorf("security: the costs of scrypt:%d:%d:%d are out of bounds: r and p are from 1 to %d, and N·r·p is at most %d", m.n, m.r, m.p, maxScryptPart, maxScryptCost)
	}
	return m, nil
}

func (m scryptMethod) derive(password string, salt []byte) ([]byte, error) {
	return scrypt.Key([]byte(password), salt, m.n, m.r, m.p, scryptKeySize)
}

func (m scryptMethod) format(salt, key []byte) string {
	return formatWerkzeugHash(fmt.Sprintf("scrypt:%d:%d:%d", m.n, m.r, m.p), salt, key)
}

func (m scryptMethod) newSalt() []byte { return textSalt() }

func (m scryptMethod) weakerThan(other method) bool {
	o, ok := other.(scryptMethod)
	return !ok || m.n < o.n || m.r < o.r || m.p < o.p
}

// numbers reads want numbers in ASCII digits.
func numbers(texts []string, want int) ([]int, bool) {
	if len(texts) != want {
		return nil, false
	}
	list := make([]int, want)
	for i, text := range texts {
		n, err := strconv.ParseUint(text, 10, 31)
		if err != nil {
			return nil, false
		}
		list[i] = int(n)
	}
	return list, true
}
