package retort

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// TestResponse is what a request of a [TestClient] was answered with, complete:
// a stream has been read to its end. It is as a client sees it, without the
// Date field that a server adds.
//
// Source: Werkzeug: test.py, TestResponse.
type TestResponse struct {
	// Status is the status code.
	Status int
	// Header holds the fields. As net/http does, it has a Content-Type guessed
	// from the body when a plain handler set none, and a Content-Length when the
	// body is short and was not flushed.
	Header http.Header
	// Body is the body: empty for HEAD requests and statuses without one.
	Body []byte
	// Text is Body as a string.
	Text string
	// Informational are the 1xx responses before it; they have a Status and a
	// Header only.
	Informational []*TestResponse
	// History are the redirects that were followed to it, the first one first.
	History []*TestResponse
	// Request is the request as the app got it, its body read.
	Request *http.Request

	app  *App
	held *heldContext
}

// JSON decodes the body into v, as [json.Unmarshal] does. The error says what
// came instead when it was no JSON.
func (r *TestResponse) JSON(v any) error {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if kind != jsonType && !strings.HasSuffix(kind, "+json") {
		return fmt.Errorf("%s was answered with a %d of type %q, which is no JSON: %s", r.name(), r.Status, kind, r.excerpt())
	}
	if err := json.Unmarshal(r.Body, v); err != nil {
		return fmt.Errorf("%s was answered with a %d whose body is not the JSON of a %T: %w: %s", r.name(), r.Status, v, err, r.excerpt())
	}
	return nil
}

// Location is the Location field as an absolute URL, "" when there is none. The
// field as it was sent is in Header.
//
// Source: RFC 9110 §10.2.2.
func (r *TestResponse) Location() string {
	to, err := r.location()
	if err != nil || to == nil {
		return ""
	}
	return to.String()
}

// location is nil when there is no Location field.
func (r *TestResponse) location() (*url.URL, error) {
	field := r.Header.Get("Location")
	if field == "" {
		return nil, nil
	}
	base, err := url.ParseRequestURI(r.Request.RequestURI)
	if err != nil {
		return nil, err
	}
	base.Scheme, base.Host = (&Request{http: r.Request}).Scheme(), r.Request.Host
	return base.Parse(field)
}

// name is the request in an error text: "GET /notes".
func (r *TestResponse) name() string { return r.Request.Method + " " + r.Request.RequestURI }

// excerpt is the beginning of the body for an error text.
func (r *TestResponse) excerpt() string {
	const most = 80
	if len(r.Text) > most {
		return fmt.Sprintf("%q and %d bytes more", r.Text[:most], len(r.Text)-most)
	}
	return fmt.Sprintf("%q", r.Text)
}

// CutOffError is what a [TestClient] panics with when a server would have cut
// the connection in the middle of the response: a stream failed after its
// header had left, the handler panicked with [http.ErrAbortHandler], or the
// body is not as long as its Content-Length says. A test that expects it
// recovers it.
type CutOffError struct {
	// Response is what had come until then.
	Response *TestResponse
	// Reason says why the rest did not.
	Reason string
}

// Error names the request and says why its response was cut off.
func (e *CutOffError) Error() string {
	return fmt.Sprintf("retort: the response to %s was cut off after %d bytes of its body: %s", e.Response.name(), len(e.Response.Body), e.Reason)
}
