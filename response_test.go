package retort_test

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
)

// chunks is a stream of texts.
func chunks(texts ...string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, text := range texts {
			if !yield(text) {
				return
			}
		}
	}
}

// serve sends a response by itself.
func serve(res http.Handler, method string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	res.ServeHTTP(w, httptest.NewRequest(method, "/", nil))
	return w
}

// call sends a response through a gateway.
func call(res gateway.App, method string) (status string, header gateway.Headers, body string, err error) {
	env, err := gateway.NewEnviron(httptest.NewRequest(method, "/", nil))
	if err != nil {
		return "", nil, "", err
	}
	start := func(s string, h gateway.Headers, _ error) (gateway.Write, error) {
		status, header = s, h
		return nil, nil
	}
	b, err := res.Call(env, start)
	if err != nil {
		return status, header, "", err
	}
	var text strings.Builder
	for chunk, err := range b.Chunks() {
		if err != nil {
			return status, header, text.String(), errors.Join(err, b.Close())
		}
		text.Write(chunk)
	}
	return status, header, text.String(), b.Close()
}

func TestAResponseAlone(t *testing.T) {
	for _, tt := range []struct {
		name   string
		make   func() *retort.Response
		status int
		line   string
		kind   string
		length string
		text   string
	}{
		{"text", func() *retort.Response { return retort.Text("hi") }, 200, "200 OK", plainType, "2", "hi"},
		{"html", func() *retort.Response { return retort.HTML("<p>") }, 200, "200 OK", htmlType, "3", "<p>"},
		{"bytes", func() *retort.Response { return retort.Bytes("image/png", []byte("png")) }, 200, "200 OK", "image/png", "3", "png"},
		{"json", func() *retort.Response { return retort.Reply(retort.H{"a": 1}, 201) }, 201, "201 Created", jsonType, "8", "{\"a\":1}\n"},
		{"a stream", func() *retort.Response { return retort.Stream(chunks("a", "", "b")) }, 200, "200 OK", htmlType, "", "ab"},
		{"a reader", func() *retort.Response { return retort.Reply(bare("abc")) }, 200, "200 OK", octetType, "", "abc"},
		{"a reader over memory", func() *retort.Response { return retort.Reply(strings.NewReader("abc")) }, 200, "200 OK", octetType, "3", "abc"},
		{"a redirect", func() *retort.Response { return retort.Redirect("/x", 302) }, 302, "302 Found", htmlType, "LEN", ""},
		{"no status is 200", func() *retort.Response { res := retort.Text("x"); res.Status = 0; return res }, 200, "200 OK", plainType, "1", "x"},
		{"a reason of its own", func() *retort.Response { res := retort.Text("x"); res.Reason = "Fine"; return res }, 200, "200 Fine", plainType, "1", "x"},
		{"an unknown status", func() *retort.Response { res := retort.Text("x"); res.Status = 799; return res }, 799, "799 Unknown", plainType, "1", "x"},
		{"an empty one", func() *retort.Response { return &retort.Response{} }, 200, "200 OK", "", "0", ""},
		{"a handler", func() *retort.Response { return retort.Reply(handler{"own"}) }, 202, "202 Accepted", "text/x-handler", "", "own"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.text == "" && tt.length == "LEN" {
				tt.text = string(must(tt.make().Data()))
				tt.length = fmt.Sprint(len(tt.text))
			}
			assert.NotPanics(t, func() {
				w := serve(tt.make(), "GET")
				assert.Equal(t, tt.status, w.Code)
				assert.Equal(t, tt.kind, w.Header().Get("Content-Type"))
				assert.Equal(t, tt.length, w.Header().Get("Content-Length"))
				assert.Equal(t, tt.text, w.Body.String())
			})
			assert.NotPanics(t, func() {
				line, header, text, err := call(tt.make(), "GET")
				require.NoError(t, err)
				assert.Equal(t, tt.line, line)
				assert.Equal(t, tt.kind, header.HTTP().Get("Content-Type"))
				assert.Equal(t, tt.length, header.HTTP().Get("Content-Length"))
				assert.Equal(t, tt.text, text)
			})
		})
	}
}

func TestAResponseOfAGatewayApplicationAlone(t *testing.T) {
	app := retort.Reply(gateway.AppFunc(gatewayHello))
	want, header, text, err := call(gateway.AppFunc(gatewayHello), "GET")
	require.NoError(t, err)
	line, got, body, err := call(app, "GET")
	require.NoError(t, err)
	assert.Equal(t, want, line)
	assert.Equal(t, header, got)
	assert.Equal(t, text, body)
	w := serve(app, "GET")
	assert.Equal(t, want[:3], fmt.Sprint(w.Code))
	assert.Equal(t, text, w.Body.String())
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestResponsesThatHaveNoBody(t *testing.T) {
	make := func(status int) *retort.Response {
		res := retort.Text("body")
		res.Status = status
		res.Header.Set("Last-Modified", "x")
		res.Header.Set("Content-Length", "4")
		res.Header.Set("ETag", `"e"`)
		return res
	}
	for _, tt := range []struct {
		name, method       string
		status             int
		length, kind, last string
		text               string
	}{
		{"an ordinary one", "GET", 200, "4", plainType, "x", "body"},
		{"HEAD", "HEAD", 200, "4", plainType, "x", ""},
		{"204", "GET", 204, "", plainType, "x", ""},
		{"304 leaves the fields of the representation out", "GET", 304, "", "", "", ""},
		{"HEAD with 204", "HEAD", 204, "", plainType, "x", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := serve(make(tt.status), tt.method)
			line, header, text, err := call(make(tt.status), tt.method)
			require.NoError(t, err)
			assert.Equal(t, fmt.Sprintf("%d %s", tt.status, http.StatusText(tt.status)), line)
			for _, h := range []http.Header{w.Header(), header.HTTP()} {
				assert.Equal(t, tt.length, h.Get("Content-Length"))
				assert.Equal(t, tt.kind, h.Get("Content-Type"))
				assert.Equal(t, tt.last, h.Get("Last-Modified"))
				assert.Equal(t, `"e"`, h.Get("ETag"))
			}
			assert.Equal(t, tt.text, w.Body.String())
			assert.Equal(t, tt.text, text)
		})
	}
}

func TestAHeadResponseDoesNotRunItsStream(t *testing.T) {
	for _, send := range []func(*retort.Response){
		func(res *retort.Response) { serve(res, "HEAD") },
		func(res *retort.Response) { _, _, _, _ = call(res, "HEAD") },
	} {
		closed := 0
		res := retort.Reply(closeable{iotestPanic{}, &closed})
		assert.NotPanics(t, func() { send(res) })
		assert.Equal(t, 1, closed)
	}
}

// iotestPanic is a reader that must not be read.
type iotestPanic struct{}

func (iotestPanic) Read([]byte) (int, error) { panic("read") }

func TestResponsesThatCannotBeSent(t *testing.T) {
	with := func(change func(*retort.Response)) *retort.Response {
		res := retort.Text("x")
		change(res)
		return res
	}
	for _, tt := range []struct {
		name string
		res  func() *retort.Response
		want string
	}{
		{"an informational status", func() *retort.Response { return with(func(r *retort.Response) { r.Status = 101 }) }, "the status 101 cannot be sent: a final status is 200 to 599 (RFC 9110 §15)"},
		{"a status that is none", func() *retort.Response { return with(func(r *retort.Response) { r.Status = 1000 }) }, "the status 1000 cannot be sent: a final status is 200 to 599 (RFC 9110 §15)"},
		{"a line break in the reason", func() *retort.Response { return with(func(r *retort.Response) { r.Reason = "a\r\nb" }) }, `the reason phrase "a\r\nb" holds a control character`},
		{"a line break in a value", func() *retort.Response {
			return with(func(r *retort.Response) { r.Header.Set("X-A", "a\nSet-Cookie: b") })
		}, `the value "a\nSet-Cookie: b" of the field X-A holds a line break or another control character; it would let whoever chose it write fields of their own`},
		{"a name that is none", func() *retort.Response { return with(func(r *retort.Response) { r.Header["X A"] = []string{"b"} }) }, `the field name "X A" is not a token (RFC 9110 §5.1)`},
		{"a line break in a Location", func() *retort.Response { return retort.Redirect("/x\r\nX: y") }, `the value "/x\r\nX: y" of the field Location holds a line break or another control character; it would let whoever chose it write fields of their own`},
		{"a body that is no JSON", func() *retort.Response { return retort.Reply(retort.H{"f": func() {}}) }, "a retort.H cannot be written as JSON: json: unsupported type: func()"},
		{"no body at all", func() *retort.Response { return retort.Reply(nil) }, retort.Reply(nil).Err().Error()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			closed := 0
			res := tt.res()
			res.OnClose(func() error { closed++; return nil })
			w := serve(res, "GET")
			assert.Equal(t, 500, w.Code)
			assert.Equal(t, "the response could not be made\n", w.Body.String())
			assert.Empty(t, w.Header().Get("X-A"))
			assert.Equal(t, 1, closed)

			closed = 0
			res = tt.res()
			res.OnClose(func() error { closed++; return nil })
			status, _, _, err := call(res, "GET")
			assert.EqualError(t, err, tt.want)
			assert.Empty(t, status, "start_response has not been called")
			assert.Equal(t, 1, closed)
		})
	}
}

func TestAResponseWhoseBodyFails(t *testing.T) {
	errBroken := errors.New("broken")
	failing := func(first string) *retort.Response {
		return retort.Stream(func(yield func(string, error) bool) {
			if first == "" || yield(first, nil) {
				yield("", errBroken)
			}
		})
	}
	w := serve(failing(""), "GET")
	assert.Equal(t, 500, w.Code, "nothing had left")
	assert.Equal(t, http.ErrAbortHandler, panicOf(t, func() { serve(failing("half"), "GET") }))
	_, _, text, err := call(failing("half"), "GET")
	require.ErrorIs(t, err, errBroken)
	assert.Equal(t, "half", text)

	start := func(string, gateway.Headers, error) (gateway.Write, error) { return nil, errBroken }
	closed := 0
	res := retort.Reply(closeable{strings.NewReader("x"), &closed})
	_, err = res.Call(must(gateway.NewEnviron(httptest.NewRequest("GET", "/", nil))), start)
	require.ErrorIs(t, err, errBroken)
	assert.Equal(t, 1, closed, "a start_response that fails closes the body")
}

func TestOnCloseRunsInOrderAndOnce(t *testing.T) {
	errFirst, errThird := errors.New("first"), errors.New("third")
	var log []string
	closed := 0
	res := retort.Reply(closeable{strings.NewReader("x"), &closed})
	res.OnClose(func() error { log = append(log, fmt.Sprint("first, body closed: ", closed == 1)); return errFirst })
	res.OnClose(func() error { log = append(log, "second"); panic("oops") })
	res.OnClose(func() error { log = append(log, "third"); return errThird })
	err := res.Close()
	require.ErrorIs(t, err, errFirst)
	require.ErrorIs(t, err, errThird)
	var thrown *retort.PanicError
	require.ErrorAs(t, err, &thrown)
	assert.Equal(t, "oops", thrown.Value)
	require.NoError(t, res.Close())
	assert.Equal(t, []string{"first, body closed: true", "second", "third"}, log)
	assert.Equal(t, 1, closed)
}

func TestResponseData(t *testing.T) {
	closed := 0
	errBroken := errors.New("broken")
	for _, tt := range []struct {
		name string
		res  *retort.Response
		want string
		err  error
	}{
		{"text", retort.Text("x"), "x", nil},
		{"bytes", retort.Bytes("a/b", []byte("x")), "x", nil},
		{"json", retort.Reply(retort.H{"a": nil}), "{\"a\":null}\n", nil},
		{"a stream", retort.Stream(chunks("a", "b")), "ab", nil},
		{"a reader", retort.Reply(closeable{strings.NewReader("abc"), &closed}), "abc", nil},
		{"nothing", &retort.Response{}, "", nil},
		{"a stream that fails", retort.Stream(func(yield func(string, error) bool) { _ = yield("half", nil) && yield("", errBroken) }), "half", errBroken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data, err := tt.res.Data()
			assert.Equal(t, tt.err, err)
			assert.Equal(t, tt.want, string(data))
			assert.False(t, tt.res.IsStreamed(), "it has been read and kept")
			if tt.err == nil {
				assert.Equal(t, tt.want, serve(tt.res, "GET").Body.String())
			}
		})
	}
	assert.Equal(t, 1, closed)
	assert.True(t, retort.Stream(chunks()).IsStreamed())
	assert.NotPanics(t, func() {
		for _, v := range []any{handler{}, gateway.AppFunc(gatewayHello)} {
			_, err := retort.Reply(v).Data()
			assert.EqualError(t, err, "retort: this body is written by a handler and cannot be read")
		}
	})
}

func TestSetData(t *testing.T) {
	closed := 0
	res := retort.Reply(closeable{iotestPanic{}, &closed})
	res.Header.Set("Content-Length", "99")
	res.SetData([]byte("new"))
	assert.Equal(t, 1, closed, "what was there is closed unread")
	w := serve(res, "GET")
	assert.Equal(t, "new", w.Body.String())
	assert.Equal(t, "3", w.Header().Get("Content-Length"))
	assert.Equal(t, octetType, w.Header().Get("Content-Type"), "the type stays")
	assert.Equal(t, 1, closed)
}

func TestETags(t *testing.T) {
	res := retort.Text("x")
	res.SetETag("a b", false)
	assert.Equal(t, `"a b"`, res.Header.Get("ETag"))
	res.SetETag("ü", true)
	assert.Equal(t, `W/"ü"`, res.Header.Get("ETag"))
	for _, tag := range []string{`a"b`, "a\nb", "a\x7f", "\x00"} {
		assert.Equal(t, fmt.Sprintf("retort: the entity tag %q may not hold quotation marks or control characters", tag), panicOf(t, func() { res.SetETag(tag, false) }))
	}
	require.NoError(t, res.AddETag())
	assert.Equal(t, `W/"ü"`, res.Header.Get("ETag"), "there is one already")

	text, same, other := retort.Text("body"), retort.Stream(chunks("bo", "dy")), retort.Text("other")
	for _, res := range []*retort.Response{text, same, other} {
		require.NoError(t, res.AddETag())
	}
	assert.Regexp(t, `^"[A-Za-z0-9+/]{43}"$`, text.Header.Get("ETag"))
	assert.Equal(t, text.Header.Get("ETag"), same.Header.Get("ETag"), "it is that of the body")
	assert.NotEqual(t, text.Header.Get("ETag"), other.Header.Get("ETag"))
	assert.Equal(t, "body", serve(same, "GET").Body.String(), "the stream was kept")

	errBroken := errors.New("broken")
	failing := retort.Stream(func(yield func(string, error) bool) { yield("", errBroken) })
	assert.Equal(t, errBroken, failing.AddETag())
	assert.Empty(t, failing.Header.Get("ETag"))
}

func TestTheLocationIsEncoded(t *testing.T) {
	for _, tt := range []struct{ location, want string }{
		{"/plain?a=b#c", "/plain?a=b#c"},
		{"/ü b", "/%C3%BC%20b"},
		{"/done%20already%C3%BC", "/done%20already%C3%BC"},
		{"/100%", "/100%"},
		{"http://bücher.test/ü?ü=ü", "http://xn--bcher-kva.test/%C3%BC?%C3%BC=%C3%BC"},
		{`/a"b<c>`, "/a%22b%3Cc%3E"},
	} {
		for _, field := range []string{"Location", "Content-Location"} {
			make := func() *retort.Response {
				res := retort.Text("")
				res.Status = 201
				res.Header.Set(field, tt.location)
				return res
			}
			assert.Equal(t, tt.want, serve(make(), "GET").Header().Get(field))
			_, header, _, err := call(make(), "GET")
			require.NoError(t, err)
			assert.Equal(t, tt.want, header.HTTP().Get(field))
		}
	}
}

func TestAResponseAddsToTheFieldsOfMiddleware(t *testing.T) {
	res := retort.Text("x")
	res.Header.Add("Vary", "Cookie")
	res.Header.Add("Set-Cookie", "a=1")
	res.Header.Set("X-Own", "res")
	w := httptest.NewRecorder()
	w.Header().Set("Vary", "Accept")
	w.Header().Set("Set-Cookie", "m=1")
	w.Header().Set("X-Own", "middleware")
	w.Header().Set("X-Other", "middleware")
	res.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	assert.Equal(t, []string{"Accept", "Cookie"}, w.Header()["Vary"])
	assert.Equal(t, []string{"m=1", "a=1"}, w.Header()["Set-Cookie"])
	assert.Equal(t, []string{"res"}, w.Header()["X-Own"])
	assert.Equal(t, []string{"middleware"}, w.Header()["X-Other"])
	_, err := io.Copy(io.Discard, w.Result().Body)
	require.NoError(t, err)
}
