package retort_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
)

// conditionalApp has one view, which answers with the response of make.
func conditionalApp(make func() *retort.Response, options ...retort.ConditionalOptions) *retort.App {
	app := retort.New("conditional")
	app.Route("/", retort.Methods("GET", "POST"))(func(c *retort.Context) any {
		res := make()
		if err := res.MakeConditional(c.Request, options...); err != nil {
			return err
		}
		return res
	})
	return app
}

const (
	modified = "Tue, 14 Nov 2023 22:13:20 GMT"
	before   = "Tue, 14 Nov 2023 22:13:19 GMT"
	later    = "Tue, 14 Nov 2023 22:13:21 GMT"
)

// digits is the response that the conditions below are for.
func digits() *retort.Response {
	res := retort.Text("0123456789")
	res.SetETag("tag", false)
	res.SetLastModified(time.Unix(1700000000, 0))
	return res
}

// askFor sends a GET with fields given as "Name: value".
func askFor(app *retort.App, fields ...string) *retort.TestResponse {
	var opts []retort.TestOption
	for _, field := range fields {
		name, value, _ := strings.Cut(field, ": ")
		opts = append(opts, retort.WithHeader(name, value))
	}
	return app.TestClient().Get("/", opts...)
}

func TestPreconditions(t *testing.T) {
	app := conditionalApp(digits)
	for _, tt := range []struct {
		name   string
		fields []string
		want   int
	}{
		{"no condition", nil, 200},
		{"the tag that is known", []string{`If-None-Match: "tag"`}, 304},
		{"weak comparison", []string{`If-None-Match: W/"tag"`}, 304},
		{"one of many", []string{`If-None-Match: "a", W/"b", "tag"`}, 304},
		{"any tag", []string{"If-None-Match: *"}, 304},
		{"another tag", []string{`If-None-Match: "other"`}, 200},
		{"a date as new", []string{"If-Modified-Since: " + modified}, 304},
		{"a later date", []string{"If-Modified-Since: " + later}, 304},
		{"an older date", []string{"If-Modified-Since: " + before}, 200},
		{"no date", []string{"If-Modified-Since: yesterday"}, 200},
		{"the tag counts more than the date", []string{`If-None-Match: "other"`, "If-Modified-Since: " + later}, 200},
		{"the tag counts more than the older date", []string{`If-None-Match: "tag"`, "If-Modified-Since: " + before}, 304},
		{"the tag that must match", []string{`If-Match: "tag"`}, 200},
		{"strong comparison", []string{`If-Match: W/"tag"`}, 412},
		{"another tag must match", []string{`If-Match: "other"`}, 412},
		{"any tag must match", []string{"If-Match: *"}, 412},
		{"If-Unmodified-Since is not looked at", []string{"If-Unmodified-Since: " + before}, 200},
		{"a tag that never ends", []string{`If-None-Match: "tag`}, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := askFor(app, tt.fields...)
			assert.Equal(t, tt.want, got.Status)
			assert.NotEmpty(t, got.Header.Get("Date"))
			assert.Equal(t, `"tag"`, got.Header.Get("ETag"))
			if tt.want == 304 {
				assert.Empty(t, got.Text)
				assert.Empty(t, got.Header.Get("Last-Modified"))
				assert.Empty(t, got.Header.Get("Content-Type"))
				return
			}
			assert.Equal(t, "0123456789", got.Text, "a 412 keeps the body")
		})
	}
}

func TestAWeakTagNeverMatchesStrongly(t *testing.T) {
	app := conditionalApp(func() *retort.Response {
		res := retort.Text("x")
		res.SetETag("tag", true)
		return res
	})
	assert.Equal(t, 304, askFor(app, `If-None-Match: "tag"`).Status)
	assert.Equal(t, 200, askFor(app, `If-None-Match: "other"`).Status)
}

func TestConditionsNeedValidators(t *testing.T) {
	app := conditionalApp(func() *retort.Response { return retort.Text("x") })
	for _, field := range []string{`If-None-Match: "tag"`, "If-None-Match: *", `If-Match: "tag"`, "If-Modified-Since: " + later} {
		assert.Equal(t, 200, askFor(app, field).Status, field)
	}
}

func TestConditionsAreOfGetAndHead(t *testing.T) {
	app := conditionalApp(digits, retort.ConditionalOptions{AcceptRanges: true})
	post := app.TestClient().Post("/", retort.WithHeader("If-None-Match", "*"), retort.WithHeader("Range", "bytes=0-1"))
	assert.Equal(t, 200, post.Status)
	assert.Empty(t, post.Header.Get("Date"))
	assert.Empty(t, post.Header.Get("Accept-Ranges"))

	head := app.TestClient().Head("/", retort.WithHeader("Range", "bytes=2-4"))
	assert.Equal(t, 206, head.Status)
	assert.Equal(t, "bytes 2-4/10", head.Header.Get("Content-Range"))
	assert.Equal(t, "3", head.Header.Get("Content-Length"))
}

func TestTheDateStays(t *testing.T) {
	app := conditionalApp(func() *retort.Response {
		res := retort.Text("x")
		res.Header.Set("Date", before)
		return res
	})
	assert.Equal(t, before, askFor(app).Header.Get("Date"))
}

func TestRanges(t *testing.T) {
	app := conditionalApp(digits, retort.ConditionalOptions{AcceptRanges: true})
	for _, tt := range []struct {
		name, ranges, want, body string
		status                   int
	}{
		{"from the start", "bytes=0-3", "bytes 0-3/10", "0123", 206},
		{"one byte", "bytes=9-9", "bytes 9-9/10", "9", 206},
		{"to the end", "bytes=4-", "bytes 4-9/10", "456789", 206},
		{"past the end", "bytes=4-99", "bytes 4-9/10", "456789", 206},
		{"the last ones", "bytes=-2", "bytes 8-9/10", "89", 206},
		{"all", "bytes=0-", "bytes 0-9/10", "0123456789", 206},
		{"a huge end", "bytes=1-99999999999999999999999999", "bytes 1-9/10", "123456789", 206},
		{"a huge start", "bytes=99999999999999999999999999-", "bytes */10", "", 416},
		{"a huge suffix", "bytes=-99999999999999999999999999", "bytes */10", "", 416},
		{"behind the end", "bytes=10-", "bytes */10", "", 416},
		{"more than there is from the end", "bytes=-11", "bytes */10", "", 416},
		{"descending", "bytes=5-2", "bytes */10", "", 416},
		{"two", "bytes=0-1,3-4", "bytes */10", "", 416},
		{"overlapping", "bytes=0-5,3-8", "bytes */10", "", 416},
		{"another unit", "items=0-3", "bytes */10", "", 416},
		{"no numbers", "bytes=a-b", "bytes */10", "", 416},
		{"nothing", "bytes=", "bytes */10", "", 416},
		{"a sign", "bytes=+1-3", "bytes */10", "", 416},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := askFor(app, "Range: "+tt.ranges)
			require.Equal(t, tt.status, got.Status)
			assert.Equal(t, tt.want, got.Header.Get("Content-Range"))
			if tt.status == 206 {
				assert.Equal(t, tt.body, got.Text)
				assert.Equal(t, "bytes", got.Header.Get("Accept-Ranges"))
			}
		})
	}
}

func TestRangesAreServedWhenAskedFor(t *testing.T) {
	ranged := retort.ConditionalOptions{AcceptRanges: true}
	for _, tt := range []struct {
		name    string
		make    func() *retort.Response
		options retort.ConditionalOptions
	}{
		{"not accepted", digits, retort.ConditionalOptions{}},
		{"an empty body", func() *retort.Response { return retort.Text("") }, ranged},
		{"a body of unknown length", func() *retort.Response { return retort.Stream(chunks("01", "23")) }, ranged},
		{"a value that is yet to be JSON", func() *retort.Response { return retort.Reply(map[string]int{"a": 1}) },
			retort.ConditionalOptions{AcceptRanges: true, CompleteLength: 9}},
		{"an error", func() *retort.Response { return retort.Reply("not here", 404) }, ranged},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := askFor(conditionalApp(tt.make, tt.options), "Range: bytes=0-1")
			assert.Equal(t, tt.make().Status, got.Status)
			assert.Empty(t, got.Header.Get("Content-Range"))
		})
	}
}

func TestTheCompleteLengthIsOfStreams(t *testing.T) {
	options := retort.ConditionalOptions{AcceptRanges: true, CompleteLength: 4}
	stream := conditionalApp(func() *retort.Response { return retort.Stream(chunks("01", "23")) }, options)
	assert.Equal(t, "4", askFor(stream).Header.Get("Content-Length"))
	got := askFor(conditionalApp(digits, options), "Range: bytes=0-9")
	assert.Equal(t, "bytes 0-9/10", got.Header.Get("Content-Range"), "text knows better")
	assert.Equal(t, "0123456789", got.Text)
}

func TestPreconditionsComeBeforeRanges(t *testing.T) {
	app := conditionalApp(digits, retort.ConditionalOptions{AcceptRanges: true})
	assert.Equal(t, 304, askFor(app, "Range: bytes=0-1", `If-None-Match: "tag"`).Status)
	assert.Equal(t, 206, askFor(app, "Range: bytes=0-1", `If-None-Match: "other"`).Status)
	assert.Equal(t, 412, askFor(app, "Range: bytes=0-1", `If-Match: "other"`).Status)
	assert.Equal(t, 206, askFor(app, "Range: bytes=0-1", `If-Match: "tag"`).Status)
	assert.Equal(t, 304, askFor(app, "Range: bytes=99-", `If-None-Match: "tag"`).Status, "a bad range does not matter then")
}

func TestIfRange(t *testing.T) {
	app := conditionalApp(digits, retort.ConditionalOptions{AcceptRanges: true})
	for _, tt := range []struct {
		name, value string
		want        int
	}{
		{"the tag", `"tag"`, 206},
		{"another tag", `"other"`, 200},
		{"a weak tag", `W/"tag"`, 200},
		{"the date", modified, 206},
		{"a later date", later, 206},
		{"an older date", before, 200},
		{"neither", "garbage", 200},
		{"nothing", "", 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := askFor(app, "Range: bytes=2-3", "If-Range: "+tt.value)
			assert.Equal(t, tt.want, got.Status)
			assert.Equal(t, map[int]string{200: "0123456789", 206: "23"}[tt.want], got.Text)
			assert.Equal(t, "bytes", got.Header.Get("Accept-Ranges"))
		})
	}
	assert.Equal(t, 200, askFor(app, `If-Range: "other"`).Status, "without a Range it says nothing")
	assert.Equal(t, 416, askFor(app, "Range: bytes=99-", `If-Range: "tag"`).Status)
	assert.Equal(t, 200, askFor(app, "Range: bytes=99-", `If-Range: "other"`).Status)

	weak := conditionalApp(func() *retort.Response {
		res := retort.Text("0123456789")
		res.SetETag("tag", true)
		return res
	}, retort.ConditionalOptions{AcceptRanges: true})
	assert.Equal(t, 200, askFor(weak, "Range: bytes=2-3", `If-Range: "tag"`).Status)
}

// noSeeker hides that a reader can seek.
type noSeeker struct{ io.Reader }

func (r noSeeker) Len() int { return r.Reader.(*strings.Reader).Len() }

func TestEveryBodyOfKnownLengthIsCut(t *testing.T) {
	name := filepath.Join(t.TempDir(), "digits")
	require.NoError(t, os.WriteFile(name, []byte("xx0123456789"), 0o600))
	file := func() io.Reader {
		f, err := os.Open(name)
		require.NoError(t, err)
		_, err = f.Seek(2, io.SeekStart)
		require.NoError(t, err)
		return f
	}
	sequence := func() *retort.Response { return retort.Stream(chunks("0", "123", "", "4567", "89")) }
	for _, tt := range []struct {
		name   string
		make   func() *retort.Response
		length int64
	}{
		{"text", func() *retort.Response { return retort.Text("0123456789") }, 0},
		{"bytes", func() *retort.Response { return retort.Bytes("text/plain", []byte("0123456789")) }, 0},
		{"a reader over memory", func() *retort.Response { return retort.Reply(bytes.NewReader([]byte("0123456789"))) }, 0},
		{"a buffer", func() *retort.Response { return retort.Reply(bytes.NewBufferString("0123456789")) }, 0},
		{"a reader that only reads", func() *retort.Response { return retort.Reply(noSeeker{strings.NewReader("0123456789")}) }, 0},
		{"a file at an offset", func() *retort.Response { return retort.Reply(file()) }, 0},
		{"a sequence", sequence, 10},
		{"a reader of unknown length", func() *retort.Response { return retort.Reply(struct{ io.Reader }{strings.NewReader("0123456789")}) }, 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := conditionalApp(tt.make, retort.ConditionalOptions{AcceptRanges: true, CompleteLength: tt.length})
			for ranges, want := range map[string]string{"0-0": "0", "2-6": "23456", "0-9": "0123456789", "9-": "9", "-4": "6789"} {
				got := askFor(app, "Range: bytes="+ranges)
				assert.Equal(t, 206, got.Status)
				assert.Equal(t, want, got.Text, ranges)

				r := httptest.NewRequest("GET", "/", nil)
				r.Header.Set("Range", "bytes="+ranges)
				status, header, body, err := callRequest(app, r)
				require.NoError(t, err)
				assert.Equal(t, "206 Partial Content", status)
				assert.Equal(t, want, body, ranges)
				assert.Equal(t, got.Header.Get("Content-Length"), header.HTTP().Get("Content-Length"))
			}
		})
	}
}

func TestACutReaderIsClosedOnce(t *testing.T) {
	for _, door := range []string{"handler", "gateway"} {
		closed := 0
		app := conditionalApp(func() *retort.Response {
			return retort.Reply(closeable{strings.NewReader("0123456789"), &closed})
		}, retort.ConditionalOptions{AcceptRanges: true, CompleteLength: 10})
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Range", "bytes=2-3")
		if door == "handler" {
			w := httptest.NewRecorder()
			app.ServeHTTP(w, r)
			assert.Equal(t, "23", w.Body.String())
		} else {
			_, _, body, err := callRequest(app, r)
			require.NoError(t, err)
			assert.Equal(t, "23", body)
		}
		assert.Equal(t, 1, closed, door)
	}
}

// unseekable is a reader over memory whose Seek fails.
type unseekable struct {
	*strings.Reader
	closed *int
}

func (r unseekable) Seek(int64, int) (int64, error) { return 0, errors.New("no seeking here") }
func (r unseekable) Close() error                   { *r.closed++; return nil }

func TestAnErrorOfARangeClosesTheBody(t *testing.T) {
	app := retort.New("t")
	app.Get("/")(func() string { return "" })
	for ranges, want := range map[string]string{
		"bytes=2-3": "retort: the body cannot be cut to the range that was asked for: no seeking here",
		"bytes=10-": "416 Requested Range Not Satisfiable: The range that was asked for lies outside of the file.",
	} {
		closed := 0
		res := retort.Reply(unseekable{strings.NewReader("0123456789"), &closed})
		r := app.TestRequestContext("/", retort.WithHeader("Range", ranges)).Request
		assert.EqualError(t, res.MakeConditional(r, retort.ConditionalOptions{AcceptRanges: true}), want)
		assert.Equal(t, 1, closed, ranges)
	}
}

func TestASequenceThatEndsTooEarlyIsAnError(t *testing.T) {
	errBroken := errors.New("broken")
	for _, tt := range []struct {
		name string
		body any
		want error
	}{
		{"too short", chunks("012"), io.ErrUnexpectedEOF},
		{"failing", func(yield func(string, error) bool) { _ = yield("01", nil) && yield("", errBroken) }, errBroken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res := retort.Reply(tt.body)
			app := retort.New("t")
			app.Get("/")(func() string { return "" })
			r := app.TestRequestContext("/", retort.WithHeader("Range", "bytes=1-8")).Request
			require.NoError(t, res.MakeConditional(r, retort.ConditionalOptions{AcceptRanges: true, CompleteLength: 10}))
			_, err := res.Data()
			assert.Equal(t, tt.want, err)
		})
	}
}

func TestTheErrorOfARange(t *testing.T) {
	app := retort.New("t")
	app.Get("/")(func() string { return "" })
	r := app.TestRequestContext("/", retort.WithHeader("Range", "bytes=10-")).Request
	err := digits().MakeConditional(r, retort.ConditionalOptions{AcceptRanges: true})
	var e *retort.HTTPError
	require.ErrorAs(t, err, &e)
	assert.Equal(t, http.StatusRequestedRangeNotSatisfiable, e.Code)
	assert.Equal(t, http.Header{"Content-Range": {"bytes */10"}}, e.Header)
}

// callRequest sends a request through the gateway.
func callRequest(app gateway.App, r *http.Request) (status string, header gateway.Headers, body string, err error) {
	env, err := gateway.NewEnviron(r)
	if err != nil {
		return "", nil, "", err
	}
	b, err := app.Call(env, func(s string, h gateway.Headers, _ error) (gateway.Write, error) {
		status, header = s, h
		return nil, nil
	})
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

// TestRangeBombs sends what makes servers build large answers from small
// requests: each is refused for the price of reading the field.
func TestRangeBombs(t *testing.T) {
	app := conditionalApp(digits, retort.ConditionalOptions{AcceptRanges: true})
	for name, ranges := range map[string]string{
		"many ranges":             "bytes=" + strings.Repeat("0-,", 20000) + "0-",
		"many ascending ranges":   "bytes=0-0" + strings.Repeat(",2-2", 20000),
		"many overlapping ranges": "bytes=" + strings.Repeat("0-9,", 20000) + "0-9",
		"many suffixes":           "bytes=" + strings.Repeat("-1,", 20000) + "-1",
		"many commas":             "bytes=" + strings.Repeat(",", 60000),
		"a number of many digits": "bytes=" + strings.Repeat("9", 60000) + "-",
		"many dashes":             "bytes=" + strings.Repeat("-", 60000),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			assert.Equal(t, 416, askFor(app, "Range: "+ranges).Status)
			assert.Less(t, time.Since(start), time.Second)
		})
	}
}

// FuzzMakeConditional: whatever the fields, the answer has one of five statuses;
// a 206 is the part of the body that its Content-Range names, and every other
// answer with a body has all of it.
func FuzzMakeConditional(f *testing.F) {
	f.Add("bytes=0-3", `"tag"`, "", "", "")
	f.Add("bytes=-2", modified, `W/"a", "tag"`, "*", later)
	f.Add("bytes=4-99999999999999999999", "", "*", `"x"`, before)
	f.Add("=0-1,,--", `W/"tag"`, `"`, `W/`, "0")
	app := conditionalApp(digits, retort.ConditionalOptions{AcceptRanges: true})
	f.Fuzz(func(t *testing.T, ranges, ifRange, ifNoneMatch, ifMatch, ifModifiedSince string) {
		r := httptest.NewRequest("GET", "/", nil)
		for name, value := range map[string]string{"Range": ranges, "If-Range": ifRange, "If-None-Match": ifNoneMatch,
			"If-Match": ifMatch, "If-Modified-Since": ifModifiedSince} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		body := w.Body.String()
		switch w.Code {
		case 200, 412:
			require.Equal(t, "0123456789", body)
		case 304:
			require.Empty(t, body)
		case 206:
			var first, last int
			_, err := fmt.Sscanf(w.Header().Get("Content-Range"), "bytes %d-%d/10", &first, &last)
			require.NoError(t, err)
			require.Equal(t, "0123456789"[first:last+1], body)
			require.Equal(t, strconv.Itoa(len(body)), w.Header().Get("Content-Length"))
		default:
			require.Equal(t, 416, w.Code)
			require.Equal(t, "bytes */10", w.Header().Get("Content-Range"))
		}
	})
}
