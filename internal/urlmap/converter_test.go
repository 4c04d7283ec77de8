package urlmap

import (
	"errors"
	"math"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// converterOf returns the converter of the only variable of /<converter:v>.
func converterOf(t testing.TB, converter string) Converter {
	t.Helper()
	r, err := addRule("/<" + converter + ":v>")
	require.NoError(t, err)
	return r.vars[0].Converter
}

func TestConvertersTakeAndRefuseTexts(t *testing.T) {
	const hex = "01234567-89ab-CDEF-0123-456789abcdef"
	for _, tt := range []struct {
		converter, text string
		want            any // nil: no match, or refused
	}{
		{"string", "x", "x"},
		{"string", "a\nb", "a\nb"},
		{"string", "a/b", nil},
		{"default", "é", "é"},
		{"string(2, 3)", "é", nil},
		{"string(2,3)", "éé", "éé"},
		{"string(2,3)", "éééé", nil},
		{"string(length=2)", "ab", "ab"},
		{"string(length=2)", "abc", nil},
		{"string( minlength = 2 )", "ab", "ab"},
		{"string(maxlength=None)", "abc", "abc"},
		{"string(maxlength=5000)", strings.Repeat("x", 5000), strings.Repeat("x", 5000)},
		{"string(maxlength=5000)", strings.Repeat("x", 5001), nil},
		{"string(minlength=1500)", strings.Repeat("x", 1499), nil},
		{"string(minlength=1500)", strings.Repeat("x", 1500), strings.Repeat("x", 1500)},
		{"any(1,2,10)", "10", "10"},
		{"any(1,2,10)", "3", nil},
		{"any(01, 1.50, True, en-US, 'a b', \"c,d\")", "01", "01"},
		{"any(01, 1.50, True, en-US, 'a b', \"c,d\")", "1.50", "1.50"},
		{"any(01, 1.50, True, en-US, 'a b', \"c,d\")", "True", "True"},
		{"any(01, 1.50, True, en-US, 'a b', \"c,d\")", "en-US", "en-US"},
		{"any(01, 1.50, True, en-US, 'a b', \"c,d\")", "a b", "a b"},
		{"any(01, 1.50, True, en-US, 'a b', \"c,d\")", "c,d", "c,d"},
		{"path", "a/b", "a/b"},
		{"path", "\nb", "\nb"},
		{"path", "a\nb", nil},
		{"int", "007", 7},
		{"int", "-7", nil},
		{"int", "١٢", nil},
		{"int", "9223372036854775807", math.MaxInt64},
		{"int", "9223372036854775808", nil},
		{"int(signed=True)", "-7", -7},
		{"int(signed=true)", "+7", nil},
		{"int(4)", "0042", 42},
		{"int(4)", "042", nil},
		{"int(min=-3, signed=True)", "-3", -3},
		{"int(min=-3, signed=True)", "-4", nil},
		{"int(2,5,50)", "05", 5},
		{"int(2,5,50)", "51", nil},
		{"float", "1.5", 1.5},
		{"float", "1", nil},
		{"float", "1.", nil},
		{"float", "-1.5", nil},
		{"float(signed=True)", "-1.5", -1.5},
		{"float(1, 2.5)", "2.5", 2.5},
		{"float(1, 2.5)", "2.6", nil},
		{"float(min=1)", "0.9", nil},
		{"uuid", hex, UUID{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}},
		{"uuid", hex + "0", nil},
		{"uuid", strings.ReplaceAll(hex, "-", "_"), nil},
	} {
		t.Run(tt.converter+" "+tt.text[:min(len(tt.text), 20)], func(t *testing.T) {
			m := mapWith(t, "/<"+tt.converter+":v>")
			q := Query{Path: "/" + tt.text, Method: "GET"}
			requireSame(t, m, q)
			mt := m.Match(q)
			if tt.want == nil {
				assert.Equal(t, NotFound, mt.Outcome)
				return
			}
			require.Equal(t, Found, mt.Outcome)
			got, err := mt.Value(0)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
			assert.Equal(t, reflect.TypeOf(got), mt.Rule.vars[0].Converter.Type())
		})
	}
}

func TestConvertersFormatValues(t *testing.T) {
	type id int
	for _, tt := range []struct {
		converter string
		value     any
		want      string
	}{
		{"string", "a/b é", "a/b é"},
		{"string", 5, "5"},
		{"string", uint8(5), "5"},
		{"string", 1.0, "1.0"},
		{"string", true, "true"},
		{"string", []byte("x"), "x"},
		{"string", netip.MustParseAddr("::1"), "::1"},
		{"int", id(5), "5"},
		{"int", uint64(math.MaxUint64), "18446744073709551615"},
		{"int", 3.9, "3"},
		{"int", -0.2, "0"},
		{"int", " 42 ", "42"},
		{"int", true, "1"},
		{"int(fixed_digits=4)", 7, "0007"},
		{"int(fixed_digits=4, signed=True)", -7, "-007"},
		{"float", 1.0, "1.0"},
		{"float", 1e21, "1000000000000000000000.0"},
		{"float", 1e-7, "0.0000001"},
		{"float", 0.30000000000000004, "0.30000000000000004"},
		{"float", float32(0.5), "0.5"},
		{"float", 3, "3.0"},
		{"float", "2.50", "2.5"},
		{"uuid", UUID{0xAB}, "ab000000-0000-0000-0000-000000000000"},
		{"uuid", [16]byte{1}, "01000000-0000-0000-0000-000000000000"},
		{"uuid", "AB", "AB"},
		{"any(a, b)", "b", "b"},
		{"any(1, 2)", 2, "2"},
		{"path", "a/b", "a/b"},
	} {
		t.Run(tt.converter, func(t *testing.T) {
			got, err := converterOf(t, tt.converter).Format(tt.value)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestConvertersSayWhyTheyCannotFormat(t *testing.T) {
	for _, tt := range []struct {
		converter string
		value     any
		want      string
	}{
		{"int", "x", `"x" is not a whole number`},
		{"int", math.Inf(1), `+Inf is not a whole number`},
		{"int", nil, `<nil> is not a whole number`},
		{"float", "x", `"x" is not a number`},
		{"float", math.NaN(), "NaN has no digits"},
		{"any(b, a)", "c", `"c" is not one of a, b`},
		{"string", struct{}{}, "value is a struct {}, which has no text"},
		{"string", nil, "value is nil"},
	} {
		t.Run(tt.converter, func(t *testing.T) {
			_, err := converterOf(t, tt.converter).Format(tt.value)
			assert.EqualError(t, err, tt.want)
			assert.NotErrorIs(t, err, ErrNoFit)
		})
	}
}

func TestConvertersSayWhyTheyRefuse(t *testing.T) {
	for _, tt := range []struct{ converter, text, want string }{
		{"int", "9223372036854775808", `int "9223372036854775808": larger than an int`},
		{"int", "x", `int "x": not a whole number`},
		{"int(3)", "12", `int "12": not 3 characters long`},
		{"int(min=5)", "4", `int "4": less than 5`},
		{"int(max=5)", "6", `int "6": more than 5`},
		{"float", "x", `float "x": not a number`},
		{"float(min=1)", "0.5", `float "0.5": less than 1`},
		{"float(max=1)", "1.5", `float "1.5": more than 1`},
		{"uuid", "x", `uuid "x": not of the form 8-4-4-4-12`},
	} {
		t.Run(tt.want, func(t *testing.T) {
			_, err := converterOf(t, tt.converter).Parse(tt.text)
			assert.EqualError(t, err, tt.want)
		})
	}
}

func TestUUIDTextIsTheInverseOfParse(t *testing.T) {
	const text = "01234567-89ab-cdef-0123-456789abcdef"
	value, err := uuidConverter{}.Parse(text)
	require.NoError(t, err)
	assert.Equal(t, text, value.(UUID).String())
}

// hue is a value of a converter of the user's own.
type hue uint8

func newHue(t testing.TB, expr string, asked *int) Converter {
	t.Helper()
	c, err := NewConverter(expr, 80, func(s string) (hue, error) {
		*asked++
		if s == "none" {
			return 0, errors.New("no hue")
		}
		return hue(len(s)), nil
	}, func(h hue) (string, error) { return strings.Repeat("x", int(h)), nil })
	require.NoError(t, err)
	return c
}

func TestCustomConverterIsAskedOncePerMatch(t *testing.T) {
	asked := 0
	m := New(DefaultOptions())
	c := newHue(t, "([a-z])+", &asked)
	require.NoError(t, m.AddConverter("hue", func(Args) (Converter, error) { return c, nil }))
	_, err := m.Add(Spec{Rule: "/<hue:h>-<int:n>.x", Endpoint: "e"})
	require.NoError(t, err)
	m.Freeze()

	mt := m.Match(Query{Path: "/abc-7.x", Method: "GET"})
	require.Equal(t, Found, mt.Outcome)
	for range 2 {
		value, err := mt.Value(0)
		require.NoError(t, err)
		assert.Equal(t, hue(3), value)
	}
	value, err := mt.Value(1)
	require.NoError(t, err)
	assert.Equal(t, 7, value)
	assert.Equal(t, 1, asked)

	refused := m.Match(Query{Path: "/none-7.x", Method: "GET"})
	assert.Equal(t, NotFound, refused.Outcome)
	elsewhere := m.Match(Query{Path: "/ABC-7.x", Method: "GET"})
	assert.Equal(t, NotFound, elsewhere.Outcome)
}

func TestCustomConverterHoldsSlashesWhenItsExpressionDoes(t *testing.T) {
	asked := 0
	assert.True(t, newHue(t, "[a-z]+", &asked).PartIsolating())
	assert.False(t, newHue(t, "[a-z/]+", &asked).PartIsolating())
}

func TestCustomConverterFormatsItsTypeAndAlike(t *testing.T) {
	asked := 0
	c := newHue(t, "[a-z]+", &asked)
	for _, value := range []any{hue(2), 2, uint8(2)} {
		got, err := c.Format(value)
		require.NoError(t, err)
		assert.Equal(t, "xx", got)
	}
	_, err := c.Format("xx")
	assert.EqualError(t, err, "value is a string, the converter formats a urlmap.hue")
	assert.Equal(t, reflect.TypeFor[hue](), c.Type())
	assert.Equal(t, 80, c.Weight())
}

func TestNewConverterChecksItsArguments(t *testing.T) {
	parse := func(s string) (string, error) { return s, nil }
	_, err := NewConverter("(", 100, parse, parse)
	assert.EqualError(t, err, "urlmap: converter: error parsing regexp: missing closing ): `(`")
	_, err = NewConverter("a", 100, parse, nil)
	assert.EqualError(t, err, "urlmap: converter: both parse and format are needed")
}

func TestAddConverterChecksNameAndFactory(t *testing.T) {
	m := New(Options{})
	assert.EqualError(t, m.AddConverter("a-b", newString), `urlmap: converter name "a-b": a name has ASCII letters, digits and "_" and does not start with a digit`)
	assert.EqualError(t, m.AddConverter("a", nil), `urlmap: converter "a" has no factory`)
	m.Freeze()
	assert.ErrorIs(t, m.AddConverter("a", newString), ErrFrozen)
}

// badConverter is a converter whose expression is none.
type badConverter struct{ stringConverter }

func (badConverter) Regexp() string { return "(" }

func TestFactoriesThatFailAreReportedAtTheirPlace(t *testing.T) {
	cause := errors.New("no such table")
	m := New(DefaultOptions())
	require.NoError(t, m.AddConverter("fails", func(Args) (Converter, error) { return nil, cause }))
	require.NoError(t, m.AddConverter("none", func(Args) (Converter, error) { return nil, nil }))
	require.NoError(t, m.AddConverter("bad", func(Args) (Converter, error) { return badConverter{}, nil }))
	_, err := m.Add(Spec{Rule: "/a/<fails(1):x>"})
	assert.EqualError(t, err, `url rule "/a/<fails(1):x>": offset 4: no such table`)
	assert.ErrorIs(t, err, cause)
	_, err = m.Add(Spec{Rule: "/<none:x>"})
	assert.EqualError(t, err, `url rule "/<none:x>": offset 2: the factory of the converter "none" made none`)
	_, err = m.Add(Spec{Rule: "/<bad:x>"})
	assert.EqualError(t, err, "url rule \"/<bad:x>\": offset 2: the converter \"bad\": error parsing regexp: missing closing ): `(`")
}

func TestCustomExpressionsThatAreTooMuchForTheirRuleAreRefused(t *testing.T) {
	asked := 0
	m := New(DefaultOptions())
	deep := newHue(t, strings.Repeat("(", 999)+"a"+strings.Repeat(")", 999), &asked)
	require.NoError(t, m.AddConverter("deep", func(Args) (Converter, error) { return deep, nil }))
	_, err := m.Add(Spec{Rule: "/x<deep:a>"})
	assert.ErrorContains(t, err, `url rule "/x<deep:a>": error parsing regexp: expression nests too deeply: `)
}

func TestGroupsInCustomExpressionsAreHarmless(t *testing.T) {
	asked := 0
	m := New(DefaultOptions())
	hue := newHue(t, "(?P<v1>[a-z])(?P<v1>[a-z]*)|(?P<v0>x)", &asked)
	require.NoError(t, m.AddConverter("hue", func(Args) (Converter, error) { return hue, nil }))
	_, err := m.Add(Spec{Rule: "/<hue:a>-<hue:b>"})
	require.NoError(t, err)
	m.Freeze()
	mt := m.Match(Query{Path: "/abc-de", Method: "GET"})
	require.Equal(t, Found, mt.Outcome)
	assert.Equal(t, []string{"abc", "de"}, []string{mt.Values.Text(0), mt.Values.Text(1)})
}

func TestFactoriesGetTheArgumentsAsWritten(t *testing.T) {
	var got Args
	m := New(DefaultOptions())
	require.NoError(t, m.AddConverter("c", func(a Args) (Converter, error) {
		got = a
		return stringConverter{1, -1}, nil
	}))
	_, err := m.Add(Spec{Rule: `/<c(1, -2.5, word, "a, b", None, flag=True, n='1'):x>`})
	require.NoError(t, err)
	assert.Equal(t, []any{1, -2.5, "word", "a, b", nil}, got.Positional)
	assert.Equal(t, []Value{{"flag", true}, {"n", "1"}}, got.Named)
}
