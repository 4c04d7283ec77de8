package gateway

// App is the gateway callable: one call is one request.
//
// Call reads the request from env, calls start once with the status line and
// the header list, and returns the body. It may call start later, while the
// first chunk of the body is made; it must have called it before that chunk is
// not empty. A nil Body is an empty one. An error (or a panic) before the first
// byte becomes the server's 500; after it, the connection is cut, so that no
// client takes half a response for a whole one.
//
// Call runs on many goroutines at once unless env.Multithread is false.
//
// PEP 3333, "The Application/Framework Side".
type App interface {
	Call(env *Environ, start StartResponse) (Body, error)
}

// AppFunc is a function used as an [App].
type AppFunc func(env *Environ, start StartResponse) (Body, error)

// Call calls f.
func (f AppFunc) Call(env *Environ, start StartResponse) (Body, error) { return f(env, start) }

// Middleware takes an app and gives the app that stands in its place. It is a
// server to the one inside and an application to the one outside, and has to
// keep both sides' rules: return the body as soon as the inner app returned it,
// and pass Close on exactly once ([OnClose] does).
//
// PEP 3333, "Middleware: Components that Play Both Sides".
type Middleware func(App) App

// StartResponse begins the response: status is three digits, a space and a
// reason ("200 OK"); h is copied, so the caller may change it afterwards.
// Nothing is sent yet: status and headers leave with the first chunk that is
// not empty, with the first [Write], or when the body ends.
//
// exc is nil, or the error because of which the app begins again: then status
// and headers replace those of an earlier call, as long as none were sent.
//
// Errors: [ErrAlreadyStarted] for a second call without exc, [*RestartError]
// when the headers have left, [*StatusError], [*HeaderError] and
// [*HopByHopError] for what cannot be sent. A response that was refused and not
// begun again is answered by the server's 500 even if the app drops the error.
// Not safe for concurrent calls.
//
// PEP 3333, "The start_response() Callable".
type StartResponse func(status string, h Headers, exc error) (Write, error)

// Write sends p at once, before the body: the imperative way out for apps that
// cannot return an iterable. p may be reused after it returned.
//
// Errors: [ErrNotStarted] before a start that succeeded, [ErrIterating] once
// the server has begun with the body, [ErrContentLength] when p goes past the
// declared Content-Length (what fits is sent), or what the connection reports.
//
// PEP 3333, "The write() Callable".
type Write func(p []byte) error
