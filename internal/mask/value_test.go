package mask

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type account struct {
	Name     string
	Password string
	private  string
	Tokens   []string
	Friends  []*account
	PIN      int
}

// angry has methods that must not be called.
type angry struct{ N int }

func (angry) String() string               { panic("String was called") }
func (angry) Error() string                { panic("Error was called") }
func (angry) GoString() string             { panic("GoString was called") }
func (angry) MarshalJSON() ([]byte, error) { panic("MarshalJSON was called") }

type node struct{ Next *node }

func TestValue(t *testing.T) {
	at, err := url.Parse("https://ada:pw12@h/x?token=abcd")
	require.NoError(t, err)
	loop := map[string]any{}
	loop["self"] = loop
	ring := &node{}
	ring.Next = ring
	var none *account
	s := secrets("by-value")
	for _, tt := range []struct {
		name string
		v    any
		want string
	}{
		{"x", nil, "nil"},
		{"x", none, "nil"},
		{"x", true, "true"},
		{"x", uint8(7), "7"},
		{"x", -1.5, "-1.5"},
		{"x", complex(1, 2), "(1+2i)"},
		{"x", "a\n\"b\"", `"a\n\"b\""`},
		{"password", "hunter2", Hidden},
		{"password", "", `""`},
		{"password", 4711, Hidden},
		{"x", "it is by-value", `"it is [hidden]"`},
		{"x", []byte("text"), `"text"`},
		{"x", []byte{0xff, 1}, "0xff01"},
		{"x", [3]byte{1, 2, 3}, "0x010203"},
		{"x", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), "2026-01-02T03:04:05Z"},
		{"x", 90 * time.Second, "1m30s"},
		{"x", at, `&"https://h/x?token=[hidden]"`},
		{"x", []any{1, "a", nil}, `[1, "a", nil]`},
		{"x", map[string]any{"b": 1, "a": map[string]string{"api_key": "abc"}}, `{"a": {"api_key": [hidden]}, "b": 1}`},
		{"x", map[int]string{2: "b", 1: "a"}, `{"1": "a", "2": "b"}`},
		{"x", account{"ada", "hunter2", "inner", []string{"a"}, []*account{{Name: "bob", Password: "pw"}}, 4711},
			`mask.account{Name: "ada", Password: [hidden], private: [hidden], Tokens: [hidden], Friends: [&mask.account{Name: "bob", Password: [hidden], private: "", Tokens: nil, Friends: nil, PIN: 0}], PIN: [hidden]}`},
		{"x", angry{1}, "mask.angry{N: 1}"},
		{"x", &angry{1}, "&mask.angry{N: 1}"},
		{"x", loop, `{"self": (itself)}`},
		{"x", ring, "&mask.node{Next: (itself)}"},
		{"x", [][2]string{{"Accept", "x"}, {"Authorization", "y"}}, `[["Accept", "x"], ["Authorization", [hidden]]]`},
		{"x", []any{"token", 7}, `["token", [hidden]]`},
		{"x", http.Header{"Cookie": {"a=b"}, "Accept": {"x"}}, `{"Accept": ["x"], "Cookie": [hidden]}`},
		{"x", struct{ Name, Value string }{"csrf_token", "abc"}, `struct { Name string; Value string }{Name: "csrf_token", Value: [hidden]}`},
		{"x", struct{ Key, Value string }{"title", "abc"}, `struct { Key string; Value string }{Key: "title", Value: "abc"}`},
		{"x", struct{ Key string }{"abc"}, `struct { Key string }{Key: [hidden]}`},
		{"x", func() {}, "func()"},
		{"x", make(chan int), "chan int"},
	} {
		assert.Equal(t, tt.want, s.Value(tt.name, tt.v))
	}
	cookie := s.Value("x", &http.Cookie{Name: "theme", Value: "dark", Raw: "theme=dark"})
	assert.NotContains(t, cookie, "dark")
}

func TestValueHasLimits(t *testing.T) {
	s := new(Secrets)
	var deep any
	for range 50 {
		deep = []any{deep}
	}
	assert.Equal(t, "[[[[[…]]]]]", s.Value("x", deep))
	long := s.Value("x", strings.Repeat("a", 5000))
	assert.Len(t, long, maxText+len(`"…"`))
	many := s.Value("x", make([]int, 500))
	assert.True(t, strings.HasSuffix(many, ", 0, … (400 more)]"), many)
	wide := make([]string, 100)
	for i := range wide {
		wide[i] = strings.Repeat("b", 1000)
	}
	assert.Less(t, len(s.Value("x", [][]string{wide, wide, wide})), 2*maxTotal)
	list := &node{}
	for range 100_000 {
		list = &node{list}
	}
	assert.Less(t, len(s.Value("x", list)), 1000)
}
