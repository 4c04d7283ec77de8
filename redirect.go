package retort

import (
	"fmt"
	"net/http"

	"github.com/retort-go/retort/templates"
)

// Redirect gives a response that sends the client to location. status is 301,
// 302, 303, 307 or 308; without one it is 303: go there with GET. location is
// sent as it is, except that what cannot stand in a URL is percent-encoded; it
// is not checked against redirecting to another site.
//
// Source: Werkzeug: utils.py, redirect.
func (c *Context) Redirect(location string, status ...int) *Response {
	return Redirect(location, status...)
}

// Redirect is [Context.Redirect] without a request.
func Redirect(location string, status ...int) *Response {
	code := http.StatusSeeOther
	if len(status) > 0 {
		code = status[0]
	}
	switch code {
	case 301, 302, 303, 305, 307, 308:
	default:
		panic(fmt.Sprintf("retort: %d is no redirect; Redirect takes 301, 302, 303, 307 or 308", code))
	}
	return redirect(location, code)
}

func redirect(location string, code int) *Response {
	res := newResponse(code, htmlType, textContent(templates.RedirectPage{Location: location}.String()))
	res.Header["Location"] = []string{location} // checked and encoded when it is sent
	return res
}
