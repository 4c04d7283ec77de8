package gateway_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

func TestSingleThreadGivesTheTurnOnInEveryOutcome(t *testing.T) {
	broken := errors.New("broken")
	outcomes := map[string]func() (gateway.Body, error){
		"nothing":        func() (gateway.Body, error) { return nil, nil },
		"an error":       func() (gateway.Body, error) { return nil, broken },
		"both":           func() (gateway.Body, error) { return streamed("x"), broken },
		"a panic":        func() (gateway.Body, error) { panic("oh") },
		"a failed close": func() (gateway.Body, error) { return gateway.Seq(nil, func() error { panic("oh") }), nil },
	}
	for name, outcome := range outcomes {
		t.Run(name, func(t *testing.T) {
			app := gateway.SingleThread(gateway.AppFunc(func(*gateway.Environ, gateway.StartResponse) (gateway.Body, error) { return outcome() }))
			for range 2 { // the second would wait for ever
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					defer func() { _ = recover() }() // that it panics is what is tried
					body, err := app.Call(&gateway.Environ{}, nil)
					if err == nil {
						_ = body.Close()
					}
				}()
				await(t, ended, "the turn")
			}
		})
	}
}

func TestSingleThreadLetsAClientLeaveTheQueue(t *testing.T) {
	calls := 0
	app := gateway.SingleThread(gateway.AppFunc(func(env *gateway.Environ, _ gateway.StartResponse) (gateway.Body, error) {
		calls++
		return gateway.String("x"), nil
	}))
	first, err := app.Call(&gateway.Environ{}, nil)
	require.NoError(t, err)

	ctx, leave := context.WithCancel(context.Background())
	leave()
	_, err = app.Call((&gateway.Environ{}).WithContext(ctx), nil)
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 1, calls)
	require.NoError(t, first.Close())
}

func TestSingleThreadKeepsWhatABodyIs(t *testing.T) {
	app := gateway.SingleThread(answer(func() gateway.Body { return gateway.String("four") }))
	res, body, err := serve(t, app).get(t, "/")
	require.NoError(t, err)
	assert.Equal(t, "four", body)
	assert.EqualValues(t, 4, res.ContentLength, "the length of a body in memory is known")
}
