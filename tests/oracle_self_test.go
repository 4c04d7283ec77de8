package tests

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// page is the recorded page of a 404.
const page = "<title>404 Not Found</title>\n<p><default-description></p>\n"

func recorded(status int, body string, fields ...[2]string) *expectation {
	return &expectation{Status: status, Headers: fields, Body: bodySpec{Text: &body}}
}

func TestTheComparisonFindsWhatDiffers(t *testing.T) {
	html := [2]string{"content-type", "text/html; charset=utf-8"}
	answered := func(status int, body string, header http.Header) *answer {
		header["Content-Type"] = []string{html[1]}
		return &answer{status: status, body: []byte(body), header: header}
	}
	allow := [2]string{"Allow", "GET, HEAD"}
	redirectPage := `<redirect-page href="/a b?x=1&amp;y">`
	for _, c := range []struct {
		name string
		want *expectation
		got  *answer
		same bool
	}{
		{"the same", recorded(200, "ok", html), answered(200, "ok", http.Header{}), true},
		{"another status", recorded(200, "ok", html), answered(201, "ok", http.Header{}), false},
		{"another body", recorded(200, "ok", html), answered(200, "no", http.Header{}), false},
		{"a field too many", recorded(200, "ok", html), answered(200, "ok", http.Header{"X-A": {"1"}}), false},
		{"a field too few", recorded(200, "ok", html, [2]string{"X-A", "1"}), answered(200, "ok", http.Header{}), false},
		{"fields in another order", recorded(200, "ok", html, [2]string{"X-A", "1"}, [2]string{"X-A", "2"}), answered(200, "ok", http.Header{"X-A": {"2", "1"}}), false},
		{"a set in another order", recorded(405, "ok", html, allow), answered(405, "ok", http.Header{"Allow": {"HEAD,GET"}}), true},
		{"another set", recorded(405, "ok", html, allow), answered(405, "ok", http.Header{"Allow": {"GET"}}), false},
		{"a description of our own", recorded(404, page, html), answered(404, "<title>404 Not Found</title>\n<p>Nothing <b>here</b>.</p>\n", http.Header{}), true},
		{"no description", recorded(404, page, html), answered(404, "<title>404 Not Found</title>\n<p></p>\n", http.Header{}), false},
		{"another name", recorded(404, page, html), answered(404, "<title>404 Missing</title>\n<p>Nothing.</p>\n", http.Header{}), false},
		{"a link", recorded(308, redirectPage, html), answered(308, `go <a href="/a%20b?x=1&amp;y">there</a>`, http.Header{}), true},
		{"another link", recorded(308, redirectPage, html), answered(308, `go <a href="/a%20b">there</a>`, http.Header{}), false},
		{"a wrong length", recorded(404, page, html, [2]string{"Content-Length", "999"}), answered(404, "<title>404 Not Found</title>\n<p>x</p>\n", http.Header{"Content-Length": {"7"}}), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := (&comparison{want: c.want, got: c.got}).differences()
			assert.Equal(t, c.same, len(found) == 0, "%q", found)
		})
	}
}

func TestTheComparisonOfTracesAndErrors(t *testing.T) {
	want := recorded(200, "ok")
	want.Trace = []string{"a", "b"}
	assert.NotEmpty(t, (&comparison{want: want, got: &answer{status: 200, body: []byte("ok"), trace: []string{"b", "a"}}}).differences())
	assert.NotEmpty(t, (&comparison{want: &expectation{Propagated: "AppError"}, got: &answer{propagated: "OtherError"}}).differences())
}

func TestAnUnknownStepFailsTheApp(t *testing.T) {
	_, err := buildApp(&appSpec{ID: "x", scopeSpec: scopeSpec{Routes: []routeSpec{{Rule: "/", Endpoint: "x", View: steps{{name: "juggle"}}}}}})
	require.EqualError(t, err, `the replay does not know the step "juggle"`)
}

func TestDeviationsAreFew(t *testing.T) {
	assert.LessOrEqual(t, len(deviations), 12)
}

func TestAMountedAppIsReplayedAtItsPrefix(t *testing.T) {
	app, err := buildApp(&appSpec{ID: "x", scopeSpec: scopeSpec{Routes: []routeSpec{{Rule: "/dir/", Endpoint: "dir"}}}})
	require.NoError(t, err)
	for _, enter := range []door{handlerDoor, gatewayDoor} {
		got, err := app.answer(&request{Method: "GET", Target: "/dir", ScriptName: "/app"}, nil, nothingToReplace, enter)
		require.NoError(t, err)
		assert.Equal(t, []string{"http://localhost/app/dir/"}, got.header["Location"])
	}
}
