package security

import (
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

const (
	argon2idKeySize    = 32
	maxArgon2idMemory  = 512 << 10 // KiB
	maxArgon2idCost    = 4 << 20   // memory in KiB, times the passes
	maxArgon2idThreads = 64
)

// argon2idMethod is argon2id with its costs; memory is in KiB.
//
// Source: RFC 9106.
type argon2idMethod struct {
	memory, time, threads int
	keySize               int
}

func parseArgon2id(costs []string) (method, error) {
	m := argon2idMethod{memory: 19 << 10, time: 2, threads: 1, keySize: argon2idKeySize}
	if costs == nil {
		return m, nil
	}
	n, ok := numbers(costs, 3)
	if !ok {
		return nil, fmt.Errorf("security: argon2id takes three numbers, as in \"argon2id:19456:2:1\"; there is %q", costs)
	}
	m.memory, m.time, m.threads = n[0], n[1], n[2]
	if !m.inBounds() {
		return nil, fmt.Errorf("security: the costs of argon2id:%d:%d:%d are out of bounds: there are 1 to %d threads, each with 8 KiB or more; the memory is at most %d KiB, and memory times passes at most %d KiB", m.memory, m.time, m.threads, maxArgon2idThreads, maxArgon2idMemory, maxArgon2idCost)
	}
	return m, nil
}

func (m argon2idMethod) inBounds() bool {
	return m.threads >= 1 && m.threads <= maxArgon2idThreads &&
		m.memory >= 8*m.threads && m.memory <= maxArgon2idMemory &&
		m.time >= 1 && m.time <= maxArgon2idCost/m.memory
}

// phcBase64 is what the PHC string format has salt and key in.
var phcBase64 = base64.RawStdEncoding.Strict()

// parseArgon2idHash reads what follows "$argon2id$": v=19$m=M,t=T,p=P$SALT$KEY.
// Only version 19 is known.
//
// Source: the PHC string format specification.
func parseArgon2idHash(text string) (*passwordHash, error) {
	fields := strings.Split(text, "$")
	if len(fields) != 4 || fields[0] != "v=19" {
		return nil, errMalformedHash
	}
	costs, ok := namedCosts(fields[1], "m=", "t=", "p=")
	if !ok {
		return nil, errMalformedHash
	}
	salt, saltErr := phcBase64.DecodeString(fields[2])
	key, keyErr := phcBase64.DecodeString(fields[3])
	if saltErr != nil || keyErr != nil || strings.ContainsAny(text, "\r\n") {
		return nil, errMalformedHash
	}
	if len(salt) < 8 || len(salt) > 64 || len(key) < 16 || len(key) > 64 {
		return nil, errMalformedHash
	}
	m := argon2idMethod{memory: costs[0], time: costs[1], threads: costs[2], keySize: len(key)}
	if !m.inBounds() {
		return nil, errMalformedHash
	}
	return &passwordHash{method: m, salt: salt, key: key}, nil
}

// namedCosts reads numbers with names, separated by commas, in this order.
func namedCosts(text string, names ...string) ([]int, bool) {
	list := strings.Split(text, ",")
	if len(list) != len(names) {
		return nil, false
	}
	for i, name := range names {
		number, ok := strings.CutPrefix(list[i], name)
		if !ok {
			return nil, false
		}
		list[i] = number
	}
	return numbers(list, len(names))
}

func (m argon2idMethod) derive(password string, salt []byte) ([]byte, error) {
	return argon2.IDKey([]byte(password), salt, uint32(m.time), uint32(m.memory), uint8(m.threads), uint32(m.keySize)), nil
}

func (m argon2idMethod) format(salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, m.memory, m.time, m.threads,
		phcBase64.EncodeToString(salt), phcBase64.EncodeToString(key))
}

func (m argon2idMethod) newSalt() []byte { return randomBytes(saltSize) }

func (m argon2idMethod) weakerThan(other method) bool {
	o, ok := other.(argon2idMethod)
	return !ok || m.memory < o.memory || m.time < o.time || m.threads < o.threads || m.keySize < o.keySize
}
