package gateway_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

func run(t testing.TB, f call) (string, gateway.Headers, gateway.Body, error) {
	t.Helper()
	return gateway.RunApp(gateway.AppFunc(f), environ(t, request("GET", "/")))
}

func TestRunAppGivesTheResponse(t *testing.T) {
	own := gateway.String("own")
	for _, tt := range []struct {
		name string
		app  call
		want string
	}{
		{"of an app that starts first", func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			_, err := start("200 OK", text(), nil)
			return own, err
		}, "own"},
		{"of an app that starts in its first step", func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			return gateway.Seq2(func(yield func([]byte, error) bool) {
				_, err := start("200 OK", text(), nil)
				_ = yield([]byte("a"), err) && yield([]byte("b"), nil)
			}), nil
		}, "ab"},
		{"of an app that first yields nothing", func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			return gateway.Seq2(func(yield func([]byte, error) bool) {
				yield(nil, nil)
				_, err := start("200 OK", text(), nil)
				_ = yield(nil, err) && yield([]byte("late"), nil)
			}), nil
		}, "late"},
		{"of an app that starts and ends", func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			return gateway.Seq2(func(func([]byte, error) bool) { _, _ = start("200 OK", text(), nil) }), nil
		}, ""},
		{"of an app that writes", func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			write, err := start("200 OK", text(), nil)
			require.NoError(t, err)
			p := []byte("written ")
			require.NoError(t, write(p))
			copy(p, "reused!!")
			return streamed("and ", "yielded"), nil
		}, "written and yielded"},
		{"of an app that begins again", func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			_, _ = start("bad", nil, nil) // replaced below
			_, err := start("200 OK", text(), errors.New("a better one"))
			return nil, err
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, h, body, err := run(t, tt.app)
			require.NoError(t, err)
			assert.Equal(t, "200 OK", status)
			assert.Equal(t, text(), h)
			assert.Equal(t, tt.want, content(t, body))
		})
	}
}

func TestRunAppGivesTheAppsOwnBodyIfItCan(t *testing.T) {
	_, _, body, err := gateway.RunApp(answer(func() gateway.Body { return gateway.String("x") }), environ(t, request("GET", "/")))
	require.NoError(t, err)
	_, sized := body.(gateway.Sized)
	assert.True(t, sized)
}

func TestRunAppClosesWhatItCannotGive(t *testing.T) {
	broken := errors.New("broken")
	for _, tt := range []struct {
		name  string
		steps step
		err   error // of the app itself
		want  error
	}{
		{"an app that never starts", chunks("", ""), nil, gateway.ErrNotStarted},
		{"an app that sends before it starts", chunks("", "x", "y"), nil, gateway.ErrNotStarted},
		{"an app that fails in its body", func(yield func([]byte, error) bool) { yield(nil, broken) }, nil, broken},
		{"an app that fails with a body", chunks("x"), broken, broken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newCounted(tt.steps)
			_, _, body, err := run(t, func(*gateway.Environ, gateway.StartResponse) (gateway.Body, error) { return b, tt.err })
			assert.Nil(t, body)
			require.ErrorIs(t, err, tt.want)
			assert.EqualValues(t, 1, b.closed.Load())
		})
	}
}

func TestRunAppReportsARefusedResponse(t *testing.T) {
	_, _, _, err := run(t, func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, _ = start("200", nil, nil) // the error is dropped, as careless apps do
		return gateway.String("x"), nil
	})
	var status *gateway.StatusError
	require.ErrorAs(t, err, &status)
	assert.Equal(t, "200", status.Status)
}

func TestRunAppLetsPanicsThrough(t *testing.T) {
	b := newCounted(func(func([]byte, error) bool) { panic("in the body") })
	assert.PanicsWithValue(t, "in the body", func() {
		_, _, _, _ = run(t, func(*gateway.Environ, gateway.StartResponse) (gateway.Body, error) { return b, nil })
	})
	assert.EqualValues(t, 1, b.closed.Load())
	assert.PanicsWithValue(t, "in the call", func() {
		_, _, _, _ = run(t, func(*gateway.Environ, gateway.StartResponse) (gateway.Body, error) { panic("in the call") })
	})
}

func TestAfterRunAppTheHeadersCountAsSent(t *testing.T) {
	var write gateway.Write
	reason := errors.New("too late")
	_, _, body, err := run(t, func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		var err error
		write, err = start("200 OK", nil, nil)
		return gateway.Seq2(func(yield func([]byte, error) bool) {
			_, err := start("500 Oops", nil, reason)
			yield(nil, err)
		}), err
	})
	require.NoError(t, err)
	_, err = parts(body)
	require.ErrorIs(t, err, gateway.ErrHeadersSent)
	require.ErrorIs(t, err, reason)
	assert.Equal(t, gateway.ErrIterating, write(nil))
	require.NoError(t, body.Close())
}

func TestRunAppStopsABodyThatItHasBegun(t *testing.T) {
	for name, read := range map[string]bool{"after a chunk": true, "without a look at it": false} {
		t.Run(name, func(t *testing.T) {
			stopped := false
			b := newCounted(nil)
			_, _, body, err := run(t, func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
				b.steps = func(yield func([]byte, error) bool) {
					defer func() { stopped = true }()
					_, err := start("200 OK", nil, nil)
					_ = yield([]byte("a"), err) && yield([]byte("b"), nil) && yield([]byte("c"), nil)
				}
				return b, nil
			})
			require.NoError(t, err)
			if read {
				for range body.Chunks() {
					break
				}
			}
			require.NoError(t, body.Close())
			assert.True(t, stopped, "the generator's defers ran")
			assert.EqualValues(t, 1, b.closed.Load())
		})
	}
}

func TestWhatIsWrittenUnderRunAppCannotBeReplaced(t *testing.T) {
	broken := errors.New("broken")
	var again error
	_, _, _, err := run(t, func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		write, err := start("200 OK", text(), nil)
		require.NoError(t, err)
		require.NoError(t, write([]byte("half of")))
		_, again = start("500 Sorry", text(), broken)
		return nil, again
	})
	assert.ErrorIs(t, again, gateway.ErrHeadersSent)
	assert.ErrorIs(t, err, broken)
}

func TestWritingUnderRunAppEndsAtTheLength(t *testing.T) {
	var over error
	_, _, body, err := run(t, func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		write, err := start("200 OK", append(text(), [2]string{"Content-Length", "5"}), nil)
		require.NoError(t, err)
		require.NoError(t, write([]byte("abc")))
		over = write([]byte("def"))
		return gateway.Empty(), nil
	})
	require.NoError(t, err)
	assert.Equal(t, gateway.ErrContentLength, over)
	assert.Equal(t, "abcde", content(t, body))
}
