package tests

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/datastructures"
	"github.com/retort-go/retort/internal/cookie"
	"github.com/retort-go/retort/internal/httpfield"
	"github.com/retort-go/retort/internal/urlmap"
)

func TestListsInFields(t *testing.T) {
	for field, want := range map[string][]string{
		"a b": {"a b"}, "a b, c": {"a b", "c"}, `a b, "c, d"`: {"a b", "c, d"}, `"a\"b", c`: {`a"b`, "c"},
		`a"b,c", "d e"`: {`a"b,c"`, "d e"}, "a, ,,b,": {"a", "b"}, `a, "b, c", "d, e`: nil,
	} {
		assert.Equal(t, want, append([]string(nil), httpfield.ParseList(field)...), field)
	}
}

func TestDictionariesInFields(t *testing.T) {
	for field, want := range map[string]map[string]string{
		`foo="bar baz", blah=42`: {"foo": "bar baz", "blah": "42"}, "foo, bar=": {"foo": "(none)", "bar": ""},
		"=foo, =": {}, `a=1, b="2, 3", c="4, d=5`: {},
	} {
		got := map[string]string{}
		for _, p := range httpfield.ParseDict(field) {
			got[p.Name] = p.Value
			if p.Bare {
				got[p.Name] = "(none)"
			}
		}
		assert.Equal(t, want, got, field)
	}
}

func TestOptionsInFields(t *testing.T) {
	for field, want := range map[string]map[string]string{
		"v;a=b;c=d;": {"a": "b", "c": "d"}, "v;  ; a=b ; ": {"a": "b"}, "v;a": {}, "v;a=": {}, "v;=b": {}, `v;a="b"`: {"a": "b"}, "v;a=µ": {},
		`v;a="';'";b="µ";`: {"a": "';'", "b": "µ"}, `v;a="b c"`: {"a": "b c"}, `v;a="b\"c";d=e`: {"a": `b"c`, "d": "e"}, `v;a="c:\\"`: {"a": `c:\`},
		`v;a="c:\"`: {}, `v;a="b\\\"c"`: {"a": `b\"c`}, `v;a="b%22c"`: {"a": `b"c`}, "v;a*=b": {"a": "b"}, "v;a*=ASCII'en'b": {"a": "b"},
		"v;a*=US-ASCII''%62": {"a": "b"}, "v;a*=UTF-8''%C2%B5": {"a": "µ"}, "v;a*=US-ASCII''%C2%B5": {"a": "\ufffd\ufffd"}, "v;a*=BAD''%62": {"a": "%62"},
		"v;a*=UTF-8'''%F0%9F%90%8D'.txt": {"a": "'🐍'.txt"}, `v;a="🐍.txt"`: {"a": "🐍.txt"}, "v;a*0=b;a*1=c;d=e": {"a": "bc", "d": "e"}, "v;a*0*=b": {"a": "b"},
		"v;a*0*=UTF-8''b;a*1=c;a*2*=%C2%B5": {"a": "bcµ"}, `v;a="` + strings.Repeat(`\`, 400): {}, `v; fileName="File.ext"`: {"filename": "File.ext"},
	} {
		value, options := httpfield.ParseOptions(field)
		got := map[string]string{}
		for _, p := range options {
			got[p.Name] = p.Value
		}
		assert.Equal(t, "v", value, field)
		assert.Equal(t, want, got, field)
	}
	for field, want := range map[string]string{"": "", ";a=b": "", "v": "v", "v;": "v", " ": "", " , ": ",", " ; ": "", " ,; ": ",", " , a ": ", a", " ; a ": ""} {
		value, options := httpfield.ParseOptions(field)
		assert.Equal(t, want, value, "%q", field)
		assert.Empty(t, options, "%q", field)
	}
}

func TestDatesInFields(t *testing.T) {
	moment := time.Date(1994, 11, 6, 8, 49, 37, 0, time.UTC)
	for field, want := range map[string]time.Time{
		"Sun, 06 Nov 1994 08:49:37 GMT    ": moment, "Sunday, 06-Nov-94 08:49:37 GMT": moment, " Sun Nov  6 08:49:37 1994": moment,
		" Sun 02 Feb 1343 08:49:37 GMT": time.Date(1343, 2, 2, 8, 49, 37, 0, time.UTC), "Thu, 01 Jan 1970 00:00:00 GMT": time.Unix(0, 0).UTC(),
		"foo": {}, "Thu, 33 Jan 1970 00:00:00 GMT": {}, "": {},
	} {
		got, ok := httpfield.ParseDate(field)
		assert.Equal(t, !want.IsZero(), ok, field)
		assert.True(t, want.Equal(got), "%s is not %s", field, got)
	}
	for want, date := range map[string]time.Time{
		"Sun, 06 Nov 1994 08:49:37 GMT": moment, "Sun, 06 Nov 1994 16:49:37 GMT": time.Date(1994, 11, 6, 8, 49, 37, 0, time.FixedZone("", -8*3600)),
		"Thu, 01 Jan 1970 00:00:00 GMT": time.Unix(0, 0), "Mon, 01 Jan 0001 00:00:00 GMT": {}, "Tue, 01 Jan 0999 00:00:00 GMT": time.Date(999, 1, 1, 0, 0, 0, 0, time.UTC),
		"Wed, 01 Jan 2020 00:00:00 GMT": time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		assert.Equal(t, want, httpfield.FormatDate(date))
	}
}

func TestEntityTagsInFields(t *testing.T) {
	tags := datastructures.ParseETags(`"foo", "bar", W/"baz", blar`)
	strong := slices.Sorted(slices.Values(tags.Strong()))
	assert.Equal(t, []string{"bar", "blar", "foo"}, strong)
	for tag, in := range map[string][3]bool{"foo": {true, true, true}, "baz": {false, true, false}, "blar": {true, true, true}, "nope": {}} {
		quoted, err := httpfield.QuoteETag(tag, false)
		require.NoError(t, err)
		assert.Equal(t, in, [3]bool{tags.Contains(tag), tags.ContainsWeak(tag), tags.ContainsRaw(quoted)}, tag)
	}
	assert.True(t, tags.ContainsRaw(`W/"baz"`))
	assert.False(t, datastructures.ParseETags(`W/"foo"`).Empty())
	parts := strings.Split(tags.String(), ", ")
	slices.Sort(parts)
	assert.Equal(t, []string{`"bar"`, `"blar"`, `"foo"`, `W/"baz"`}, parts)
	for field, want := range map[string]string{`"foo"`: "foo", `W/"foo"`: "foo W"} {
		tag, weak := httpfield.UnquoteETag(field)
		if weak {
			tag += " W"
		}
		assert.Equal(t, want, tag)
	}
}

func TestRangesInFields(t *testing.T) {
	for field, want := range map[string]string{
		"bytes=52-": "bytes=52-", "bytes=52-99": "bytes=52-99", "bytes=52-99,-1000": "bytes=52-99,-1000", "bytes = 1 - 100": "bytes=1-100", "AWesomes=0-999": "awesomes=0-999",
		"bytes=52": "", "bytes=-": "", "bytes=bad": "", "bytes=bad-1": "", "bytes=-bad": "", "bytes=52-99, bad": "", "": "",
	} {
		r, ok := datastructures.ParseRange(field)
		assert.Equal(t, want != "", ok, field)
		if ok {
			assert.Equal(t, want, r.String(), field)
		}
	}
	for field, want := range map[string]string{
		"bytes 0-98/*": "bytes 0-98/*", "bytes 0-99/100": "bytes 0-99/100", "bytes */100": "bytes */100", "bytes 0-98/*asdfsa": "", "bytes */-1": "",
	} {
		r, ok := datastructures.ParseContentRange(field)
		assert.Equal(t, want != "", ok, field)
		if ok {
			assert.Equal(t, want, r.String(), field)
		}
	}
	for field, want := range map[string]string{
		`"Test"`: `"Test"`, `W/"Test"`: "", "unquoted": `"unquoted"`, "Thu, 01 Jan 1970 00:00:00 GMT": "Thu, 01 Jan 1970 00:00:00 GMT", "": "",
	} {
		assert.Equal(t, want, datastructures.ParseIfRange(field).String(), field)
	}
}

func TestARangeOfAKnownLength(t *testing.T) {
	r, ok := datastructures.ParseRange("bytes=0-499")
	require.True(t, ok)
	of, ok := r.ContentRange(1000)
	require.True(t, ok)
	assert.Equal(t, "bytes 0-499/1000", of.String())
	for field, want := range map[string]string{
		"bytes=0-": "0 10 true", "bytes=-5": "5 10 true", "bytes=-50": "0 0 false", "bytes=9-": "9 10 true", "bytes=2-3": "2 4 true",
		"bytes=5-99": "5 10 true", "bytes=10-": "0 0 false", "bytes=0-1,3-4": "0 0 false",
	} {
		r, ok := datastructures.ParseRange(field)
		require.True(t, ok, field)
		assert.Equal(t, want, fmt.Sprintln(r.ForLength(10))[:len(want)], field)
	}
}

func TestCookiesInFields(t *testing.T) {
	for field, want := range map[string]map[string][]string{
		`dismiss-top=6; CP=null*; PHPSESSID=0a539d42abc001cdc762809248d4beed;a=42; b="\";"; ; fo234{=bar;blub=Blah; "__Secure-c"=d;==__Host-eq=bad;__Host-eq=good;`: {
			"CP": {"null*"}, "PHPSESSID": {"0a539d42abc001cdc762809248d4beed"}, "a": {"42"}, "dismiss-top": {"6"}, "b": {`";`}, "fo234{": {"bar"},
			"blub": {"Blah"}, `"__Secure-c"`: {"d"}, "__Host-eq": {"good"},
		},
		"first=IamTheFirst ; a=1; oops ; a=2 ;second = andMeTwo;": {"first": {"IamTheFirst"}, "a": {"1", "2"}, "oops": {""}, "second": {"andMeTwo"}},
		"spam=ham; duck=mallard; ; ":                              {"spam": {"ham"}, "duck": {"mallard"}},
		`foo="foo\054bar"`:                                        {"foo": {"foo,bar"}},
		`foo="?foo"; version="0.1";`:                              {"foo": {"?foo"}, "version": {"0.1"}},
		`fö="f\303\266"`:                                          {"fö": {"fö"}},
		"fö=fö":                                                   {"fö": {"fö"}},
		"":                                                        {},
	} {
		assert.Equal(t, want, cookie.Parse(field).Lists(), field)
	}
	assert.Equal(t, []string{"first", "a", "oops", "second"}, cookie.Parse("first=IamTheFirst ; a=1; oops ; a=2 ;second = andMeTwo;").Keys())
}

func TestAuthorizationFields(t *testing.T) {
	basic := func(text string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(text)) }
	for field, want := range map[string][2]string{
		"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==": {"Aladdin", "open sesame"}, basic("русскиЁ:Буквы"): {"русскиЁ", "Буквы"}, basic("普通话:中文"): {"普通话", "中文"}, basic("a:b:c"): {"a", "b:c"},
	} {
		a := datastructures.ParseAuthorization(field)
		require.NotNil(t, a, field)
		assert.Equal(t, "basic", a.Type())
		assert.Equal(t, want, [2]string{a.Username(), a.Password()})
		assert.Equal(t, datastructures.BasicAuthorization(want[0], want[1]).String(), a.String())
	}
	for _, field := range []string{"", "Basic foo", basic("\xffser:pass")} {
		assert.Nil(t, datastructures.ParseAuthorization(field), field)
	}
	assert.Equal(t, "foo", datastructures.ParseAuthorization("foo").Type())
	assert.Equal(t, `Digest foo, bar=""`, datastructures.ParseAuthorization("Digest foo, bar=, =qux, =").String())
	for _, text := range []string{"This has base64 padding", "This has base64 padding.."} {
		token := base64.StdEncoding.EncodeToString([]byte(text))
		a := datastructures.ParseAuthorization("Token " + token)
		assert.Equal(t, "token", a.Type())
		assert.Equal(t, token, a.Token())
		w := datastructures.ParseWWWAuthenticate("Token " + token)
		assert.Equal(t, "token", w.Type())
		assert.Equal(t, token, w.Token())
	}
	digest := `Digest username=Mufasa, realm="testrealm@host.invalid", nonce=dcd98b7102dd2f0e8b11d0f600bfb0c093, uri="/dir/index.html", qop=auth,` +
		` nc=00000001, cnonce=0a4f113b, response=6629fae49393a05397450978507c4ef1, opaque=5ccc069c403ebaf9f0171e9517f40e41`
	a := datastructures.ParseAuthorization(digest)
	assert.Equal(t, digest, a.String())
	assert.Equal(t, map[string]string{
		"username": "Mufasa", "realm": "testrealm@host.invalid", "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093", "uri": "/dir/index.html", "qop": "auth", "nc": "00000001",
		"cnonce": "0a4f113b", "response": "6629fae49393a05397450978507c4ef1", "opaque": "5ccc069c403ebaf9f0171e9517f40e41",
	}, a.Parameters())
}

func TestChallengesInFields(t *testing.T) {
	w := datastructures.ParseWWWAuthenticate(`Basic realm="WallyWorld"`)
	assert.Equal(t, "basic WallyWorld", w.Type()+" "+w.Get("realm"))
	assert.Equal(t, `Basic realm="Foo Bar"`, w.Set("realm", "Foo Bar").String())
	assert.Equal(t, "Bearer", datastructures.NewWWWAuthenticate("bearer").String())
	assert.Equal(t, "broken", datastructures.ParseWWWAuthenticate("broken").Type())
	assert.Nil(t, datastructures.ParseWWWAuthenticate(""))
	digest := datastructures.ParseWWWAuthenticate(`Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b", opaque="5ccc06"`)
	assert.Equal(t, map[string]string{"realm": "testrealm@host.com", "qop": "auth,auth-int", "nonce": "dcd98b", "opaque": "5ccc06"}, digest.Parameters())
	quoted := datastructures.NewWWWAuthenticate("digest").Set("realm", "REALM").Set("nonce", "NONCE").Set("qop", "auth, auth-int")
	assert.Equal(t, `Digest realm="REALM", nonce="NONCE", qop="auth, auth-int"`, quoted.String())
	assert.Equal(t, `Digest realm="REALM", nonce="NONCE", qop="auth"`, quoted.Set("qop", "auth").String(), "some of digest's parameters are always quoted")
}

func TestAcceptFields(t *testing.T) {
	mimes := datastructures.ParseMIMEAccept("text/xml,application/xml,application/xhtml+xml,application/foo;quiet=no; bar=baz;q=0.6,text/html;q=0.9,text/plain;q=0.8,image/png,*/*;q=0.5")
	for value, want := range map[string]float64{"image/png": 1, "text/plain": 0.8, "foo/bar": 0.5, "application/foo;quiet=no; bar=baz": 0.6} {
		assert.Equal(t, want, mimes.Quality(value), value)
	}
	some := datastructures.ParseMIMEAccept("text/xml,application/xml,application/xhtml+xml,text/html;q=0.9,text/plain;q=0.8,image/png")
	for want, offers := range map[string][]string{
		"application/xhtml+xml": {"text/html", "application/xhtml+xml"}, "text/html": {"text/html"}, "": {"foo/bar", "bar/foo"}, "application/xml": {"application/xml", "text/xml"},
	} {
		assert.Equal(t, want, some.BestMatch(offers...), offers)
	}
	specific := datastructures.ParseMIMEAccept("text/*, text/html, text/html;level=1, */*")
	assert.Equal(t, "text/html", specific.BestMatch("text/html; version=1", "text/html"))
	assert.Equal(t, "text/html; level=1", specific.BestMatch("text/html", "text/html; level=1"))
	odd := datastructures.ParseMIMEAccept("foo=,application/xml,application/xhtml+xml,text/html;q=0.9,text/plain;q=0.8,image/png,*/*;q=0.5")
	assert.Equal(t, "foo/bar", odd.BestMatch("foo/bar"))

	languages := datastructures.ParseLanguageAccept("de-AT,de;q=0.8,en;q=0.5")
	assert.Equal(t, "de-AT", languages.Best())
	assert.True(t, languages.Has("de_AT"))
	assert.Equal(t, 1.0, languages.Quality("de-at"))
	assert.Equal(t, 0.5, languages.Quality("en"))

	plain := datastructures.ParseAccept("tinker;q=0,tailor;q=0.333,soldier;q=0.667,sailor")
	assert.Equal(t, "sailor,soldier;q=0.667,tailor;q=0.333,tinker;q=0.0", plain.String())
	assert.Equal(t, "soldier", plain.BestMatch("tinker", "tailor", "soldier"))
	assert.Equal(t, "", plain.BestMatch("tinker"))
	assert.Equal(t, 0.0, plain.Quality("spy"))
	assert.Equal(t, 0.5, datastructures.ParseAccept(`application/x-special; z="a b";q=0.5`).Quality(`application/x-special; z="a b"`))
	for _, q := range []string{"q=.5", "q=+0.5", "q=0.5_1", "q*=UTF-8''🯰.🯵"} {
		assert.Equal(t, "en", datastructures.ParseAccept("en,jp;"+q).String(), q)
	}
	for _, q := range []string{"1", "0", "5"} {
		assert.Equal(t, datastructures.ParseAccept("en;q="+q).String(), datastructures.ParseAccept("en;q="+q+".0").String())
	}
}

func TestTheOrderOfWhatIsAccepted(t *testing.T) {
	everything := datastructures.ParseAccept("*")
	assert.Equal(t, "alice", everything.BestMatch("alice", "bob"))
	assert.Equal(t, "bob", everything.BestMatch("bob", "alice"))
	both := datastructures.ParseAccept("alice,bob")
	assert.Equal(t, "alice", both.BestMatch("alice", "bob"))
	assert.Equal(t, "bob", both.BestMatch("bob", "alice"))
	nothingElse := datastructures.ParseAccept("*;q=0,asterisk")
	assert.Equal(t, "asterisk", nothingElse.BestMatch("asterisk", "star"))
	assert.Equal(t, "", nothingElse.BestMatch("star"))
	for _, c := range []struct {
		field, want string
		offers      []string
	}{
		{"en-us", "en", []string{"en"}}, {"en-us,en;q=0.8", "en-us", []string{"en", "en-us"}}, {"de,en-us", "de", []string{"de", "en-us"}},
		{"es-mx,es;q=0.5", "es-es", []string{"es-es"}}, {"de-AT,de;q=0.9", "de", []string{"de"}}, {"es", "", []string{"en", "de"}},
	} {
		assert.Equal(t, c.want, datastructures.ParseLanguageAccept(c.field).BestMatch(c.offers...), c.field)
	}
}

func TestCacheControlFields(t *testing.T) {
	asked := datastructures.ParseRequestCacheControl("max-age=0, no-cache, no-transform, min-fresh=0")
	age, ok := asked.MaxAge()
	assert.Equal(t, "0 true true true", fmt.Sprint(age, ok, asked.NoCache(), asked.NoTransform()))
	fresh, ok := asked.MinFresh()
	assert.Equal(t, "0 true", fmt.Sprint(fresh, ok))
	_, ok = datastructures.ParseRequestCacheControl("min-fresh").MinFresh()
	assert.False(t, ok)
	given := datastructures.ParseResponseCacheControl(`private, community="UCI", must-understand, stale-while-revalidate=1, stale-if-error=2`)
	_, private := given.Private()
	community, _ := given.Lookup("community")
	revalidate, _ := given.StaleWhileRevalidate()
	onError, _ := given.StaleIfError()
	assert.Equal(t, "true UCI true 1 2", fmt.Sprint(private, " ", community, " ", given.MustUnderstand(), " ", revalidate, " ", onError))
	own := datastructures.ParseResponseCacheControl("")
	own.SetNoCache(true)
	own.SetPrivate(true)
	own.SetMaxAge(3)
	own.SetSMaxAge(4)
	assert.Equal(t, "no-cache, private, max-age=3, s-maxage=4", own.String())
	own.SetPrivate(false)
	own.Delete("max-age")
	own.Delete("s-maxage")
	assert.Equal(t, "no-cache", own.String())
}

func TestSetsOfWords(t *testing.T) {
	s := datastructures.ParseHeaderSet(`foo, Bar, "Blah baz", Hehe`)
	assert.True(t, s.Has("blah baz"))
	assert.False(t, s.Has("foobar"))
	s.Add("Foo")
	assert.Equal(t, `foo, Bar, "Blah baz", Hehe`, s.String())
	assert.Equal(t, []int{0, 1, -1}, []int{s.Index("FOO"), s.Index("bar"), s.Index("baz")})
	assert.False(t, s.Remove("missing"))
	assert.True(t, s.Remove("foo"))
	assert.Equal(t, 0, s.Index("bar"))
	s.Clear()
	assert.Zero(t, s.Len())
}

func TestDictionariesOfSeveralValues(t *testing.T) {
	d := datastructures.NewMultiDict([2]string{"a", "1"}, [2]string{"b", "2"}, [2]string{"a", "2"}, [2]string{"d", "3"}, [2]string{"a", "1"}, [2]string{"a", "3"}, [2]string{"d", "4"}, [2]string{"c", "3"})
	assert.Equal(t, "1", d.Get("a"))
	assert.Equal(t, []string{"1", "2", "1", "3"}, d.GetList("a"))
	assert.Empty(t, d.GetList("x"))
	d.Set("a", "42")
	assert.Equal(t, []string{"42"}, d.GetList("a"))
	given := []string{"1", "2", "3"}
	d.SetList("a", given)
	given[0] = "changed"
	assert.Equal(t, []string{"1", "2", "3"}, d.GetList("a"))
	assert.Equal(t, "23", d.SetDefault("u", "23"))
	d.Delete("u")
	d.Delete("d")
	assert.Equal(t, map[string]string{"a": "1", "b": "2", "c": "3"}, d.ToMap())
	assert.Equal(t, map[string][]string{"a": {"1", "2", "3"}, "b": {"2"}, "c": {"3"}}, d.Lists())
	own := d.Clone()
	own.Update(maps.All(map[string]string{"a": "4", "y": "0"}))
	assert.Equal(t, []string{"1", "2", "3", "4"}, own.GetList("a"))
	assert.Equal(t, []string{"1", "2", "3"}, d.GetList("a"))
	value, ok := own.Pop("y")
	assert.Equal(t, "0 true false", fmt.Sprint(value, " ", ok, " ", own.Has("y")))
	assert.Equal(t, []string{"1", "2", "3", "4"}, own.PopList("a"))
	assert.Empty(t, own.PopList("missing"))
	_, ok = own.Pop("missing")
	assert.False(t, ok)
	own.Add("n", "42")
	own.Add("n", "blah")
	assert.Equal(t, 42, own.Int("n", -1))
	assert.Equal(t, -1, datastructures.NewMultiDict([2]string{"foo", "bar"}).Int("foo", -1))
	assert.PanicsWithError(t, (&datastructures.KeyError{Key: "e"}).Error(), func() { d.Require("e") })
	assert.Equal(t, []string{"b", "c", "n"}, own.Keys())
}

func TestSeveralDictionariesAsOne(t *testing.T) {
	first := datastructures.NewMultiDict([2]string{"foo", "1"}, [2]string{"x", "bar"}, [2]string{"x", "baz"})
	second := datastructures.NewMultiDict([2]string{"bar", "2"}, [2]string{"bar", "3"}, [2]string{"x", "blafasel"})
	d := datastructures.NewCombinedMultiDict(first, second)
	assert.Equal(t, "1", d.Get("foo"))
	assert.Equal(t, []string{"2", "3"}, d.GetList("bar"))
	assert.Equal(t, []string{"bar", "baz", "blafasel"}, d.GetList("x"))
	assert.Equal(t, map[string]string{"foo": "1", "bar": "2", "x": "bar"}, d.ToMap())
	assert.Equal(t, 6, d.Len(), "pairs")
	assert.Equal(t, 2, d.Int("bar", -1))
	assert.False(t, d.Has("missing"))
	first.Clear()
	assert.Equal(t, 3, d.Len(), "what is taken away there is taken away here")
}

func TestAddressesForPeopleAndForMachines(t *testing.T) {
	for iri, uri := range map[string]string{
		"http://☃.net/":                          "http://xn--n3h.net/",
		"http://üser:pässword@☃.net/påth":        "http://%C3%BCser:p%C3%A4ssword@xn--n3h.net/p%C3%A5th",
		"/foo":                                   "/foo",
		"http://föö.com:8080/bam/baz":            "http://xn--f-1gaa.com:8080/bam/baz",
		"/foo\u008f":                             "/foo%C2%8F",
		"/path[bracket]?(paren)":                 "/path%5Bbracket%5D?(paren)",
		"http://föö.com/%2F%25?q=ö&x=%3D%25#%25": "http://xn--f-1gaa.com/%2F%25?q=%C3%B6&x=%3D%25#%25",
		"itms-services://?action=download-manifest&url=https://test.example/path": "itms-services://?action=download-manifest&url=https://test.example/path",
	} {
		assert.Equal(t, uri, urlmap.IRIToURI(iri))
		assert.Equal(t, uri, urlmap.IRIToURI(uri), "twice is once")
	}
	for uri, iri := range map[string]string{
		"http://xn--n3h.net/": "http://☃.net/", "http://test.com/%3Fmeh?foo=%26%2F": "http://test.com/%3Fmeh?foo=%26/", "abc%20def": "abc%20def",
		"http://xn--f-1gaa.com/%2F%25?q=%C3%B6&x=%3D%25#%25": "http://föö.com/%2F%25?q=ö&x=%3D%25#%25", "http://xn--f-rgao.com/%C3%9E": "http://föñ.com/Þ",
	} {
		assert.Equal(t, iri, urlmap.URIToIRI(uri))
		assert.Equal(t, iri, urlmap.URIToIRI(iri), "twice is once")
	}
	uri, iri := "http://xn--f-rgao.com/%E2%98%90/fred?utf8=%E2%9C%93", "http://föñ.com/☐/fred?utf8=✓"
	for _, mixed := range []string{"http://föñ.com/☐/fred?utf8=✓", "http://xn--f-rgao.com/☐/fred?utf8=✓", uri, "http://föñ.com/☐/fred?utf8=%E2%9C%93"} {
		assert.Equal(t, iri, urlmap.URIToIRI(mixed))
		assert.Equal(t, uri, urlmap.IRIToURI(mixed))
		assert.Equal(t, iri, urlmap.URIToIRI(urlmap.IRIToURI(mixed)))
	}
}
