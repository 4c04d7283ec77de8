// Package requestid names requests, so that the records of one can be found
// among those of others. The name travels in the context of the request.
package requestid

import (
	"context"
	"crypto/rand"
	"sync"
)

// ID is the name of one request. It is made when it is first asked for, unless
// it came with the request.
type ID struct {
	once sync.Once
	text string
}

// Of is an ID that is known.
func Of(text string) *ID {
	id := new(ID)
	id.once.Do(func() { id.text = text })
	return id
}

// String is the ID: unless it was given, 26 letters and digits that hold at least
// 128 random bits.
func (id *ID) String() string {
	id.once.Do(func() { id.text = rand.Text() })
	return id.text
}

type contextKey struct{}

// NewContext gives a context with the ID. Only what is trusted to name requests
// may put one there that came from outside.
func NewContext(ctx context.Context, id *ID) context.Context {
	return context.WithValue(ctx, contextKey{}, id)
}

// FromContext gives the ID in ctx, nil when there is none.
func FromContext(ctx context.Context) *ID {
	id, _ := ctx.Value(contextKey{}).(*ID)
	return id
}
