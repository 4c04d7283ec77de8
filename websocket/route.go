package websocket

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/internal/takeover"
)

// Router is what rules are registered with, such as a *retort.App.
type Router interface {
	Route(rule string, opts ...retort.RouteOption) retort.Decorator
}

// Route gives a decorator that registers f for the WebSocket handshakes of rule:
//
//	func(c *retort.Context, conn *websocket.Conn, the rule's arguments…) error
//
// The options are those of [retort.App.Route] and of this package. Another
// request for the path is a 400; to answer it too, register a plain rule for the
// same path.
//
// Hooks, decorators and error handlers work as for a plain handler, before and
// around the handshake: a decorator or a BeforeRequest function refuses a client
// with an error or a response, and after_request functions see the 101. A
// handshake is refused with 403 when a page of another host makes it ([Origins]),
// with 426 or 400 when it is none.
//
// f then has the connection until it returns. Its result closes it:
//
//	nil                        1000, a normal end
//	a CloseError               its code and reason
//	an HTTPError below 500     1008 with its description
//	another error, or a panic  1011; it is logged, and the teardown functions get it
//
// An error that f returns after the connection has ended, because the client has
// gone or broke the protocol, is not a fault and is logged as a debug record.
// Abort in f is a panic like any other: the handshake has been answered.
//
// When the server stops (serving.Draining, or the end of its context), the
// connection is closed with 1001. Reads and writes then fail, and c.Context()
// ends. Closing waits up to 5 seconds for the client to agree. While f runs,
// c.Context() does not end with the client: reading tells that it has gone.
//
// It panics, as [retort.App.Route] does, when f does not fit its rule.
func Route(app Router, rule string, opts ...retort.RouteOption) retort.Decorator {
	s := newSettings(opts)
	register := app.Route(rule, append(slices.Clip(opts), retort.WebSocket())...)
	return func(f any) any {
		register(&takeover.View{Source: f, Extra: []string{"conn *websocket.Conn"}, Adapt: s.adapt})
		return f
	}
}

var (
	contextType = reflect.TypeFor[*retort.Context]()
	connType    = reflect.TypeFor[*Conn]()
	errorType   = reflect.TypeFor[error]()
	anyType     = reflect.TypeFor[any]()
)

// adapt makes a view of f: one that takes f's parameters without the connection
// and returns the refusal of the handshake or the session.
func (s *settings) adapt(source any) (any, error) {
	f := reflect.ValueOf(source)
	if err := checkType(f); err != nil {
		return nil, err
	}
	in := []reflect.Type{contextType}
	for i := 2; i < f.Type().NumIn(); i++ {
		in = append(in, f.Type().In(i))
	}
	view := func(args []reflect.Value) []reflect.Value {
		result := s.answer(args[0].Interface().(*retort.Context), func(c *retort.Context, conn *Conn) error {
			all := append([]reflect.Value{reflect.ValueOf(c), reflect.ValueOf(conn)}, args[1:]...)
			err, _ := f.Call(all)[0].Interface().(error)
			return err
		})
		return []reflect.Value{reflect.ValueOf(&result).Elem()}
	}
	return reflect.MakeFunc(reflect.FuncOf(in, []reflect.Type{anyType}, false), view).Interface(), nil
}

// checkType refuses what is not a view of this package.
func checkType(f reflect.Value) error {
	t := f.Type()
	if t.Kind() == reflect.Func && !f.IsNil() && !t.IsVariadic() && t.NumIn() >= 2 && t.In(0) == contextType && t.In(1) == connType &&
		t.NumOut() == 1 && t.Out(0) == errorType {
		return nil
	}
	return fmt.Errorf("does not take a connection; a WebSocket view is a func(c *retort.Context, conn *websocket.Conn) error, with the arguments of its rule after conn, not a %s", t)
}

// answer is the result of the view: an error, or the session that is to come.
func (s *settings) answer(c *retort.Context, f func(*retort.Context, *Conn) error) any {
	if err := s.check(c.Request.HTTP()); err != nil {
		return err
	}
	return &session{settings: s, c: c, f: f}
}
