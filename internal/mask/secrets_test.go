package mask

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func secrets(values ...string) *Secrets {
	s := new(Secrets)
	s.Add(values...)
	return s
}

func TestValues(t *testing.T) {
	for _, tt := range []struct {
		name    string
		secrets []string
		text    string
		want    string
	}{
		{"nothing to hide", nil, "open notes.txt", "open notes.txt"},
		{"the whole text", []string{"hush-hush"}, "hush-hush", "[hidden]"},
		{"inside of a word", []string{"hush"}, "xhushy", "x[hidden]y"},
		{"several times", []string{"hush"}, "hush, hush", "[hidden], [hidden]"},
		{"side by side", []string{"hush"}, "hushhush!", "[hidden][hidden]!"},
		{"too short", []string{"abc"}, "abc", "abc"},
		{"the longest", []string{"hush", "hush-hush"}, "a hush-hush b", "a [hidden] b"},
		{"two that overlap", []string{"abcd", "cdef"}, "xabcdefx", "x[hidden]x"},
		{"one inside of another", []string{"bcde", "abcdefgh"}, "abcdefgh", "[hidden]"},
		{"with blanks around", []string{" hush "}, "=hush=", "=[hidden]="},
		{"the mark itself", []string{"hidden"}, "hush [hidden]", "hush [hidden]"},
		{"the signature of a token", []string{"eyJhIjoxfQ.Zx.c2lnbmF0dXJlLW9m"}, `the signature "c2lnbmF0dXJlLW9m" is wrong`, `the signature "[hidden]" is wrong`},
		{"the end of the text", []string{"hush"}, "a hus", "a hus"},
		{"more than one byte a letter", []string{"жж"}, "ажжа", "а[hidden]а"},
	} {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, secrets(tt.secrets...).Values(tt.text)) })
	}
}

func TestValuesInOtherSpellings(t *testing.T) {
	const secret = "pä ss/w<rd>&\"+=\n%"
	s := secrets(secret)
	text, err := json.Marshal(secret)
	require.NoError(t, err)
	for _, spelled := range []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), strings.ToLower(url.QueryEscape("/")) + "x" + lowerEscapes(url.QueryEscape(secret)),
		strconv.Quote(secret), strconv.QuoteToASCII(secret), string(text), html.EscapeString(secret),
		hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
	} {
		assert.Contains(t, s.Values("it is "+spelled+" there"), Hidden, spelled)
	}
	for _, user := range []string{"a", "ad", "ada", "lovelace"} {
		encoded := base64.StdEncoding.EncodeToString([]byte(user + ":" + secret + "!"))
		masked := s.Values(encoded)
		assert.Contains(t, masked, Hidden, encoded)
		assert.LessOrEqual(t, len(strings.Replace(masked, Hidden, "", 1)), len(user)*4/3+8, "what is left is not of the secret: %s", masked)
	}
}

func TestText(t *testing.T) {
	for _, tt := range [][2]string{
		{"open store: password=hunter2 host=db", "open store: password=[hidden] host=db"},
		{`GET /x?token=abc&page=2`, `GET /x?token=[hidden]&page=2`},
		{`api_key="a b" x`, `api_key=[hidden] x`},
		{`{"user":"ada","password": "hun\"ter2"}`, `{"user":"ada","password": "[hidden]"}`},
		{`{"token":17,"session":null,"pin":""}`, `{"token":"[hidden]","session":null,"pin":""}`},
		{"{Name:ada Password:hunter2 Age:3}", "{Name:ada Password:[hidden] Age:3}"},
		{"map[token:abc user:ada]", "map[token:[hidden] user:ada]"},
		{"dial postgres://ada:hunter2@db/notes: refused", "dial postgres://ada:[hidden]@db/notes: refused"},
		{"Authorization: Basic YTpi", "Authorization: [hidden]"},
		{"sent Bearer abcDEF123456", "sent Bearer [hidden]"},
		{"open /x?token=abc: no such file, pin=1234.", "open /x?token=[hidden]: no such file, pin=[hidden]."},
		{"line 3: password: hunter2, user: ada", "line 3: password: [hidden], user: ada"},
		{"smtp_password = 'hunter 2'; user = ada", "smtp_password = [hidden]; user = ada"},
		{"API-Token : abc123def", "API-Token : [hidden]"},
		{"invalid password: it is shorter than 8 characters", "invalid password: it is shorter than 8 characters"},
		{"the token: 401 from the server", "the token: 401 from the server"},
		{"basic authentication failed", "basic authentication failed"},
		{"session.go:12: the key: value is wrong", "session.go:12: the key: value is wrong"},
		{"the session cannot be saved: no SECRET_KEY is set", "the session cannot be saved: no SECRET_KEY is set"},
		{"http://localhost:5000/", "http://localhost:5000/"},
	} {
		assert.Equal(t, tt[1], new(Secrets).Text(tt[0]))
	}
}

func TestSource(t *testing.T) {
	s := secrets("s3cr3t-value")
	for _, tt := range [][2]string{
		{`password := "hunter2"`, `password := "[hidden]"`},
		{"const apiToken string = `abc`", `const apiToken string = "[hidden]"`},
		{`	Password: "hunter2",`, `	Password: "[hidden]",`},
		{`cfg["password"] = "hunter2"`, `cfg["password"] = "[hidden]"`},
		{`app.Config.Set("SECRET_KEY", "dev")`, `app.Config.Set("SECRET_KEY", "[hidden]")`},
		{`	"db_password": "x",`, `	"db_password": "[hidden]",`},
		{`secretKey = []byte("x")`, `secretKey = []byte("[hidden]")`},
		{`var smtpPassword []byte = "x"`, `var smtpPassword []byte = "[hidden]"`},
		{`apiKey config.Secret = "x"`, `apiKey config.Secret = "[hidden]"`},
		{`oldSecrets := []string{"x"}`, `oldSecrets := []string{"[hidden]"}`},
		{`password := r.FormValue("password")`, `password := r.FormValue("password")`},
		{`if token == "abc" {`, `if token == "[hidden]" {`},
		{`url := "postgres://a:pw@h/d"`, `url := "postgres://a:[hidden]@h/d"`},
		{`x := "has s3cr3t-value inside"`, `x := "has [hidden] inside"`},
		{`cookieName := "theme"`, `cookieName := "theme"`},
		{`{Key: "title"}`, `{Key: "title"}`},
		{`password := ""`, `password := ""`},
		{`title := "hunter2"`, `title := "hunter2"`},
		{`s.Get("session", "x")`, `s.Get("session", "x")`},
	} {
		assert.Equal(t, tt[1], s.Source(tt[0]))
	}
}

func request(t *testing.T, header http.Header, target string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, nil)
	require.NoError(t, err)
	r.Header = header
	return r
}

func TestAddRequest(t *testing.T) {
	r := request(t, http.Header{
		"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("ada:lovelace-pw"))},
		"Cookie":        {"theme=dark; sess=simple; tracking=u-1234567; lang=en-GB; csrf=tok; own=wör9d"},
		"X-Api-Key":     {"k-123456"},
		"X-Token":       {"header-token"},
		"Accept":        {"text/plain"},
	}, "http://u:url-password@h/?page=secondpage&access_token=query-token&key=title")
	r.PostForm = url.Values{"password": {"form-password"}, "title": {"form-title"}}
	s := new(Secrets)
	s.AddRequest(r, "sess")
	for _, hidden := range []string{"lovelace-pw", "ada:lovelace-pw", "simple", "wör9d", "u-1234567", "k-123456", "header-token", "url-password", "query-token", "form-password"} {
		assert.Equal(t, Hidden, s.Values(hidden), hidden)
	}
	for _, shown := range []string{"dark", "en-GB", "text/plain", "secondpage", "title", "form-title"} {
		assert.Equal(t, shown, s.Values(shown))
	}
}

func TestAddJSON(t *testing.T) {
	s := new(Secrets)
	s.AddJSON([]byte(`{"user":"ada-l","login":{"password":"hunter22","pin":[4711,12]},"secrets":{"a":"inner-one","b":{"c":"inner-two"}},"n":123456}`))
	for _, hidden := range []string{"hunter22", "4711", "inner-one", "inner-two"} {
		assert.Equal(t, Hidden, s.Values(hidden), hidden)
	}
	assert.Equal(t, "ada-l 123456", s.Values("ada-l 123456"))
	broken := new(Secrets)
	broken.AddJSON([]byte(`{"password":`))
	broken.AddJSON(nil)
	assert.Equal(t, "password", broken.Values("password"))
}

func TestThePartsOfAnAuthorization(t *testing.T) {
	for field, hidden := range map[string]string{
		`Digest username="ada", uri="/", response="6629fae49393a05397450978507c4ef1"`:                                    "6629fae49393a05397450978507c4ef1",
		`AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1, SignedHeaders=host, Signature=5d672d79c15b13162d92`: "5d672d79c15b13162d92",
		`Token token="0123456789abcdef"`: "0123456789abcdef",
	} {
		s := new(Secrets)
		s.AddRequest(request(t, http.Header{"Authorization": {field}}, "/"), "")
		assert.Equal(t, "it is [hidden] for ada", s.Values("it is "+hidden+" for ada"), field)
	}
}

func TestAddEnviron(t *testing.T) {
	dir := t.TempDir()
	s := new(Secrets)
	s.AddEnviron([]string{"PWD=" + dir, "MYSQL_PWD=hunter22", "AWS_SECRET_ACCESS_KEY=/a+b/c", "HOME=/home/ada", "=C:=x", "broken"})
	assert.Equal(t, dir+" [hidden] [hidden] /home/ada broken", s.Values(dir+" hunter22 /a+b/c /home/ada broken"))
}

func TestAClientCannotHaveTooMuchLookedFor(t *testing.T) {
	var cookies []string
	for i := range 5000 {
		cookies = append(cookies, fmt.Sprintf("c%d=value-%d", i, i))
	}
	cookies = append(cookies, "session=the-real-one")
	s := new(Secrets)
	s.AddRequest(request(t, http.Header{"Cookie": {strings.Join(cookies, "; ")}}, "/"), "session")
	assert.Len(t, s.seen, maxCookies+1)
	s.AddValues(map[string][]string{"token": cookies})
	assert.Len(t, s.seen, maxValues)
	assert.Equal(t, Hidden, s.Values("the-real-one"), "it comes first")
}

// A secret never survives: in no text is one left after masking, however the
// secrets overlap each other, in all of its spellings.
func FuzzASecretNeverSurvives(f *testing.F) {
	f.Add("hunter2", "2hunt", "my hunter2hunter2 x")
	f.Add("abcd", "cdef", "abcdef")
	f.Add("]abc", "defg", "defgabc]abc")
	f.Add("aaaa", "aaaaa", "aaaaaaaaaaaaaaa")
	f.Add("p%2Fw d", "a\x00b\xff", "p%2Fw+d%252F")
	f.Fuzz(func(t *testing.T, one, two, text string) {
		s := secrets(one, two)
		text += one + text + two + url.QueryEscape(one) + base64.StdEncoding.EncodeToString([]byte(text+two+text)) + strconv.Quote(one) + hex.EncodeToString([]byte(two))
		for name, masked := range map[string]string{"Values": s.Values(text), "Text": s.Text(text), "Source": s.Source(text), "Value": s.Value("x", map[string]any{"a": text, text: 1})} {
			for _, secret := range []string{one, two} {
				if len(secret) >= minLength && !strings.Contains(secret, Hidden) {
					// The letters of the mark may complete a secret: they are no part of it.
					for piece := range strings.SplitSeq(masked, Hidden) {
						assert.NotContains(t, piece, secret, name)
					}
				}
			}
		}
	})
}

func BenchmarkText(b *testing.B) {
	s := secrets("a-secret-key-of-some-length", "another-one", "eyJhIjoxfQ.Zx.c2lnbmF0dXJlLW9m")
	text := strings.Repeat("example.com/notes/store.(*Store).open /home/ada/notes/main.go:31\n", 60)
	b.Run("values", func(b *testing.B) {
		for b.Loop() {
			s.Values(text)
		}
	})
	b.Run("names and values", func(b *testing.B) {
		for b.Loop() {
			s.Text(text)
		}
	})
}

func TestAddLiterals(t *testing.T) {
	for line, hidden := range map[string]string{
		`password := "hunter2"`:                          "hunter2",
		"const apiToken string = `a\"b1`":                `a"b1`,
		`secretKey = []byte("\x41bc\u00e9-7")`:           "Abcé-7",
		`db, err := sql.Open("mysql", "a:pw-7@tcp(db)")`: "pw-7",
		`passphrase: "correct horse battery staple"`:     "correct horse battery staple",
	} {
		s := new(Secrets)
		s.AddLiterals(line)
		assert.Equal(t, "it says "+Hidden+"!", s.Values("it says "+hidden+"!"), line)
	}
	s := new(Secrets)
	for _, line := range []string{`passwordField := "password"`, `tokenType = "Bearer"`, `title := "hunter2"`, `cookieName := "theme1"`, `password := "broken`, `csrf: "/login"`} {
		s.AddLiterals(line)
	}
	const text = "password Bearer hunter2 theme1 broken /login"
	assert.Equal(t, text, s.Values(text))
}
