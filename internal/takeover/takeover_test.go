package takeover

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

type key struct{}

func TestAHeldContextEndsWithTheServersUntilItIsTaken(t *testing.T) {
	server, stop := context.WithCancel(context.WithValue(context.Background(), key{}, "value"))
	held := context.WithValue(Hold(server), key{}, "inner")
	stop()
	select {
	case <-held.Done():
	case <-time.After(30 * time.Second):
		assert.Fail(t, "the context goes on")
	}
}

func TestATakenContextEndsWhenItsTakerSaysSo(t *testing.T) {
	server, stop := context.WithCancel(context.WithValue(context.Background(), key{}, "value"))
	held := context.WithValue(Hold(server), t, "below")
	taken, end := Take(held)
	assert.Equal(t, server, taken)
	assert.Equal(t, "value", held.Value(key{}))
	stop()
	time.Sleep(10 * time.Millisecond) // what must not happen has had its time
	assert.NoError(t, held.Err())
	end()
	assert.Equal(t, context.Canceled, held.Err())
}

func TestAnotherContextIsLeftAsItIs(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	server, end := Take(ctx)
	end()
	assert.Equal(t, ctx, server)
	assert.NoError(t, ctx.Err())
}
