package retort

import "sync/atomic"

// Signals are what an app tells of itself; the sender is always the *[App]. In
// the order in which a request sends them:
//
//	AppContextPushed      the Context is there
//	RequestStarted        before the URL value preprocessors and BeforeRequest
//	BeforeRenderTemplate  when a template is about to be rendered
//	TemplateRendered      when it has been
//	MessageFlashed        in Context.Flash
//	GotRequestException   for an error that no handler took, before it becomes the 500 or leaves the app
//	RequestFinished       after AfterRequest and the saving of the session, before the response is sent;
//	                      not when a view has taken the connection over without a response
//	RequestTearingDown    after TeardownRequest
//	AppContextTearingDown after TeardownAppContext
//	AppContextPopped      the Context is no longer used
//
// A receiver that panics before the response is ready fails the request as a
// hook does; one of the last three, or of GotRequestException, is logged.
//
// While anything is connected to one of those that every request sends, requests
// of views without a Context are handled with one. Connecting does not freeze
// the app and is not refused afterwards.
//
// Differs from Flask: they are fields of the app instead of globals that filter
// by app, so that no receiver hears another app by mistake.
//
// Source: Flask: signals.py.
type Signals struct {
	AppContextPushed      *Signal[AppContextPushed]
	RequestStarted        *Signal[RequestStarted]
	BeforeRenderTemplate  *Signal[BeforeRenderTemplate]
	TemplateRendered      *Signal[TemplateRendered]
	MessageFlashed        *Signal[MessageFlashed]
	GotRequestException   *Signal[GotRequestException]
	RequestFinished       *Signal[RequestFinished]
	RequestTearingDown    *Signal[RequestTearingDown]
	AppContextTearingDown *Signal[AppContextTearingDown]
	AppContextPopped      *Signal[AppContextPopped]

	heard *atomic.Int64 // how many receivers listen to what every request sends
}

// What the signals of an app send.
type (
	// AppContextPushed says that a Context was made, for a request or by
	// App.WithAppContext.
	AppContextPushed struct{ Context *Context }
	// RequestStarted says that the handling of a request begins.
	RequestStarted struct{ Context *Context }
	// BeforeRenderTemplate says that a template is about to be rendered.
	BeforeRenderTemplate struct {
		Context  *Context
		Template string // its name; "" for one given as text
		Data     H      // all it is rendered with
	}
	// TemplateRendered says that a template was rendered.
	TemplateRendered struct {
		Context  *Context
		Template string // its name; "" for one given as text
		Data     H      // all it was rendered with
	}
	// MessageFlashed says that a message was flashed.
	MessageFlashed struct {
		Context  *Context
		Message  any // a string or a template.HTML
		Category string
	}
	// GotRequestException says that no handler took an error.
	GotRequestException struct {
		Context *Context
		Err     error
	}
	// RequestFinished says that a response is ready to be sent. Changing it now
	// works, but is the job of AfterRequest.
	RequestFinished struct {
		Context  *Context
		Response *Response
	}
	// RequestTearingDown says that a request is over.
	RequestTearingDown struct {
		Context *Context
		Err     error // what no handler took; nil: nothing
	}
	// AppContextTearingDown says that a Context is about to end.
	AppContextTearingDown struct {
		Context *Context
		Err     error // what no handler took; nil: nothing
	}
	// AppContextPopped says that a Context has ended.
	AppContextPopped struct{ Context *Context }
)

func newSignals() Signals {
	n := new(atomic.Int64)
	return Signals{
		AppContextPushed:      ofRequests[AppContextPushed]("appcontext-pushed", n),
		RequestStarted:        ofRequests[RequestStarted]("request-started", n),
		BeforeRenderTemplate:  NewSignal[BeforeRenderTemplate]("before-render-template"),
		TemplateRendered:      NewSignal[TemplateRendered]("template-rendered"),
		MessageFlashed:        NewSignal[MessageFlashed]("message-flashed"),
		GotRequestException:   NewSignal[GotRequestException]("got-request-exception"),
		RequestFinished:       ofRequests[RequestFinished]("request-finished", n),
		RequestTearingDown:    ofRequests[RequestTearingDown]("request-tearing-down", n),
		AppContextTearingDown: ofRequests[AppContextTearingDown]("appcontext-tearing-down", n),
		AppContextPopped:      ofRequests[AppContextPopped]("appcontext-popped", n),
		heard:                 n,
	}
}

// ofRequests makes a signal that every request sends.
func ofRequests[T any](name string, heard *atomic.Int64) *Signal[T] {
	return &Signal[T]{name: name, heard: heard}
}

// hearRequests reports whether anything listens to what every request sends:
// then no request may go without a Context.
func (s *Signals) hearRequests() bool { return s.heard.Load() != 0 }

// sendLogged is Send where nobody is left to handle a panic: it is logged.
func sendLogged[T any](c *Context, s *Signal[T], v T) {
	if !s.HasReceivers() {
		return
	}
	defer func() {
		if v := recover(); v != nil {
			c.App.log(c, "a receiver of the signal "+s.name+" failed", thrownError(v))
		}
	}()
	s.Send(c.App, v)
}

// tellException sends GotRequestException. A receiver that panics must not take
// the place of the error that it was told of.
//
// Source: Flask: app.py, handle_exception.
func (a *App) tellException(c *Context, err error) {
	sendLogged(c, a.Signals.GotRequestException, GotRequestException{c, bareError(err)})
}

// tellFinished sends RequestFinished, and checks what the receivers left.
//
// Source: Flask: app.py, finalize_request.
func (a *App) tellFinished(c *Context, res *Response) error {
	if !a.Signals.RequestFinished.HasReceivers() {
		return nil
	}
	a.Signals.RequestFinished.Send(a, RequestFinished{c, res})
	if err := res.resolve(a.jsonOptions()); err != nil {
		return err
	}
	return res.check()
}
