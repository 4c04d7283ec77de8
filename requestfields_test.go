package retort_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// fieldsOf is a request with these fields: name, value pairs.
func fieldsOf(pairs ...string) *retort.Request {
	var opts []retort.TestOption
	for i := 0; i < len(pairs); i += 2 {
		opts = append(opts, retort.WithHeader(pairs[i], pairs[i+1]))
	}
	return quiet().TestRequestContext("/", opts...).Request
}

func TestRequestFieldsThatAreNotThere(t *testing.T) {
	q := fieldsOf()
	n, hasForwards := q.MaxForwards()
	_, hasRange := q.Range()
	assert.False(t, hasForwards)
	assert.False(t, hasRange)
	assert.Zero(t, n)
	assert.Equal(t, int64(-1), q.ContentLength())
	assert.Empty(t, q.ContentEncoding()+q.Referrer()+q.Origin()+q.AccessControlRequestMethod()+q.SecFetchSite()+q.SecFetchMode()+q.SecFetchDest())
	assert.False(t, q.SecFetchUser())
	assert.True(t, q.Date().IsZero() && q.IfModifiedSince().IsZero() && q.IfUnmodifiedSince().IsZero())
	assert.Nil(t, q.Authorization())
	assert.Zero(t, q.AcceptMimetypes().Len()+q.AcceptLanguages().Len()+q.AcceptCharsets().Len()+q.AcceptEncodings().Len())
	assert.True(t, q.IfMatch().Empty() && q.IfNoneMatch().Empty())
	assert.Zero(t, q.Pragma().Len()+q.AccessControlRequestHeaders().Len())
	assert.False(t, q.CacheControl().NoCache())
}

func TestRequestFields(t *testing.T) {
	const when = "Thu, 29 Feb 2024 01:02:03 GMT"
	at := time.Date(2024, 2, 29, 1, 2, 3, 0, time.UTC)
	q := fieldsOf("Content-Encoding", "gzip", "Referer", "http://a/", "User-Agent", "ua", "Origin", "http://o", "Date", when,
		"Max-Forwards", "10", "Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "X-A, X-B",
		"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Sec-Fetch-User", "?1",
		"Authorization", "Basic dXNlcjpwOnc=", "Accept", "text/html;q=0.5, application/json", "Accept-Language", "de-AT", "Accept-Charset", "utf-8", "Accept-Encoding", "br",
		"Cache-Control", "no-cache", "Pragma", "no-cache", "If-Match", `"a"`, "If-None-Match", `W/"b"`, "If-Modified-Since", when, "If-Unmodified-Since", when,
		"If-Range", `"c"`, "Range", "bytes=0-4")
	n, _ := q.MaxForwards()
	assert.Equal(t, "gzip http://a/ ua http://o 10 PUT same-origin navigate document true",
		fmt.Sprint(q.ContentEncoding(), " ", q.Referrer(), " ", q.UserAgent(), " ", q.Origin(), " ", n, " ", q.AccessControlRequestMethod(), " ", q.SecFetchSite(), " ", q.SecFetchMode(), " ", q.SecFetchDest(), " ", q.SecFetchUser()))
	for _, got := range []time.Time{q.Date(), q.IfModifiedSince(), q.IfUnmodifiedSince()} {
		assert.True(t, at.Equal(got), "%v", got)
	}
	assert.True(t, q.AccessControlRequestHeaders().Has("x-b"))
	assert.Equal(t, "user p:w", q.Authorization().Username()+" "+q.Authorization().Password())
	assert.Equal(t, "application/json", q.AcceptMimetypes().BestMatch("text/html", "application/json"))
	assert.Equal(t, "de", q.AcceptLanguages().BestMatch("en", "de"))
	assert.Equal(t, "utf-8", q.AcceptCharsets().BestMatch("latin1", "utf-8"))
	assert.Equal(t, "br", q.AcceptEncodings().BestMatch("gzip", "br"))
	assert.True(t, q.CacheControl().NoCache())
	assert.True(t, q.Pragma().Has("no-cache"))
	assert.True(t, q.IfMatch().Contains("a"))
	assert.True(t, q.IfNoneMatch().ContainsWeak("b"))
	tag, _ := q.IfRange().ETag()
	assert.Equal(t, "c", tag)
	part, ok := q.Range()
	require.True(t, ok)
	assert.Equal(t, "bytes=0-4", part.String())
}

func TestAFieldOnSeveralLinesIsOneList(t *testing.T) {
	r := httptest.NewRequest("GET", "/x", nil)
	r.Header["Accept"] = []string{"text/html;q=0.5", "application/json"}
	r.Header["X-Forwarded-For"] = []string{"192.0.2.1, 192.0.2.2", "192.0.2.3"}
	within(quiet(), r, func(q *retort.Request) error {
		assert.Equal(t, 2, q.AcceptMimetypes().Len())
		assert.Equal(t, []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"}, q.AccessRoute())
		return nil
	})
}

func TestAccessRouteWithoutProxies(t *testing.T) {
	assert.Equal(t, []string{"127.0.0.1"}, fieldsOf().AccessRoute())
	r := httptest.NewRequest("GET", "/x", nil)
	r.RemoteAddr = "@"
	within(quiet(), r, func(q *retort.Request) error { assert.Nil(t, q.AccessRoute()); return nil })
}

func TestContentLength(t *testing.T) {
	for _, tt := range []struct {
		length int64
		field  string
		want   int64
	}{{5, "5", 5}, {0, "0", 0}, {0, "", -1}, {-1, "", -1}} {
		r := httptest.NewRequest("POST", "/x", strings.NewReader(""))
		r.ContentLength = tt.length
		if tt.field != "" {
			r.Header.Set("Content-Length", tt.field)
		}
		within(quiet(), r, func(q *retort.Request) error { assert.Equal(t, tt.want, q.ContentLength()); return nil })
	}
}

func TestFieldsThatCannotBeRead(t *testing.T) {
	q := fieldsOf("Date", "yesterday", "Max-Forwards", "many", "Authorization", "Basic bad!", "If-Modified-Since", "x", "Range", "bytes=9-1")
	_, ok := q.MaxForwards()
	assert.False(t, ok)
	_, ok = q.Range()
	assert.False(t, ok)
	assert.True(t, q.Date().IsZero() && q.IfModifiedSince().IsZero())
	assert.Nil(t, q.Authorization())
}
