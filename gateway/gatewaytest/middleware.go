package gatewaytest

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/retort-go/retort/gateway"
)

// Middleware is a middleware that is held to the contract: by apps that answer in
// many ways, between two of gateway.Lint.
type Middleware struct {
	Name string
	Wrap gateway.Middleware // see [NetHTTP] for one of net/http

	// Requests are what is asked. They are for the app: the middleware has nothing
	// to do with them but to pass them on. None: some of each kind.
	Requests []*Request

	Exceptions []Exception   // what cannot be, and why
	Patience   time.Duration // how long a check may take; 0 is 30 s
}

// CheckMiddleware holds a middleware to the contract and gives a result for each
// check and each requirement that has none; with ids, only those checks
// (M5/early), or all of a requirement (M5).
func CheckMiddleware(m Middleware, ids ...string) []Result {
	return middlewareContract(&m).results(&m, ids)
}

// TestMiddleware is [CheckMiddleware] as a test: a subtest for each check, which
// fails if the check does, or if it passes although m.Exceptions says that it
// cannot.
//
//	gatewaytest.TestMiddleware(t, gatewaytest.Middleware{Wrap: gatewaytest.NetHTTP(middleware.RequestID())})
func TestMiddleware[T Tester[T]](t T, m Middleware) {
	t.Helper()
	test(t, middlewareContract(&m), &m)
}

func middlewareContract(m *Middleware) *contract[*Middleware] {
	return &contract[*Middleware]{middlewareRequirements(), middlewareChecks(), m.Exceptions, m.Patience}
}

// NetHTTP is middleware of net/http as one of a gateway: the app inside becomes a
// handler, and the whole an app again. What the handler reports of apps that fail
// is dropped.
func NetHTTP(mw func(http.Handler) http.Handler) gateway.Middleware {
	return func(app gateway.App) gateway.App {
		return gateway.FromHandler(mw(gateway.ToHandler(app, gateway.Logger(slog.New(slog.DiscardHandler)))))
	}
}

func (m *Middleware) requests() []*Request {
	if len(m.Requests) > 0 {
		return m.Requests
	}
	form := gateway.Headers{{"Content-Type", "text/plain"}, {"X-Many", "1"}, {"X-Many", "2"}, {"Cookie", "a=1"}}
	return []*Request{
		{}, {Method: "HEAD"}, {Target: "/a/b%2Fc//d?x=1&x=2"}, {Method: "POST", Header: form, Body: []byte("what is sent")},
		{Method: "PUT", Body: []byte("of no known length"), Chunked: true}, {Method: "OPTIONS", Target: "/x"},
	}
}
