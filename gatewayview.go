package retort

import (
	"errors"
	"iter"
	"net/http"
	"strconv"
	"strings"

	"github.com/retort-go/retort/gateway"
)

// callGateway runs a gateway.App as a view. Its wsgi.errors is the app's log.
func (a *App) callGateway(c *Context, res *Response) (*Response, error) {
	env, err := gateway.NewEnviron(c.request.http.WithContext(c.Context()), gateway.Logger(a.Logger))
	if err != nil {
		return a.answerGatewayError(c, err)
	}
	status, header, body, err := gateway.RunApp(res.content.value.(gateway.App), env)
	if err != nil {
		return a.answerGatewayError(c, err)
	}
	code, reason, err := parseStatus(status)
	if err != nil {
		return nil, errors.Join(err, body.Close())
	}
	out := &Response{Status: code, Reason: reason, Header: header.HTTP(), content: chunksContent(body.Chunks())}
	if n, ok := declaredLength(out.Header); ok {
		out.content = chunksContent(boundedChunks(body.Chunks(), n))
	}
	out.OnClose(body.Close)
	return out, nil
}

// answerGatewayError answers a request that cannot be read; any other error is
// the view's.
func (a *App) answerGatewayError(c *Context, err error) (*Response, error) {
	fault := requestFault(err)
	if fault == nil {
		return nil, err
	}
	return a.handleUserError(c, fault).response()
}

// requestFault gives the client error that an error of package gateway stands
// for, nil if it is not the client's fault.
func requestFault(err error) error {
	var tooLarge *http.MaxBytesError
	var input *gateway.InputError
	var request *gateway.RequestError
	switch {
	case errors.As(err, &request):
		return &HTTPError{Code: request.Status, Description: "The request cannot be given to a gateway application.", original: err}
	case errors.As(err, &input) && errors.As(err, &tooLarge):
		return &HTTPError{Code: http.StatusRequestEntityTooLarge, original: err}
	case errors.As(err, &input):
		return &HTTPError{Code: http.StatusBadRequest, Description: "The body of the request broke off or was not framed as HTTP asks.", original: err}
	}
	return nil
}

// declaredLength reads a Content-Length, which the gateway has checked.
func declaredLength(h http.Header) (int64, bool) {
	n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64)
	return n, err == nil
}

// boundedChunks gives n bytes of chunks and asks for no more. If there are less
// the end is an error, so that the client sees that it is.
func boundedChunks(chunks iter.Seq2[[]byte, error], n int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		left := n
		if left == 0 {
			return
		}
		for p, err := range chunks {
			p = p[:min(int64(len(p)), left)]
			left -= int64(len(p))
			if !yield(p, err) || err != nil || left == 0 {
				return
			}
		}
		yield(nil, &gateway.LengthError{Declared: n, Sent: n - left})
	}
}

// parseStatus reads "200 OK"; the reason is kept when it is not the standard
// one.
func parseStatus(status string) (int, string, error) {
	code := 0
	digits, reason, _ := strings.Cut(status, " ")
	for _, d := range []byte(digits) {
		if d < '0' || d > '9' || len(digits) != 3 {
			return 0, "", errors.New("the status line of the gateway application is malformed: " + status)
		}
		code = code*10 + int(d-'0')
	}
	if reason == http.StatusText(code) {
		reason = ""
	}
	return code, reason, nil
}
