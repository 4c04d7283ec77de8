package retort_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"html/template"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
)

const (
	htmlType  = "text/html; charset=utf-8"
	plainType = "text/plain; charset=utf-8"
	jsonType  = "application/json"
	octetType = "application/octet-stream"
)

// logOf has the app log to memory.
func logOf(app *retort.App) *appLog {
	l := new(appLog)
	app.Logger = slog.New(slog.NewJSONHandler(&l.buf, nil))
	return l
}

// appLog is what an app has logged.
type appLog struct{ buf bytes.Buffer }

// errors gives the errors that were logged since it was last called.
func (l *appLog) errors(t *testing.T) []string {
	t.Helper()
	var texts []string
	for dec := json.NewDecoder(&l.buf); dec.More(); {
		var record struct{ Error string }
		require.NoError(t, dec.Decode(&record))
		texts = append(texts, record.Error)
	}
	return texts
}

type (
	note      struct{ B, A string }
	page      string
	notes     []note
	labels    map[string]int
	raw       []byte
	rows      func(yield func(string) bool)
	handler   struct{ text string }
	closeable struct {
		io.Reader
		closed *int
	}
)

func (h handler) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/x-handler")
	w.WriteHeader(202)
	_, _ = io.WriteString(w, h.text)
}

func (c closeable) Close() error { *c.closed++; return nil }

// bare is a reader that does not know its length.
func bare(s string) io.Reader { return io.MultiReader(strings.NewReader(s)) }

func gatewayHello(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	if _, err := start("203 Whatever", gateway.Headers{{"Content-Type", "text/x-gateway"}}, nil); err != nil {
		return nil, err
	}
	return gateway.String("gateway"), nil
}

const noAnswerText = `the view answered nil; every path through a view must return something to answer (an empty page is "", no content is a nil error from a view whose only result is an error)`

// answerCase is a line of the table in the documentation of Reply. Without a
// status it is a 500 whose error is logged as body.
type answerCase struct {
	name        string
	value       func() any
	status      int
	contentType string
	body        string
}

func answerCases() []answerCase {
	values := func(v any) func() any { return func() any { return v } }
	closed := 0
	return []answerCase{
		{"nil", values(nil), 0, "", noAnswerText},
		{"a Response", func() any { return retort.Bytes("text/csv", []byte("a,b")) }, 200, "text/csv", "a,b"},
		{"a nil Response", values((*retort.Response)(nil)), 0, "", noAnswerText},
		{"an error", values(errors.New("no luck")), 0, "", "no luck"},
		{"an HTTPError", values(retort.Error(418, "tea")), 418, htmlType, retort.Error(418, "tea").Page()},
		{"a gateway application", values(gateway.AppFunc(gatewayHello)), 203, "text/x-gateway", "gateway"},
		{"a nil gateway application", values(gateway.AppFunc(nil)), 0, "", noAnswerText},
		{"a handler", values(handler{"hi"}), 202, "text/x-handler", "hi"},
		{"a nil handler", values((*http.ServeMux)(nil)), 0, "", noAnswerText},
		{"a handler function", values(handler{"hi"}.ServeHTTP), 202, "text/x-handler", "hi"},
		{"a string", values("<b>ü"), 200, htmlType, "<b>ü"},
		{"an empty string", values(""), 200, htmlType, ""},
		{"a named string", values(page("<b>")), 200, htmlType, "<b>"},
		{"bytes", values([]byte("<b>")), 200, htmlType, "<b>"},
		{"nil bytes", values([]byte(nil)), 200, htmlType, ""},
		{"named bytes", values(raw("<b>")), 200, htmlType, "<b>"},
		{"template.HTML", values(template.HTML("<b>")), 200, htmlType, "<b>"},
		{"raw JSON", values(json.RawMessage(`{"b": 1}`)), 200, jsonType, `{"b": 1}`},
		{"a sequence of strings", values(iter.Seq[string](func(yield func(string) bool) { _ = yield("a") && yield("b") })), 200, htmlType, "ab"},
		{"a sequence of bytes", values(iter.Seq[[]byte](func(yield func([]byte) bool) { yield([]byte("a")) })), 200, htmlType, "a"},
		{"a sequence of strings and errors", values(iter.Seq2[string, error](func(yield func(string, error) bool) { yield("a", nil) })), 200, htmlType, "a"},
		{"a sequence of bytes and errors", values(iter.Seq2[[]byte, error](func(yield func([]byte, error) bool) { yield([]byte("a"), nil) })), 200, htmlType, "a"},
		{"a sequence as a plain function", values(func(yield func(string) bool) { yield("a") }), 200, htmlType, "a"},
		{"bytes as a plain function", values(func(yield func([]byte) bool) { yield([]byte("a")) }), 200, htmlType, "a"},
		{"strings and errors as a plain function", values(func(yield func(string, error) bool) { yield("a", nil) }), 200, htmlType, "a"},
		{"bytes and errors as a plain function", values(func(yield func([]byte, error) bool) { yield([]byte("a"), nil) }), 200, htmlType, "a"},
		{"a named sequence", values(rows(func(yield func(string) bool) { yield("a") })), 200, htmlType, "a"},
		{"a nil named sequence", values(rows(nil)), 0, "", noAnswerText},
		{"an empty sequence", values(func(func(string) bool) {}), 200, htmlType, ""},
		{"a nil sequence", values(iter.Seq[string](nil)), 0, "", noAnswerText},
		{"a sequence that fails at once", values(func(yield func(string, error) bool) { yield("", errors.New("no rows")) }), 0, "", "no rows"},
		{"a reader", func() any { return bare("abc") }, 200, octetType, "abc"},
		{"a reader that is closed", func() any { return closeable{bare("abc"), &closed} }, 200, octetType, "abc"},
		{"a nil reader", values((*bytes.Buffer)(nil)), 0, "", noAnswerText},
		{"a map", values(retort.H{"b": 1, "a": "é<"}), 200, jsonType, "{\"a\":\"\\u00e9<\",\"b\":1}\n"},
		{"a named map", values(labels{"a": 1}), 200, jsonType, "{\"a\":1}\n"},
		{"a nil map", values(labels(nil)), 200, jsonType, "{}\n"},
		{"a struct", values(note{"1", "2"}), 200, jsonType, "{\"B\":\"1\",\"A\":\"2\"}\n"},
		{"a pointer to a struct", values(&note{"1", "2"}), 200, jsonType, "{\"B\":\"1\",\"A\":\"2\"}\n"},
		{"a nil pointer", values((*note)(nil)), 0, "", noAnswerText},
		{"a slice", values([]int{1, 2}), 200, jsonType, "[1,2]\n"},
		{"a named slice", values(notes{{"1", "2"}}), 200, jsonType, "[{\"B\":\"1\",\"A\":\"2\"}]\n"},
		{"a nil slice", values([]int(nil)), 200, jsonType, "[]\n"},
		{"an array", values([2]bool{true}), 200, jsonType, "[true,false]\n"},
		{"what JSON cannot hold", values(map[string]any{"f": func() {}}), 0, "", "a map[string]interface {} cannot be written as JSON: json: unsupported type: func()"},
		{"an int", values(204), 0, "", "the view answered the int 204, which is no body; a status goes beside one: return a body and an int, or retort.Reply(body, 204)"},
		{"a bool", values(true), 0, "", "the view answered a bool, which is no body; return a string for text, a map or struct for JSON, or a *retort.Response"},
		{"a float", values(1.5), 0, "", "the view answered a float64, which is no body; return a string for text, a map or struct for JSON, or a *retort.Response"},
		{"a function", values(func() {}), 0, "", "the view answered a func(), which is no body; return a string for text, a map or struct for JSON, or a *retort.Response"},
		{"a channel", values(make(chan int)), 0, "", "the view answered a chan int, which is no body; return a string for text, a map or struct for JSON, or a *retort.Response"},
	}
}

// The table holds for a result of a view, for Reply, and behind hooks.
func TestAnswers(t *testing.T) {
	for _, way := range []struct {
		name string
		app  func(value func() any) *retort.App
	}{
		{"returned", func(value func() any) *retort.App { return answering(func() any { return value() }) }},
		{"returned with a context", func(value func() any) *retort.App {
			return answering(func(*retort.Context) any { return value() })
		}},
		{"returned with a status of 0", func(value func() any) *retort.App {
			return answering(func() (any, int, http.Header, error) { return value(), 0, nil, nil })
		}},
		{"returned through hooks", func(value func() any) *retort.App {
			app := answering(func() any { return value() })
			app.AfterRequest(func(*retort.Context, *retort.Response) {})
			return app
		}},
		{"Reply", func(value func() any) *retort.App { return answering(func() any { return retort.Reply(value()) }) }},
		{"by a BeforeRequest function", func(value func() any) *retort.App {
			app := answering(func() string { return "the view" })
			app.BeforeRequest(func(*retort.Context) any { return value() })
			return app
		}},
	} {
		t.Run(way.name, func(t *testing.T) {
			for _, tt := range answerCases() {
				if way.name == "by a BeforeRequest function" && tt.body == noAnswerText {
					continue // nil goes on there
				}
				t.Run(tt.name, func(t *testing.T) { tt.test(t, way.app(tt.value)) })
			}
		})
	}
}

func answering(view any) *retort.App {
	app := retort.New("answers")
	app.Get("/")(view)
	return app
}

func (tt answerCase) test(t *testing.T, app *retort.App) {
	log := logOf(app)
	res := app.TestClient().Get("/")
	if tt.status == 0 {
		assert.Equal(t, 500, res.Status)
		assert.Equal(t, retort.Error(500).Page(), res.Text)
		want := tt.body
		if strings.HasPrefix(want, "the view answered ") {
			want = `endpoint "/": ` + want
		}
		assert.Equal(t, []string{want}, log.errors(t))
		return
	}
	assert.Equal(t, tt.status, res.Status)
	assert.Equal(t, tt.contentType, res.Header.Get("Content-Type"))
	assert.Equal(t, tt.body, res.Text)
	assert.Empty(t, log.errors(t))

	head := app.TestClient().Head("/")
	assert.Equal(t, tt.status, head.Status)
	assert.Equal(t, tt.contentType, head.Header.Get("Content-Type"))
	assert.Empty(t, head.Text)
}

// The same answers from views whose result has a type of its own.
func TestAnswersOfTypedViews(t *testing.T) {
	for _, tt := range []struct {
		view              any
		contentType, body string
	}{
		{func() page { return "a" }, htmlType, "a"},
		{func() []byte { return []byte("a") }, htmlType, "a"},
		{func() raw { return raw("a") }, htmlType, "a"},
		{func() template.HTML { return "a" }, htmlType, "a"},
		{func() json.RawMessage { return json.RawMessage("1") }, jsonType, "1"},
		{func() rows { return func(yield func(string) bool) { yield("a") } }, htmlType, "a"},
		{func() iter.Seq2[[]byte, error] {
			return func(yield func([]byte, error) bool) { yield([]byte("a"), nil) }
		}, htmlType, "a"},
		{func() io.Reader { return bare("a") }, octetType, "a"},
		{func() *strings.Reader { return strings.NewReader("a") }, octetType, "a"},
		{func() labels { return labels{"a": 1} }, jsonType, "{\"a\":1}\n"},
		{func() note { return note{} }, jsonType, "{\"B\":\"\",\"A\":\"\"}\n"},
		{func() (*note, error) { return &note{}, nil }, jsonType, "{\"B\":\"\",\"A\":\"\"}\n"},
		{func() [1]int { return [1]int{7} }, jsonType, "[7]\n"},
		{func() http.Handler { return handler{"a"} }, "text/x-handler", "a"},
		{func() handler { return handler{"a"} }, "text/x-handler", "a"},
		{func() http.HandlerFunc { return handler{"a"}.ServeHTTP }, "text/x-handler", "a"},
		{func() gateway.App { return gateway.AppFunc(gatewayHello) }, "text/x-gateway", "gateway"},
	} {
		res := answering(tt.view).TestClient().Get("/")
		assert.Equal(t, tt.contentType, res.Header.Get("Content-Type"), "%T", tt.view)
		assert.Equal(t, tt.body, res.Text, "%T", tt.view)
	}
}

func TestAReaderIsClosedOnce(t *testing.T) {
	closed := 0
	app := answering(func() any { return closeable{bare("abc"), &closed} })
	client := app.TestClient()
	client.Get("/")
	assert.Equal(t, 1, closed)
	client.Head("/")
	assert.Equal(t, 2, closed, "also when the body is not sent")
}

func TestAnswersKnowTheirLength(t *testing.T) {
	for _, tt := range []struct {
		value any
		want  string
	}{
		{"four", "4"}, {[]byte("four"), "4"}, {retort.H{}, "3"}, {strings.NewReader("four"), "4"},
		{bare("four"), ""}, {func(yield func(string) bool) { yield("four") }, ""},
	} {
		assert.Equal(t, tt.want, answering(func() any { return tt.value }).TestClient().Get("/").Header.Get("Content-Length"), "%T", tt.value)
	}
}

func TestAnswersWithStatusAndHeader(t *testing.T) {
	extra := http.Header{"x-tag": {"a", "b"}, "Content-Type": {"text/x-own"}}
	own := func() *retort.Response {
		res := retort.Text("own")
		res.Status = 202
		res.Header.Set("X-Tag", "old")
		res.Header.Set("X-Kept", "1")
		return res
	}
	for _, tt := range []struct {
		name   string
		view   any
		status int
		header http.Header
	}{
		{"a status", func() (string, int) { return "own", 201 }, 201, http.Header{"Content-Type": {htmlType}}},
		{"a status of any", func() (any, int) { return own(), 201 }, 201, http.Header{"Content-Type": {plainType}, "X-Tag": {"old"}, "X-Kept": {"1"}}},
		{"a header", func() (string, http.Header) { return "own", extra }, 200, http.Header{"Content-Type": {"text/x-own"}, "X-Tag": {"a", "b"}}},
		{"a nil header", func() (string, http.Header) { return "own", nil }, 200, http.Header{"Content-Type": {htmlType}}},
		{"a status and a header", func() (string, int, http.Header) { return "own", 201, extra }, 201, http.Header{"Content-Type": {"text/x-own"}, "X-Tag": {"a", "b"}}},
		{"a status and no error", func() (string, int, error) { return "own", 201, nil }, 201, http.Header{"Content-Type": {htmlType}}},
		{"a header and no error", func() (string, http.Header, error) { return "own", extra, nil }, 200, http.Header{"Content-Type": {"text/x-own"}, "X-Tag": {"a", "b"}}},
		{"everything", func() (*retort.Response, int, http.Header, error) { return own(), 203, extra, nil }, 203, http.Header{"Content-Type": {"text/x-own"}, "X-Tag": {"a", "b"}, "X-Kept": {"1"}}},
		{"everything with a status of 0", func() (*retort.Response, int, http.Header, error) { return own(), 0, extra, nil }, 202, http.Header{"Content-Type": {"text/x-own"}, "X-Tag": {"a", "b"}, "X-Kept": {"1"}}},
		{"Reply with a status", func() any { return retort.Reply("own", 201) }, 201, http.Header{"Content-Type": {htmlType}}},
		{"Reply with a header", func() any { return retort.Reply(own(), extra) }, 202, http.Header{"Content-Type": {"text/x-own"}, "X-Tag": {"a", "b"}, "X-Kept": {"1"}}},
		{"Reply with both", func() any { return retort.Reply(own(), 201, extra) }, 201, http.Header{"Content-Type": {"text/x-own"}, "X-Tag": {"a", "b"}, "X-Kept": {"1"}}},
		{"Reply with both, the other way round", func() any { return retort.Reply("own", extra, 201) }, 201, http.Header{"Content-Type": {"text/x-own"}, "X-Tag": {"a", "b"}}},
		{"a status beside a Reply", func() (*retort.Response, int) { return retort.Reply("own", 201), 202 }, 202, http.Header{"Content-Type": {htmlType}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res := answering(tt.view).TestClient().Get("/")
			tt.header.Set("Content-Length", "3")
			assert.Equal(t, tt.status, res.Status)
			assert.Equal(t, tt.header, res.Header)
			assert.Equal(t, "own", res.Text)
		})
	}
}

func TestAnswersWithAnError(t *testing.T) {
	failed := errors.New("failed")
	for name, view := range map[string]any{
		"a body and an error":                     func() (string, error) { return "lost", failed },
		"a pointer and an error":                  func() (*note, error) { return nil, failed },
		"a body, a status and an error":           func() (string, int, error) { return "lost", 201, failed },
		"a body, a status, a header and an error": func() (string, int, http.Header, error) { return "lost", 201, nil, failed },
		"an error alone":                          func() error { return failed },
		"an error as the body":                    func() (any, int) { return failed, 201 },
		"an error in a Reply":                     func() any { return retort.Reply(failed, 201) },
		"a panic":                                 func() string { panic(failed) },
	} {
		t.Run(name, func(t *testing.T) {
			app := answering(view)
			log := logOf(app)
			assert.Equal(t, 500, app.TestClient().Get("/").Status)
			assert.Equal(t, []string{"failed"}, log.errors(t))
		})
	}
}

func TestAViewWithOnlyANilErrorIsA204(t *testing.T) {
	for name, app := range map[string]*retort.App{
		"without a context": answering(func() error { return nil }),
		"with a context":    answering(func(*retort.Context) error { return nil }),
	} {
		res := app.TestClient().Get("/")
		assert.Equal(t, 204, res.Status, name)
		assert.Empty(t, res.Header, name)
		assert.Empty(t, res.Text, name)
	}
}

func TestAnswersThatCannotBeSent(t *testing.T) {
	for _, tt := range []struct {
		name string
		view any
		want string
	}{
		{"a status that is informational", func() (string, int) { return "", 103 }, "the status 103 cannot be sent: a final status is 200 to 599 (RFC 9110 §15)"},
		{"a status that is too large", func() any { return retort.Reply("", 1000) }, "the status 1000 cannot be sent: a final status is 200 to 599 (RFC 9110 §15)"},
		{"a negative status", func() (string, int) { return "", -1 }, "the status -1 cannot be sent: a final status is 200 to 599 (RFC 9110 §15)"},
		{"a line break in a value", func() (string, http.Header) { return "", http.Header{"X-A": {"1\r\nSet-Cookie: a=b"}} },
			`the value "1\r\nSet-Cookie: a=b" of the field X-A holds a line break or another control character; it would let whoever chose it write fields of their own`},
		{"a name that is no token", func() (string, http.Header) { return "", http.Header{"a b": {"1"}} },
			`the field name "a b" is not a token (RFC 9110 §5.1)`},
		{"a reason with a line break", func() any { res := retort.Text(""); res.Reason = "a\nb"; return res },
			`the reason phrase "a\nb" holds a control character`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := answering(tt.view)
			log := logOf(app)
			assert.Equal(t, 500, app.TestClient().Get("/").Status)
			assert.Equal(t, []string{tt.want}, log.errors(t))
		})
	}
}

func TestAViewThatReturnsNothing(t *testing.T) {
	for name, view := range map[string]any{
		"any":           func() any { return nil },
		"any and error": func() (any, error) { return nil, nil },
		"a response":    func(*retort.Context) *retort.Response { return nil },
		"everything":    func() (any, int, http.Header, error) { return nil, 201, nil, nil },
	} {
		t.Run(name, func(t *testing.T) {
			app := answering(view)
			log := logOf(app)
			assert.Equal(t, 500, app.TestClient().Get("/").Status)
			assert.Equal(t, []string{`endpoint "/": ` + noAnswerText}, log.errors(t))
		})
	}
}

func TestReplyTakesAStatusAndAHeader(t *testing.T) {
	assert.PanicsWithValue(t, `retort: Reply(body, status, header) takes an int and an http.Header after the body, not a string`,
		func() { retort.Reply("a", "b") })
}

func TestReplyKeepsItsError(t *testing.T) {
	failed := errors.New("failed")
	assert.Equal(t, failed, retort.Reply(failed).Err())
	assert.EqualError(t, retort.Reply(7).Err(), "the view answered the int 7, which is no body; a status goes beside one: return a body and an int, or retort.Reply(body, 7)")
	assert.NoError(t, retort.Reply("").Err())

	res := retort.Reply(map[string]any{"f": func() {}})
	require.NoError(t, res.Err(), "JSON is written when the response is sent")
	_, err := res.Data()
	assert.EqualError(t, err, "a map[string]interface {} cannot be written as JSON: json: unsupported type: func()")
	assert.Equal(t, err, res.Err())
}

func TestStreamTakesASequence(t *testing.T) {
	res := answering(func() any { return retort.Stream(func(yield func(string) bool) { yield("a") }) }).TestClient().Get("/")
	assert.Equal(t, "a", res.Text)
	assert.PanicsWithValue(t, "retort: Stream takes an iter.Seq[T] or iter.Seq2[T, error] with T string or []byte, not a []string",
		func() { retort.Stream([]string{"a"}) })
}
