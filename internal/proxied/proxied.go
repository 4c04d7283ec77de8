// Package proxied is how an app learns whether somebody in front of it has dealt
// with what proxies say of a request.
package proxied

import "context"

// Key is the context key under which a middleware leaves what a request was before
// it has put in what the proxy says, or a nil of that type if it believes nothing.
// From then on the Scheme of the request's URL counts, if there is one: it is not
// what the client has written into an absolute target.
type Key struct{}

// Considered reports whether a middleware has looked at the fields of proxies.
func Considered(ctx context.Context) bool { return ctx.Value(Key{}) != nil }
