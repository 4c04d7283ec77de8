// Package draining is how a response without end learns that its server begins
// to stop.
package draining

import "context"

type key struct{}

// With gives a context in which [From] finds stop, which is closed when the
// server begins to stop.
func With(ctx context.Context, stop <-chan struct{}) context.Context {
	return context.WithValue(ctx, key{}, stop)
}

// From is the channel of [With], or nil, which is never ready.
func From(ctx context.Context) <-chan struct{} {
	stop, _ := ctx.Value(key{}).(<-chan struct{})
	return stop
}
