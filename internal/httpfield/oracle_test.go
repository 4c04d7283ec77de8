package httpfield_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/cookie"
	"github.com/retort-go/retort/internal/httpfield"
	"github.com/retort-go/retort/internal/urlmap"
)

// recorded is one case of a section of compat.json: what a function of Werkzeug
// gave for some input.
type recorded map[string]any

func (c recorded) text(name string) string {
	s, _ := c[name].(string)
	return s
}

// deviates gives the reason for which a case may differ on purpose.
func deviates(section string, c recorded) string {
	switch section {
	case "dump_cookie":
		if in, ok := c["in"].(map[string]any); ok && oddCookie(in) {
			return "a cookie is checked when it is set, and never an error when it is read"
		}
	case "parse_cookie":
		if failed(c["out"]) {
			return "a cookie is checked when it is set, and never an error when it is read"
		}
	case "iri_to_uri", "uri_to_iri":
		if failed(c["out"]) {
			return "a malformed URL is no error: what is wrong in it is percent-encoded or stays"
		}
	}
	return ""
}

// oddCookie reports whether a cookie could be read as another one, has a control
// character that Werkzeug sends as it is, or an attribute that says nothing.
func oddCookie(in recorded) bool {
	name, domain := in.text("key"), in.text("domain")
	_, err := urlmap.ASCIIHost(strings.TrimLeft(domain, "."))
	_, isDate := httpfield.ParseDate(in.text("expires"))
	_, isText := in["expires"].(string)
	return name == "" || strings.ContainsAny(name, "=;\r\n") || strings.TrimSpace(name) != name ||
		strings.ContainsFunc(in.text("value"), func(r rune) bool { return 0x1a <= r && r <= 0x1f }) ||
		in["domain"] == "" || err != nil && !strings.Contains(domain, ":") || in["samesite"] == "" ||
		isText && !isDate && !strings.HasPrefix(in.text("expires"), "epoch:")
}

// failed reports whether v stands for an error.
func failed(v any) bool {
	m, ok := v.(map[string]any)
	return ok && m["error"] != nil
}

// replay compares what f gives for each case of a section with what was
// recorded. An error of f holds where an error was recorded.
func replay(t *testing.T, section string, f func(c recorded) any) {
	t.Helper()
	var file struct {
		Sections map[string]struct{ Cases []json.RawMessage }
	}
	dir := os.Getenv("RETORT_ORACLE_DIR")
	if dir == "" {
		dir = filepath.Join("..", "..", "tests", "testdata", "oracle")
	}
	data, err := os.ReadFile(filepath.Join(dir, "compat.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &file))

	cases, held := file.Sections[section].Cases, 0
	for _, raw := range cases {
		var c recorded
		require.NoError(t, json.Unmarshal(raw, &c))
		c["names"] = namesIn(raw)
		want := c["out"]
		got := plain(t, f(c))
		if reflect.DeepEqual(want, got) || failed(want) && failed(got) {
			held++
			continue
		}
		if reason := deviates(section, c); reason != "" {
			t.Logf("%v differs: %s", c["id"], reason)
			continue
		}
		t.Errorf("%v %q:\nwant %#v\ngot  %#v", c["id"], fmt.Sprint(c["in"]), want, got)
	}
	fmt.Printf("compat.json %s: %d of %d cases hold\n", section, held, len(cases))
	assert.NotEmpty(t, cases)
}

// plain gives v as JSON has it.
func plain(t *testing.T, v any) any {
	t.Helper()
	if err, ok := v.(error); ok {
		return map[string]any{"error": err.Error()}
	}
	data, err := json.Marshal(v)
	require.NoError(t, err)
	var out any
	require.NoError(t, json.Unmarshal(data, &out))
	return out
}

// orError gives v unless there was an error.
func orError(v any, err error) any {
	if err != nil {
		return err
	}
	return v
}

// orNull gives v if ok.
func orNull(v any, ok bool) any {
	if !ok {
		return nil
	}
	return v
}

func dict(params httpfield.Params) map[string]any {
	m := map[string]any{}
	for _, p := range params {
		m[p.Name] = orNull(p.Value, !p.Bare)
	}
	return m
}

// namesIn gives the texts of a case in their order, among them the names of its
// objects.
func namesIn(raw json.RawMessage) []string {
	var names []string
	for d := json.NewDecoder(bytes.NewReader(raw)); ; {
		token, err := d.Token()
		if err != nil {
			return names
		}
		if name, ok := token.(string); ok {
			names = append(names, name)
		}
	}
}

// params gives what a recorded object holds, in its order; null is a bare name.
func (c recorded) params(object string) (params httpfield.Params) {
	m, _ := c[object].(map[string]any)
	for _, name := range c["names"].([]string) {
		if value, ok := m[name]; ok {
			params = params.Set(httpfield.Param{Name: name, Value: fmt.Sprint(value), Bare: value == nil})
		}
	}
	return params
}

func TestReplayHeaderFunctions(t *testing.T) {
	replay(t, "parse_options_header", func(c recorded) any {
		value, options := httpfield.ParseOptions(c.text("in"))
		return []any{value, dict(options)}
	})
	replay(t, "dump_options_header", func(c recorded) any {
		return httpfield.FormatOptions(c.text("header"), slices.DeleteFunc(c.params("options"), func(p httpfield.Param) bool { return p.Bare }))
	})
	replay(t, "parse_list_header", func(c recorded) any {
		return append([]string{}, httpfield.ParseList(c.text("in"))...)
	})
	replay(t, "parse_dict_header", func(c recorded) any { return dict(httpfield.ParseDict(c.text("in"))) })
	replay(t, "dump_header", func(c recorded) any {
		if list, ok := c["in"].([]any); ok {
			var items []string
			for _, item := range list {
				items = append(items, fmt.Sprint(item))
			}
			return httpfield.FormatList(items)
		}
		return httpfield.FormatDict(c.params("in"))
	})
	replay(t, "quote_header_value", func(c recorded) any {
		if c["allow_token"] == false {
			return httpfield.QuoteString(fmt.Sprint(c["in"]))
		}
		return httpfield.Quote(fmt.Sprint(c["in"]))
	})
	replay(t, "unquote_header_value", func(c recorded) any { return httpfield.Unquote(c.text("in")) })
}

func TestReplayETagFunctions(t *testing.T) {
	replay(t, "quote_etag", func(c recorded) any {
		return orError(httpfield.QuoteETag(c.text("etag"), c["weak"] == true))
	})
	replay(t, "unquote_etag", func(c recorded) any {
		if c.text("in") == "" {
			return []any{nil, nil}
		}
		etag, weak := httpfield.UnquoteETag(c.text("in"))
		return []any{etag, weak}
	})
	replay(t, "generate_etag", func(c recorded) any {
		data, err := base64.StdEncoding.DecodeString(c.text("in_b64"))
		return orError(httpfield.GenerateETag(data), err)
	})
}

func TestReplayDates(t *testing.T) {
	replay(t, "parse_date", func(c recorded) any {
		date, ok := httpfield.ParseDate(c.text("in"))
		return orNull(date.Unix(), ok)
	})
	replay(t, "http_date", func(c recorded) any {
		seconds, fraction := math.Modf(c["in"].(float64))
		return httpfield.FormatDate(time.Unix(int64(seconds), int64(fraction*1e9)))
	})
	replay(t, "parse_age", func(c recorded) any { return orNull(httpfield.ParseAge(c.text("in"))) })
}

// nearNow is an Expires attribute that depends on when it was written.
var nearNow = regexp.MustCompile(`Expires=[^;]*`)

func TestReplayCookies(t *testing.T) {
	now := time.Now()
	replay(t, "dump_cookie", func(c recorded) any {
		in := recorded(c["in"].(map[string]any))
		field, err := recordedCookie(in).Format(now)
		if err != nil {
			return err
		}
		if _, fixed := in["expires"]; !fixed {
			field = nearNow.ReplaceAllStringFunc(field, func(s string) string { return maskDate(s, now) })
		}
		return latin1(field)
	})
	replay(t, "parse_cookie", func(c recorded) any {
		pairs := [][]string{} // key by key, as Python ranges over a MultiDict
		jar := cookie.Parse(c.text("in"))
		for _, name := range jar.Keys() {
			for _, value := range jar.GetList(name) {
				pairs = append(pairs, []string{name, value})
			}
		}
		return pairs
	})
}

// recordedCookie reads the arguments of dump_cookie.
func recordedCookie(in recorded) cookie.Cookie {
	c := cookie.Cookie{
		Name: in.text("key"), Value: in.text("value"), Domain: in.text("domain"), SameSite: in.text("samesite"),
		Path: new("/"), Secure: in["secure"] == true, HTTPOnly: in["httponly"] == true, Partitioned: in["partitioned"] == true,
	}
	if path, given := in["path"]; given {
		c.Path = nil
		if text, ok := path.(string); ok {
			c.Path = &text
		}
	}
	if age, ok := in["max_age"].(float64); ok {
		c.MaxAge = new(int(age))
	}
	switch expires := in["expires"].(type) {
	case float64:
		c.Expires = time.Unix(int64(expires), 0)
	case string:
		if epoch, ok := strings.CutPrefix(expires, "epoch:"); ok {
			seconds, _ := strconv.ParseInt(epoch, 10, 64)
			c.Expires = time.Unix(seconds, 0)
		} else {
			c.Expires, _ = httpfield.ParseDate(expires)
		}
	}
	return c
}

// maskDate writes a date near now as the recording does.
func maskDate(attribute string, now time.Time) string {
	date, ok := httpfield.ParseDate(strings.TrimPrefix(attribute, "Expires="))
	if !ok {
		return attribute
	}
	tens := math.RoundToEven(date.Sub(now.Truncate(time.Second)).Seconds()/10 - 0.05)
	return fmt.Sprintf("Expires=<now+%d>", int(tens)*10)
}

// latin1 shows each byte as a character, as Python does with a field.
func latin1(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		b.WriteRune(rune(c))
	}
	return b.String()
}

func TestReplayURLFunctions(t *testing.T) {
	replay(t, "iri_to_uri", func(c recorded) any { return urlmap.IRIToURI(c.text("in")) })
	replay(t, "uri_to_iri", func(c recorded) any { return urlmap.URIToIRI(c.text("in")) })
}
