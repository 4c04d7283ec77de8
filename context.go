package retort

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/retort-go/retort/datastructures"
	"github.com/retort-go/retort/internal/requestid"
	"github.com/retort-go/retort/internal/takeover"
	"github.com/retort-go/retort/internal/urlmap"
)

// Context is what one request is handled with: the app, the request, and what
// views and hooks keep for each other while it lasts. It is passed explicitly;
// there is no global that stands for the current request.
//
// A Context is made for one request and never reused: one that is kept too long
// (by a goroutine, a log) goes on showing its own request. What needs the live
// exchange (reading the body, AfterThisRequest) panics once the request has
// ended. Reading is safe from several goroutines; setting values is not: give a
// goroutine its own [Context.Copy].
//
// Differs from Flask: current_app, g, request and session are reached through
// the Context, because Go has no context-local variables.
type Context struct {
	// App is the app that handles the request.
	App *App
	// Request is the request; outside of one (an app context) it is nil.
	Request *Request

	request Request
	w       http.ResponseWriter
	route   *route
	values  urlmap.Values
	extra   atomic.Pointer[extras]
	left    atomic.Bool // the header of the response has left, or cannot be changed any more
	ended   atomic.Bool
}

// extras is what only some requests need.
type extras struct {
	args         atomic.Pointer[datastructures.MultiDict]
	cookies      atomic.Pointer[datastructures.MultiDict]
	form         atomic.Pointer[form]
	body         body
	routingError error // why no view is called
	adapter      atomic.Pointer[urlmap.Adapter]
	viewArgs     H
	session      atomic.Pointer[openedSession]
	flashed      *[]FlashedMessage // nil: not asked for
	after        []func(*Response)
	ctx          context.Context
	mu           sync.Mutex
	keyed        map[any]any
	g            G
	requestID    atomic.Pointer[requestid.ID]
}

func newContext(a *App, w http.ResponseWriter, r *http.Request) *Context {
	c := &Context{App: a, w: w}
	c.request = Request{http: r, c: c}
	c.Request = &c.request
	if a.tested.Load() {
		keepForClient(c, r)
	}
	return c
}

// more gives the extras, made when first asked for.
func (c *Context) more() *extras {
	if x := c.extra.Load(); x != nil {
		return x
	}
	c.extra.CompareAndSwap(nil, new(extras))
	return c.extra.Load()
}

// requireLive panics when the request is over.
func (c *Context) requireLive(what string) {
	if c.ended.Load() {
		panic(fmt.Sprintf("retort: %s needs the running request, but that has ended; a goroutine that outlives its request must take what it needs before, or work on c.Copy()", what))
	}
}

// contextKey is the key under which a Context is found in a context.Context.
type contextKey struct{}

// requestContext is the context of a request with its Context.
type requestContext struct {
	context.Context
	c *Context
}

func (r *requestContext) Value(key any) any {
	if _, ok := key.(contextKey); ok {
		return r.c
	}
	return r.Context.Value(key)
}

// Context gives the context.Context of the request: cancelled when the client
// leaves, when the request ends and when the server stops. [FromContext] finds
// c in it.
func (c *Context) Context() context.Context {
	x := c.more()
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ctx == nil {
		base := context.Background()
		if c.Request != nil {
			base = c.request.http.Context()
		}
		if c.route.takesOver() {
			base = takeover.Hold(base)
		}
		x.ctx = &requestContext{base, c}
	}
	return x.ctx
}

// FromContext finds the Context of the request that ctx belongs to, in plain
// http.Handler views, mounted handlers and whatever they call. It is nil when
// there is none.
func FromContext(ctx context.Context) *Context {
	c, _ := ctx.Value(contextKey{}).(*Context)
	return c
}

// Endpoint is the endpoint of the rule that matched, "" when none did.
func (c *Context) Endpoint() string {
	if c.route == nil {
		return ""
	}
	return c.route.endpoint
}

// ViewArgs gives the arguments of the rule that matched by name, converted, its
// defaults included, less what URL value preprocessors took away. The map is
// the caller's own. It is nil when no rule matched.
func (c *Context) ViewArgs() H {
	if c.route == nil {
		return nil
	}
	if x := c.extra.Load(); x != nil && x.viewArgs != nil {
		return maps.Clone(x.viewArgs)
	}
	return c.route.viewArgs(&c.values)
}

// AfterThisRequest has f called with the response of this request, before the
// after_request functions, in the order of registration.
func (c *Context) AfterThisRequest(f func(*Response)) {
	c.requireLive("AfterThisRequest")
	x := c.more()
	x.after = append(x.after, f)
}

// Copy gives a Context for a goroutine that may outlive the request: the same
// request, arguments and values, without the live exchange. Its
// [Context.Context] is not cancelled when the request ends.
//
// Source: Flask: ctx.py, copy_current_request_context.
func (c *Context) Copy() *Context {
	n := &Context{App: c.App}
	if c.Request != nil {
		r := c.request.http.Clone(context.WithoutCancel(c.request.http.Context()))
		r.Body = http.NoBody
		n = newContext(c.App, nil, r)
		n.route, n.values = c.route, c.values
		n.more().requestID.Store(c.requestID())
	}
	n.ended.Store(true)
	if x := c.extra.Load(); x != nil {
		y := n.more()
		y.args.Store(x.args.Load())
		y.form.Store(x.form.Load())
		y.viewArgs = maps.Clone(x.viewArgs)
		if o := x.session.Load(); o != nil && o.err == nil {
			y.session.Store(&openedSession{session: o.session.snapshot()})
		}
		y.keyed = maps.Clone(x.keyed)
		y.g = G{values: maps.Clone(x.g.values)}
	}
	return n
}

// Key is a typed place for a value in a [Context]. Two keys never collide, also
// when they have the same name.
type Key[T any] struct{ name string }

// NewKey makes a key. name is for error messages.
func NewKey[T any](name string) *Key[T] { return &Key[T]{name} }

// String is the name.
func (k *Key[T]) String() string { return k.name }

// Set keeps v in c.
func (k *Key[T]) Set(c *Context, v T) {
	x := c.more()
	if x.keyed == nil {
		x.keyed = make(map[any]any)
	}
	x.keyed[k] = v
}

// Get gives the value in c, or T's zero value when there is none.
func (k *Key[T]) Get(c *Context) T {
	v, _ := k.Lookup(c)
	return v
}

// Lookup gives the value in c and whether there is one.
func (k *Key[T]) Lookup(c *Context) (T, bool) {
	if x := c.extra.Load(); x != nil {
		if v, ok := x.keyed[k].(T); ok {
			return v, true
		}
	}
	var zero T
	return zero, false
}

// G holds values by name for one request: Flask's g. A [Key] does the same
// with a type and without collisions.
type G struct{ values map[string]any }

// G gives the request's own [G].
func (c *Context) G() *G { return &c.more().g }

// Set keeps v under name.
func (g *G) Set(name string, v any) {
	if g.values == nil {
		g.values = make(map[string]any)
	}
	g.values[name] = v
}

// Get gives the value under name, nil when there is none.
func (g *G) Get(name string) any { return g.values[name] }

// Lookup gives the value under name and whether there is one.
func (g *G) Lookup(name string) (any, bool) {
	v, ok := g.values[name]
	return v, ok
}

// Pop removes the value under name and gives it.
func (g *G) Pop(name string) any {
	v := g.values[name]
	delete(g.values, name)
	return v
}

// SetDefault gives the value under name, which is v when there was none.
func (g *G) SetDefault(name string, v any) any {
	if old, ok := g.values[name]; ok {
		return old
	}
	g.Set(name, v)
	return v
}

// Names gives the sorted names.
func (g *G) Names() []string { return slices.Sorted(maps.Keys(g.values)) }
