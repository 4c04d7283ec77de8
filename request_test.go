package retort_test

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// within calls f in a view that answers r, and gives the response.
func within(app *retort.App, r *http.Request, f func(q *retort.Request) error) *httptest.ResponseRecorder {
	app.Route("/<path:any>", retort.Methods("GET", "POST"))(func(c *retort.Context, _ string) error { return f(c.Request) })
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	return w
}

func TestRequestURLs(t *testing.T) {
	for _, tt := range []struct {
		name, base, target                           string
		path, host, root, hostURL, rootURL, baseURL_ string
		url, full                                    string
	}{
		{"plain", "http://example.com", "/a/b?x=1&y=%20", "/a/b", "example.com", "", "http://example.com/", "http://example.com/", "http://example.com/a/b", "http://example.com/a/b?x=1&y=%20", "/a/b?x=1&y=%20"},
		{"without a query", "http://example.com", "/a", "/a", "example.com", "", "http://example.com/", "http://example.com/", "http://example.com/a", "http://example.com/a", "/a?"},
		{"an upper-case host and its own port", "https://EXAMPLE.com:443", "/a", "/a", "example.com", "", "https://example.com/", "https://example.com/", "https://example.com/a", "https://example.com/a", "/a?"},
		{"another port", "http://example.com:8080", "/a", "/a", "example.com:8080", "", "http://example.com:8080/", "http://example.com:8080/", "http://example.com:8080/a", "http://example.com:8080/a", "/a?"},
		{"below a script root", "http://example.com/app/", "/a", "/a", "example.com", "/app", "http://example.com/", "http://example.com/app/", "http://example.com/app/a", "http://example.com/app/a", "/a?"},
		{"an encoded path", "http://example.com", "/%C3%BC%20%3F%23%2Fx", "/ü ?#/x", "example.com", "", "http://example.com/", "http://example.com/", "http://example.com/ü%20%3F%23/x", "http://example.com/ü%20%3F%23/x", "/ü ?#/x?"},
		{"slashes in front", "http://example.com", "//evil.com/x", "/evil.com/x", "example.com", "", "http://example.com/", "http://example.com/", "http://example.com/evil.com/x", "http://example.com/evil.com/x", "/evil.com/x?"},
		{"bytes that are no UTF-8", "http://example.com", "/a%FFb", "/a\uFFFDb", "example.com", "", "http://example.com/", "http://example.com/", "http://example.com/a\uFFFDb", "http://example.com/a\uFFFDb", "/a\uFFFDb?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := quiet().TestRequestContext(tt.target, retort.WithBaseURL(tt.base)).Request
			assert.Equal(t, tt.path, q.Path())
			assert.Equal(t, tt.host, q.Host())
			assert.Equal(t, tt.root, q.ScriptRoot())
			assert.Equal(t, tt.hostURL, q.HostURL())
			assert.Equal(t, tt.rootURL, q.RootURL())
			assert.Equal(t, tt.baseURL_, q.BaseURL())
			assert.Equal(t, tt.url, q.URL())
			assert.Equal(t, tt.full, q.FullPath())
		})
	}
}

func TestRequestScheme(t *testing.T) {
	for _, tt := range []struct {
		name, target string
		tls          bool
		want         string
	}{
		{"without TLS", "/", false, "http"},
		{"over TLS", "/", true, "https"},
		{"an absolute target does not say it", "https://example.com/", false, "http"},
		{"nor does it deny it", "http://example.com/", true, "https"},
		{"an absolute target of another scheme", "ftp://example.com/", false, "http"},
	} {
		u, err := url.Parse(tt.target)
		require.NoError(t, err)
		r := httptest.NewRequest("GET", "/x", nil)
		r.URL.Scheme = u.Scheme
		if tt.tls {
			r.TLS = new(tls.ConnectionState)
		}
		within(quiet(), r, func(q *retort.Request) error {
			assert.Equal(t, tt.want, q.Scheme(), tt.name)
			assert.Equal(t, tt.want == "https", q.IsSecure(), tt.name)
			return nil
		})
	}
}

func TestRequestRemoteAddr(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.1:1234":      "192.0.2.1",
		"[2001:db8::1]:1234":  "2001:db8::1",
		"[fe80::1%eth0]:1234": "fe80::1%eth0",
		"192.0.2.1":           "192.0.2.1",
		"2001:db8::1":         "2001:db8::1",
		"":                    "",
		"@":                   "",
		"/run/app.sock":       "",
	} {
		r := httptest.NewRequest("GET", "/x", nil)
		r.RemoteAddr = addr
		within(quiet(), r, func(q *retort.Request) error {
			assert.Equal(t, want, q.RemoteAddr(), "%q", addr)
			return nil
		})
	}
}

func TestRequestKnowsItsRule(t *testing.T) {
	app := quiet()
	app.AddURLRule("/u/<int:id>", "user", oneNumber)
	q := app.TestRequestContext("/u/7").Request
	assert.Equal(t, "user", q.Endpoint())
	assert.Equal(t, "/u/<int:id>", q.URLRule())
	assert.Equal(t, retort.H{"id": 7}, q.ViewArgs())
	q = app.TestRequestContext("/nothing").Request
	assert.Empty(t, q.Endpoint())
	assert.Empty(t, q.URLRule())
	assert.Nil(t, q.ViewArgs())
}

func TestRequestArgs(t *testing.T) {
	q := quiet().TestRequestContext("/?a=1&b=&a=2&c+d=%C3%BC+x&e&%zz=%zz&f=%FF").Request
	assert.Equal(t, []string{"a", "b", "c d", "e", "%zz", "f"}, q.Args().Keys())
	assert.Equal(t, []string{"1", "2"}, q.Args().GetList("a"))
	assert.Equal(t, "ü x", q.Args().Get("c d"))
	assert.Equal(t, "%zz", q.Args().Get("%zz"))
	assert.Equal(t, "%FF", q.Args().Get("f"), "what is no UTF-8 stays encoded")
	assert.Same(t, q.Args(), q.Args(), "it is parsed once")
	assert.Zero(t, quiet().TestRequestContext("/").Request.Args().Len())
}

func TestRequestForm(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	for _, tt := range []struct {
		name, contentType, body string
		want                    []string // of a
		length                  int
	}{
		{"a form", form, "a=1&b=2&a=%C3%BC+x", []string{"1", "ü x"}, 3},
		{"a form with a charset", form + "; charset=utf-8", "a=1", []string{"1"}, 1},
		{"a form in another case", "Application/X-WWW-Form-URLencoded", "a=1", []string{"1"}, 1},
		{"an empty form", form, "", nil, 0},
		{"something else", "text/plain", "a=1", nil, 0},
		{"no content type", "", "a=1", nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := quiet().TestRequestContext("/?a=query", retort.WithMethod("POST"), retort.WithBody(tt.body, tt.contentType))
			assert.Equal(t, tt.want, c.Request.Form().GetList("a"))
			assert.Equal(t, tt.length, c.Request.Form().Len())
			data, err := c.Request.Data()
			require.NoError(t, err)
			if tt.contentType == "" || tt.contentType == "text/plain" {
				assert.Equal(t, tt.body, string(data), "what is no form stays where it is")
			} else {
				assert.Empty(t, data, "the form has used it up")
			}
		})
	}
}

func TestRequestContentType(t *testing.T) {
	for _, tt := range []struct {
		contentType, mimetype string
		params                map[string]string
		json                  bool
	}{
		{"", "", map[string]string{}, false},
		{"text/HTML; Charset=UTF-8", "text/html", map[string]string{"charset": "UTF-8"}, false},
		{"application/json", "application/json", map[string]string{}, true},
		{" Application/JSON ;x=1", "application/json", map[string]string{"x": "1"}, true},
		{"application/problem+json", "application/problem+json", map[string]string{}, true},
		{"text/json", "text/json", map[string]string{}, false},
		{"image/x+json", "image/x+json", map[string]string{}, false},
		{"application/jsonx", "application/jsonx", map[string]string{}, false},
		{"application/json; =", "application/json", map[string]string{}, true},
	} {
		q := quiet().TestRequestContext("/", retort.WithHeader("Content-Type", tt.contentType)).Request
		assert.Equal(t, tt.contentType, q.ContentType())
		assert.Equal(t, tt.mimetype, q.Mimetype(), tt.contentType)
		assert.Equal(t, tt.params, q.MimetypeParams(), tt.contentType)
		assert.Equal(t, tt.json, q.IsJSON(), tt.contentType)
	}
}

func TestRequestJSON(t *testing.T) {
	const notJSON = "The body was not read as JSON, because the Content-Type is not application/json."
	for _, tt := range []struct {
		name, contentType, body string
		status                  int
		description, inDebug    string
	}{
		{"an object", "application/json", `{"b": "x"}`, 200, "", ""},
		{"another JSON type", "application/hal+json", `{"b": "x"}`, 200, "", ""},
		{"no JSON type", "text/plain", `{"b": "x"}`, 415, notJSON, notJSON},
		{"no type", "", `{"b": "x"}`, 415, notJSON, notJSON},
		{"a body that breaks off", "application/json", `{"b": "x"`, 400, "", "The body is not the JSON that was expected: unexpected end of JSON input"},
		{"no body", "application/json", "", 400, "", "The body is not the JSON that was expected: unexpected end of JSON input"},
		{"something behind it", "application/json", `{} {}`, 400, "", "The body is not the JSON that was expected: invalid character '{' after top-level value"},
		{"another type than the program's", "application/json", `{"b": 7}`, 400, "", "The body is not the JSON that was expected: json: cannot unmarshal number into Go struct field note.B of type string"},
		{"a body over the limit", "application/json", `{"b": "` + strings.Repeat("x", 100) + `"}`, 413, "The body of the request is larger than the 100 bytes that MAX_CONTENT_LENGTH allows.", "The body of the request is larger than the 100 bytes that MAX_CONTENT_LENGTH allows."},
	} {
		for debug, description := range map[bool]string{false: tt.description, true: tt.inDebug} {
			t.Run(fmt.Sprintf("%s, debug %v", tt.name, debug), func(t *testing.T) {
				app := quiet()
				app.Config.Update(map[string]any{"MAX_CONTENT_LENGTH": 100, "DEBUG": debug})
				var n note
				err := app.TestRequestContext("/", retort.WithMethod("POST"), retort.WithBody(tt.body, tt.contentType)).Request.JSON(&n)
				if tt.status == 200 {
					require.NoError(t, err)
					assert.Equal(t, note{B: "x"}, n)
					return
				}
				var e *retort.HTTPError
				require.ErrorAs(t, err, &e)
				assert.Equal(t, tt.status, e.Code)
				assert.Equal(t, cmp.Or(description, retort.Error(400).Description), e.Description)
			})
		}
	}
}

// bodyCase is a request whose body does not arrive as it should.
type bodyCase struct {
	name   string
	limit  int
	body   io.Reader
	length int64
	status int
	want   string
}

func bodyCases() []bodyCase {
	const tooLarge, brokeOff = "larger than the 4 bytes that MAX_CONTENT_LENGTH allows", "broke off or was not framed as HTTP asks"
	return []bodyCase{
		{"no body", 4, http.NoBody, 0, 200, ""},
		{"a body of the limit", 4, strings.NewReader("abcd"), 4, 200, "abcd"},
		{"a body over the limit", 4, strings.NewReader("abcde"), 5, 413, tooLarge},
		{"a chunked body of the limit", 4, io.MultiReader(strings.NewReader("abcd")), -1, 200, "abcd"},
		{"a chunked body over the limit", 4, iotest.OneByteReader(strings.NewReader("abcde")), -1, 413, tooLarge},
		{"no limit", 0, io.MultiReader(strings.NewReader("abcdefgh")), -1, 200, "abcdefgh"},
		{"a body that breaks off", 4, io.MultiReader(strings.NewReader("ab"), iotest.ErrReader(io.ErrUnexpectedEOF)), 4, 400, brokeOff},
		{"a chunked body that breaks off", 0, io.MultiReader(strings.NewReader("ab"), iotest.ErrReader(errors.New("bad chunk"))), -1, 400, brokeOff},
	}
}

func TestRequestData(t *testing.T) {
	for _, tt := range bodyCases() {
		read := map[string]func(q *retort.Request) ([]byte, error){
			"Data":   func(q *retort.Request) ([]byte, error) { return q.Data() },
			"Stream": func(q *retort.Request) ([]byte, error) { return io.ReadAll(q.Stream()) },
		}
		for _, method := range []string{"Data", "Stream"} {
			t.Run(tt.name+" by "+method, func(t *testing.T) {
				tt := bodyCases()[slices.IndexFunc(bodyCases(), func(c bodyCase) bool { return c.name == tt.name })]
				app := quiet()
				app.Config.Set("MAX_CONTENT_LENGTH", tt.limit)
				r := httptest.NewRequest("POST", "/x", tt.body)
				r.ContentLength = tt.length
				var data []byte
				w := within(app, r, func(q *retort.Request) (err error) {
					data, err = read[method](q)
					again, err2 := read[method](q)
					if method == "Data" {
						assert.Equal(t, data, again, "it is read once")
					}
					assert.Equal(t, err, err2)
					return err
				})
				if tt.status == 200 {
					assert.Equal(t, 204, w.Code)
					assert.Equal(t, tt.want, string(data))
					return
				}
				assert.Equal(t, tt.status, w.Code)
				assert.Contains(t, w.Body.String(), tt.want)
			})
		}
	}
}

func TestABodyThatCannotBeReadEndsTheViewThatWantsAForm(t *testing.T) {
	app := quiet()
	app.Config.Set("MAX_CONTENT_LENGTH", 4)
	app.Post("/")(func(c *retort.Context) string { return c.Request.Form().Get("a") })
	res := app.TestClient().Post("/", retort.FormData{"a": "too long"})
	assert.Equal(t, 413, res.Status)
	assert.Contains(t, res.Text, "4 bytes")
}

func TestStreamAndDataShareTheBody(t *testing.T) {
	c := quiet().TestRequestContext("/", retort.WithMethod("POST"), retort.WithBody("abcdef", ""))
	first := make([]byte, 2)
	_, err := io.ReadFull(c.Request.Stream(), first)
	require.NoError(t, err)
	data, err := c.Request.Data()
	require.NoError(t, err)
	assert.Equal(t, "ab cdef", string(first)+" "+string(data), "what the stream has given is not in the data")
}

// FuzzRequestJSON: whatever a client sends as JSON, the answer is 200, 400, 413
// or 415, and a 200 means that it was JSON.
func FuzzRequestJSON(f *testing.F) {
	f.Add("application/json", []byte(`{"a": [1, 2.5, null, "ü"]}`))
	f.Add("application/json; charset=latin-1", []byte(`"\ud800"`))
	f.Add("application/x+json", []byte("\xff\xfe"))
	f.Add("text/plain", []byte("{}"))
	f.Add("application/json", []byte(strings.Repeat("[", 20_000)))
	f.Add("application/json", make([]byte, 70_000))
	app := quiet()
	app.Config.Set("MAX_CONTENT_LENGTH", 64<<10)
	app.Post("/")(func(c *retort.Context) (any, error) {
		var v any
		err := c.Request.JSON(&v)
		return retort.H{"value": v}, err
	})
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		res := app.TestClient().Post("/", retort.WithBody(body, contentType))
		require.Contains(t, []int{200, 400, 413, 415}, res.Status)
		if res.Status == 200 {
			utf8 := json.Valid(bytes.TrimPrefix(body, []byte("\uFEFF")))
			require.True(t, utf8 || bytes.ContainsRune(body, 0) || bytes.HasPrefix(body, []byte("\xff\xfe")) || bytes.HasPrefix(body, []byte("\xfe\xff")), "it was JSON, or JSON in UTF-16")
			require.True(t, json.Valid(res.Body))
		}
	})
}
