package gateway

import (
	"errors"
	"fmt"
	"net/http"
)

// ToHandler runs a gateway app under net/http. Requests become environs
// ([NewEnviron]), status, headers and chunks become the response, and the rules
// of PEP 3333 hold where net/http would let things pass:
//
//   - A status, header name or value that cannot be sent is an error of
//     start_response. (net/http panics, drops, replaces by blanks or sends it.)
//   - Nothing leaves before the first chunk that is not empty; until then an
//     error becomes a 500, afterwards it cuts the connection.
//   - Each chunk reaches the client before the app is asked for the next one,
//     except between chunks that are in memory already.
//   - A body is cut off at its Content-Length; one that ends before cuts the
//     connection. Both are logged.
//   - The body of a HEAD request, and of a 204 or 304, is not sent and not
//     iterated over; a 204 has no Content-Length.
//   - A response without a Content-Type has none; nothing is guessed.
//   - The request body may be read while the response is being sent.
//   - Close is called exactly once, in every outcome.
//
// A request of which no environ can be made is answered with the status of its
// *[RequestError] and does not reach app.
//
// What net/http cannot do: the reason phrase is its own for the code, and fields
// of different names leave in an order of its own.
//
// Fields that net/http code further out has set stay unless the app sends the
// same one; Set-Cookie, Vary, Link, Via, Server-Timing and WWW-Authenticate are
// added to. A connection is cut by a panic with http.ErrAbortHandler, as net/http
// has it. The handler is safe for concurrent use if app is.
//
// Differs from WSGI's own server: no Server field is added, because it tells
// attackers more than users.
func ToHandler(app App, opts ...Option) http.Handler {
	return &handler{app, newConfig(opts)}
}

// HTTP makes gateway middleware usable around net/http code: it is [ToHandler]
// around mw around [FromHandler]. The inner handler sees the request with the
// context values that outer code put there, bodies stream both ways.
//
// Through a gateway there is no Hijacker and no informational response but 103; a
// handler that needs them must not stand behind mw.
func HTTP(mw Middleware, opts ...Option) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler { return ToHandler(mw(FromHandler(next)), opts...) }
}

type handler struct {
	app App
	cfg *config
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	env, err := newEnviron(r, h.cfg)
	if err != nil {
		refuse(w, err)
		return
	}
	x := newExchange(w, r, env, h.cfg)
	abort := x.serve(h.app)
	if h.cfg.access != nil {
		x.logAccess(h.cfg.access, r)
	}
	if abort {
		panic(http.ErrAbortHandler)
	}
}

// refuse answers a request that never becomes an environ.
func refuse(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	var bad *RequestError
	if errors.As(err, &bad) {
		status = bad.Status
	}
	http.Error(w, fmt.Sprintf("%d %s", status, http.StatusText(status)), status)
}
