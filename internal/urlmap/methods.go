package urlmap

import (
	"maps"
	"math/bits"
	"slices"
	"strings"
	"sync/atomic"
)

// Methods is a set of request methods, in the numbering of one [Map].
// [Map.MethodNames] and [Map.AllowHeader] give it in words.
type Methods uint64

const (
	maxMethods = 31 // method names of one map

	// unknownMethod is the bit of a request whose method no rule names: only
	// rules that take any method have it.
	unknownMethod Methods = 1 << maxMethods
	allMethods    Methods = 1<<(maxMethods+1) - 1

	// webSocketShift moves a set to the upper half, the methods of WebSocket
	// requests: so method and kind are compared by one AND.
	webSocketShift = 32
)

// commonMethods have the same number in every map, so that a request's method is
// found without a look-up. Their order is that of the bits.
var commonMethods = [...]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

const (
	methodGet Methods = 1 << iota
	methodHead
	methodPost
	methodPut
	methodPatch
	methodDelete
	methodOptions
)

// methodTable numbers the method names of a map.
type methodTable struct {
	caseSensitive bool     // see Options.CaseSensitiveMethods
	others        []string // numbered after the common ones
	header        atomic.Pointer[map[Methods]string]
}

func (t *methodTable) size() int      { return len(t.others) }
func (t *methodTable) truncate(n int) { t.others = t.others[:n] }

// add returns the bit of an upper-case name, false when there is no room for it.
func (t *methodTable) add(name string) (Methods, bool) {
	if bit := t.exact(name); bit != unknownMethod {
		return bit, true
	}
	n := len(commonMethods) + len(t.others)
	if n == maxMethods {
		return 0, false
	}
	t.others = append(t.others, name)
	return 1 << n, true
}

// bit returns the bit of a request's method. Like Werkzeug it does not mind
// lower case, unless the map does.
func (t *methodTable) bit(name string) Methods {
	if name == "GET" {
		return methodGet
	}
	return t.otherBit(name)
}

func (t *methodTable) otherBit(name string) Methods {
	if bit := t.exact(name); bit != unknownMethod || t.caseSensitive {
		return bit
	}
	return t.exact(strings.ToUpper(name))
}

// exact returns the bit of an upper-case name, unknownMethod if it has none.
func (t *methodTable) exact(name string) Methods {
	switch name {
	case "GET":
		return methodGet
	case "HEAD":
		return methodHead
	case "POST":
		return methodPost
	case "PUT":
		return methodPut
	case "PATCH":
		return methodPatch
	case "DELETE":
		return methodDelete
	case "OPTIONS":
		return methodOptions
	}
	if i := slices.Index(t.others, name); i >= 0 {
		return 1 << (len(commonMethods) + i)
	}
	return unknownMethod
}

func (t *methodTable) name(number int) string {
	if number < len(commonMethods) {
		return commonMethods[number]
	}
	return t.others[number-len(commonMethods)]
}

// isMethod reports whether name is a token of RFC 9110 §5.6.2, in upper case.
func isMethod(name string) bool {
	return name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~") == ""
}

// MethodNames returns the sorted names of a set of methods.
func (m *Map) MethodNames(set Methods) []string {
	names := make([]string, 0, bits.OnesCount64(uint64(set)))
	for ; set != 0; set &= set - 1 {
		names = append(names, m.methods.name(bits.TrailingZeros64(uint64(set))))
	}
	slices.Sort(names)
	return names
}

// cachedHeaders bounds the cache of [Map.AllowHeader]. Sets come from the rules,
// but a path that crosses many rules can make many unions of them.
const cachedHeaders = 256

// AllowHeader returns the sorted names of a set of methods, joined by ", ": the
// value of an Allow field (RFC 9110 §10.2.1). It does not allocate for a set that
// it was asked for before.
func (m *Map) AllowHeader(set Methods) string {
	cache := m.methods.header.Load()
	if cache != nil {
		if header, ok := (*cache)[set]; ok {
			return header
		}
	}
	header := strings.Join(m.MethodNames(set), ", ")
	next := map[Methods]string{set: header}
	if cache != nil {
		if len(*cache) >= cachedHeaders {
			return header
		}
		maps.Copy(next, *cache)
	}
	m.methods.header.CompareAndSwap(cache, &next) // a lost race costs only a second join
	return header
}
