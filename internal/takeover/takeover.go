// Package takeover is what the root and the packages that take connections
// over, such as websocket, say to each other: it makes such a view known to the
// registry without the root having to link what it speaks.
package takeover

import (
	"context"
	"net/http"
)

// View stands for a view that has other parameters than the registry knows.
type View struct {
	// Source is the function of the application, or a decorated one: its name,
	// place and type are shown in messages.
	Source any
	// Extra are the parameters between the Context and the rule's arguments, as
	// they are written: "conn *websocket.Conn".
	Extra []string
	// Adapt makes a view of Source without Extra. Its error goes on after "the
	// view NAME (PLACE)".
	Adapt func(source any) (view any, err error)
}

// With is the same for another function.
func (v *View) With(source any) *View {
	return &View{Source: source, Extra: v.Extra, Adapt: v.Adapt}
}

// Handler is what an adapted view returns: an http.Handler that answers the
// request by taking its connection, and says how that went.
type Handler interface {
	http.Handler
	// Err is what the application's function failed with, for the log and the
	// teardown functions. It is called when ServeHTTP has returned.
	Err() error
}

// hold is the context of a request whose connection may be taken over.
type hold struct {
	context.Context
	server context.Context
	let    func() bool // the server's end no longer ends it; false when it has
	end    context.CancelFunc
}

type holdKey struct{}

func (h *hold) Value(key any) any {
	if _, ok := key.(holdKey); ok {
		return h
	}
	return h.Context.Value(key)
}

// Hold gives a context that ends with ctx, the server's for a request, unless
// [Take] takes it.
func Hold(ctx context.Context) context.Context {
	held, end := context.WithCancel(context.WithoutCancel(ctx))
	return &hold{held, ctx, context.AfterFunc(ctx, end), end}
}

// Take takes the context of a request over: from now on it ends when end is
// called. When the server's context ends there is so still time for a goodbye
// to the client. It must be called for contexts below one of [Hold] only; for
// others they are the same one, and end does nothing.
func Take(ctx context.Context) (server context.Context, end context.CancelFunc) {
	h, ok := ctx.Value(holdKey{}).(*hold)
	if !ok {
		return ctx, func() {}
	}
	h.let()
	return h.server, h.end
}
