package datastructures_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/datastructures"
)

// recorded is one case of a section of compat.json: what a class of Werkzeug
// made of some field.
type recorded map[string]any

func (c recorded) text(name string) string {
	s, _ := c[name].(string)
	return s
}

var (
	// hugeNumber is a number of more than 64 bits.
	hugeNumber = regexp.MustCompile(`\d{19,}`)

	// oddNumber is one that Python's int reads, and HTTP does not know.
	oddNumber = regexp.MustCompile(`\d_\d|[^\x00-\x7f]`)
)

// deviates gives the reason for which a case may differ on purpose.
func deviates(section string, c recorded) string {
	const reason = "numbers are ASCII digits that fit an int or a float64, and a URL shows all their digits: " +
		"no other scripts, underscores, exponents, infinities or NaN"
	switch section {
	case "parse_range", "parse_content_range":
		if hugeNumber.MatchString(c.text("in")) {
			return reason
		}
	case "cache_control":
		if oddNumber.MatchString(c.text("in")) {
			return reason
		}
	}
	return ""
}

// replay compares what f gives for each case of a section with the recorded
// values of the same names; f gives those that it is about.
func replay(t *testing.T, section string, f func(c recorded) map[string]any) {
	t.Helper()
	var file struct {
		Sections map[string]struct{ Cases []recorded }
	}
	dir := os.Getenv("RETORT_ORACLE_DIR")
	if dir == "" {
		dir = filepath.Join("..", "tests", "testdata", "oracle")
	}
	data, err := os.ReadFile(filepath.Join(dir, "compat.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &file))

	cases, held := file.Sections[section].Cases, 0
	for _, c := range cases {
		var differences []string
		for name, got := range plain(t, f(c)) {
			if !reflect.DeepEqual(c[name], got) {
				differences = append(differences, fmt.Sprintf("%s:\nwant %#v\ngot  %#v", name, c[name], got))
			}
		}
		reason := deviates(section, c)
		switch {
		case differences == nil:
			held++
		case reason != "":
			t.Logf("%v differs: %s", c["id"], reason)
		default:
			t.Errorf("%v %q: %s", c["id"], c["in"], differences)
		}
	}
	fmt.Printf("compat.json %s: %d of %d cases hold\n", section, held, len(cases))
	assert.NotEmpty(t, cases)
}

// plain gives v as JSON has it.
func plain(t *testing.T, v map[string]any) (out map[string]any) {
	t.Helper()
	data, err := json.Marshal(v)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &out))
	return out
}

func orNull(v any, ok bool) any {
	if !ok {
		return nil
	}
	return v
}

func items(a datastructures.Accept) [][]any {
	list := [][]any{}
	for value, quality := range a.All() {
		list = append(list, []any{value, quality})
	}
	return list
}

// bestMatches gives the recorded questions with our answers.
func bestMatches(c recorded, best func(...string) string) [][]any {
	var list [][]any
	for _, question := range c["best"].([]any) {
		offers := question.([]any)[0].([]any)
		var words []string
		for _, offer := range offers {
			words = append(words, offer.(string))
		}
		answer := best(words...)
		list = append(list, []any{offers, orNull(answer, answer != "")})
	}
	return list
}

func TestReplayAccept(t *testing.T) {
	replay(t, "accept_mime", func(c recorded) map[string]any {
		a := datastructures.ParseMIMEAccept(c.text("in"))
		return map[string]any{"items": items(a.Accept), "best": bestMatches(c, a.BestMatch), "header": a.String()}
	})
	replay(t, "accept_language", func(c recorded) map[string]any {
		a := datastructures.ParseLanguageAccept(c.text("in"))
		return map[string]any{"items": items(a.Accept), "best": bestMatches(c, a.BestMatch)}
	})
	replay(t, "accept_plain", func(c recorded) map[string]any {
		a := datastructures.ParseAccept(c.text("in"))
		var q [][]any
		for _, question := range c["q"].([]any) {
			value := question.([]any)[0].(string)
			q = append(q, []any{value, a.Quality(value)})
		}
		return map[string]any{"items": items(a), "q": q}
	})
}

func rangeValues(field string) any {
	r, ok := datastructures.ParseRange(field)
	if !ok {
		return nil
	}
	var ranges [][]any
	for _, spec := range r.Ranges {
		ranges = append(ranges, []any{spec.Start, orNull(spec.Stop, spec.Stop != datastructures.OpenEnd)})
	}
	start, stop, ok := r.ForLength(10)
	content, _ := r.ContentRange(10)
	return map[string]any{
		"units": r.Units, "ranges": ranges, "header": r.String(),
		"for_length_10": orNull([]int64{start, stop}, ok), "content_range_10": orNull(content.String(), ok),
	}
}

func contentRangeValues(field string) any {
	r, ok := datastructures.ParseContentRange(field)
	if !ok {
		return nil
	}
	known := func(n int64) any { return orNull(n, n != datastructures.Unknown) }
	return map[string]any{"units": r.Units, "start": known(r.Start), "stop": known(r.Stop), "length": known(r.Length), "header": r.String()}
}

func TestReplayRanges(t *testing.T) {
	replay(t, "parse_range", func(c recorded) map[string]any {
		return map[string]any{"out": rangeValues(c.text("in"))}
	})
	replay(t, "parse_content_range", func(c recorded) map[string]any {
		return map[string]any{"out": contentRangeValues(c.text("in"))}
	})
	replay(t, "parse_if_range", func(c recorded) map[string]any {
		r := datastructures.ParseIfRange(c.text("in"))
		date, hasDate := r.Date()
		return map[string]any{"out": map[string]any{"etag": orNull(r.ETag()), "date": orNull(date.Unix(), hasDate)}}
	})
}

func TestReplayETags(t *testing.T) {
	replay(t, "parse_etags", func(c recorded) map[string]any {
		e := datastructures.ParseETags(c.text("in"))
		return map[string]any{"out": map[string]any{
			"star": e.Star(), "strong": sorted(e.Strong()), "weak": sorted(e.Weak()),
			"contains_a": e.Contains("a"), "contains_weak_a": e.ContainsWeak("a"), "raw_W_a": e.ContainsRaw(`W/"a"`),
		}}
	})
}

// sorted gives the set of the values.
func sorted(values []string) []string {
	values = append([]string{}, values...)
	slices.Sort(values)
	return slices.Compact(values)
}

func TestReplayHeaderSet(t *testing.T) {
	replay(t, "parse_set_header", func(c recorded) map[string]any {
		s := datastructures.ParseHeaderSet(c.text("in"))
		return map[string]any{"out": append([]string{}, slices.Collect(s.All())...), "header": s.String()}
	})
}

func TestReplayCacheControl(t *testing.T) {
	replay(t, "cache_control", func(c recorded) map[string]any {
		control := datastructures.ParseRequestCacheControl(c.text("in"))
		pairs := [][]any{}
		for name, value := range control.All() {
			// One without a value is written without "=".
			pairs = append(pairs, []any{name, orNull(value, value != "" || !control.IsBare(name))})
		}
		slices.SortFunc(pairs, func(a, b []any) int {
			if a[0].(string) < b[0].(string) {
				return -1
			}
			return 1
		})
		return map[string]any{"out": map[string]any{
			"items": pairs, "max_age": orNull(control.MaxAge()), "no_cache": control.NoCache(), "header": control.String(),
		}}
	})
}

func TestReplayAuth(t *testing.T) {
	replay(t, "authorization", func(c recorded) map[string]any {
		a := datastructures.ParseAuthorization(c.text("in"))
		if a == nil {
			return map[string]any{"out": nil}
		}
		return map[string]any{"out": map[string]any{
			"type": a.Type(), "token": orNull(a.Token(), a.HasToken()), "parameters": a.Parameters(), "header": a.String(),
		}}
	})
	replay(t, "www_authenticate", func(c recorded) map[string]any {
		w := datastructures.ParseWWWAuthenticate(c.text("in"))
		if w == nil {
			return map[string]any{"out": nil}
		}
		return map[string]any{"out": map[string]any{
			"type": w.Type(), "token": orNull(w.Token(), w.HasToken()), "parameters": w.Parameters(), "header": w.String(),
		}}
	})
}

func TestReplaySecureFilename(t *testing.T) {
	replay(t, "secure_filename", func(c recorded) map[string]any {
		return map[string]any{"out": datastructures.SecureFilename(c.text("in"))}
	})
}
