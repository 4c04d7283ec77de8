package gateway_test

// The rules of the server loop, one test each, in the order in which a request
// meets them. What has to do with the body is in loop_body_test.go.

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

func Test01EnvironIsFreshForEveryRequest(t *testing.T) {
	app := gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		seen := env.Value("PATH_INFO") + env.Value("LEFT_BEHIND")
		env.Set("LEFT_BEHIND", "yes")
		env.Del("REQUEST_METHOD")
		env.Del("PATH_INFO")
		env.Ext = map[string]any{"test.left": true}
		_, err := start("200 OK", text(), nil)
		return gateway.String(seen), err
	})
	access := &records{}
	s := serve(t, app, gateway.AccessLog(access))
	for _, path := range []string{"/a", "/b"} {
		_, body, err := s.get(t, path)
		require.NoError(t, err)
		assert.Equal(t, path, body)
	}
	s.Close() // after it the log is complete
	assert.Contains(t, access.String(), `"GET /a HTTP/1.1" 200 2`, "the server does not log from what the app left of environ")
}

func Test02PanicIsA500WithItsStackInTheLog(t *testing.T) {
	s := serve(t, gateway.AppFunc(func(*gateway.Environ, gateway.StartResponse) (gateway.Body, error) {
		panic("out of tea")
	}))
	res, body, err := s.get(t, "/")
	require.NoError(t, err)
	assert.Equal(t, http.StatusInternalServerError, res.StatusCode)
	assert.Equal(t, "500 Internal Server Error\n", body)
	assert.Equal(t, "text/plain; charset=utf-8", res.Header.Get("Content-Type"))
	assert.Equal(t, `level=ERROR msg="gateway: the app failed" method=GET target=/ error="gateway: panic: out of tea"`+"\n", s.log.String())
}

func Test02AbortHandlerPanicGoesOn(t *testing.T) {
	app := gateway.AppFunc(func(*gateway.Environ, gateway.StartResponse) (gateway.Body, error) {
		panic(http.ErrAbortHandler)
	})
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() {
		gateway.ToHandler(app).ServeHTTP(httptest.NewRecorder(), request("GET", "/"))
	})
}

func Test03NothingLeavesBeforeTheFirstByteIsKnown(t *testing.T) {
	w := httptest.NewRecorder()
	app := gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("418 Teapot", text(), nil)
		assert.False(t, w.Flushed)
		assert.Empty(t, w.Header(), "start_response only stores")
		return gateway.String("x"), err
	})
	gateway.ToHandler(app).ServeHTTP(w, request("GET", "/"))
	assert.Equal(t, http.StatusTeapot, w.Code)
	assert.Equal(t, "x", w.Body.String())
}

func Test04SecondStartWithoutAReasonIsRefused(t *testing.T) {
	for name, status := range map[string]string{"after one that succeeded": "200 OK", "after one that failed": "OK"} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
				_, _ = start(status, text(), nil) // the second is of interest
				_, err := start("200 OK", text(), nil)
				assert.ErrorIs(t, err, gateway.ErrAlreadyStarted)
				return gateway.String("x"), err
			}))
			res, _, err := s.get(t, "/")
			require.NoError(t, err)
			assert.Equal(t, http.StatusInternalServerError, res.StatusCode)
		})
	}
}

func Test04StartWithAReasonReplacesEverything(t *testing.T) {
	s := serve(t, gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", gateway.Headers{{"Set-Cookie", "a=1"}, {"Content-Length", "3"}}, nil)
		assert.NoError(t, err)
		_, err = start("503 Busy", text(), errors.New("no database"))
		return gateway.String("busy"), err
	}))
	res, body, err := s.get(t, "/")
	require.NoError(t, err)
	assert.Equal(t, http.StatusServiceUnavailable, res.StatusCode)
	assert.Equal(t, "busy", body)
	assert.Empty(t, res.Header.Values("Set-Cookie"))
}

func Test04StartWithAReasonAfterTheHeadersIsARestartError(t *testing.T) {
	broken := errors.New("row 7 is broken")
	var got error
	s := serve(t, gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", text(), nil)
		return gateway.Seq2(func(yield func([]byte, error) bool) {
			yield([]byte("row 6"), nil)
			_, got = start("500 Oops", text(), broken)
			yield(nil, got)
		}), err
	}))
	_, body, err := s.get(t, "/")
	s.Close()
	require.Error(t, err, "the client sees that the response is not whole")
	assert.Equal(t, "row 6", body)
	var restart *gateway.RestartError
	require.ErrorAs(t, got, &restart)
	assert.Equal(t, broken, restart.Exc)
	require.ErrorIs(t, got, broken)
	require.ErrorIs(t, got, gateway.ErrHeadersSent)
}

func Test04HeadersAreCopied(t *testing.T) {
	s := serve(t, gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		h := gateway.Headers{{"X-Padded", " a\t"}}
		_, err := start("200 OK", h, nil)
		assert.Equal(t, " a\t", h[0][1], "the app's list is the app's")
		h[0][1] = "changed"
		return nil, err
	}))
	res, _, err := s.get(t, "/")
	require.NoError(t, err)
	assert.Equal(t, "a", res.Header.Get("X-Padded"))
}

func Test05WhatCannotBeSentIsAnErrorOfStart(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status string
		header [2]string
		want   string
	}{
		{"status without a reason", "200", [2]string{}, `gateway: status "200": it must be three digits, a space and a reason, such as "200 OK"`},
		{"status that is a word", "OK", [2]string{}, `gateway: status "OK": it must be three digits, a space and a reason, such as "200 OK"`},
		{"status below 100", "099 Low", [2]string{}, `gateway: status "099 Low": codes begin at 100`},
		{"status of four digits", "1000 High", [2]string{}, `gateway: status "1000 High": it must be three digits, a space and a reason, such as "200 OK"`},
		{"interim status", "103 Early Hints", [2]string{}, `gateway: status "103 Early Hints": a 1xx status is an interim one and ends no request; gateway.EarlyHints sends a 103, and an upgrade is not possible through start_response`},
		{"line end in the status", "200 OK\r\nX: y", [2]string{}, `gateway: status "200 OK\r\nX: y": it holds a control character`},
		{"name with a blank", "200 OK", [2]string{"X Y", "z"}, "gateway: header \"X Y\" with value \"z\": the name must be one or more letters, digits or !#$%&'*+-.^_`|~"},
		{"empty name", "200 OK", [2]string{"", "z"}, "gateway: header \"\" with value \"z\": the name must be one or more letters, digits or !#$%&'*+-.^_`|~"},
		{"status as a header", "200 OK", [2]string{"status", "200"}, `gateway: header "status" with value "200": the status goes into the first argument of start_response`},
		{"hop-by-hop header", "200 OK", [2]string{"Connection", "close"}, `gateway: header "Connection" is hop-by-hop: it belongs to the connection, which is the server's; leave it out of the app's headers`},
		{"line end in a value", "200 OK", [2]string{"X", "a\r\nSet-Cookie: b"}, `gateway: header "X" with value "a\r\nSet-Cookie: b": the value holds a control character; escape it or leave it out`},
		{"zero byte in a value", "200 OK", [2]string{"X", "a\x00"}, `gateway: header "X" with value "a\x00": the value holds a control character; escape it or leave it out`},
		{"length in words", "200 OK", [2]string{"Content-Length", "ten"}, `gateway: header "Content-Length" with value "ten": it must be the number of bytes of the body in decimal digits`},
		{"length with a sign", "200 OK", [2]string{"Content-Length", "+1"}, `gateway: header "Content-Length" with value "+1": it must be the number of bytes of the body in decimal digits`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got error
			s := serve(t, gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
				var h gateway.Headers
				if tt.header != [2]string{} || tt.name == "empty name" {
					h.Add(tt.header[0], tt.header[1])
				}
				_, got = start(tt.status, h, nil)
				return gateway.String("the error is dropped"), nil
			}))
			res, body, err := s.get(t, "/")
			s.Close()
			require.NoError(t, err)
			require.EqualError(t, got, tt.want)
			assert.Equal(t, http.StatusInternalServerError, res.StatusCode, "even if the app drops the error")
			assert.Equal(t, "500 Internal Server Error\n", body)
		})
	}
}

func Test05WhatCanBeSentIsTaken(t *testing.T) {
	for _, status := range []string{"200 ", "200 OK", "299 Nobody Else's", "999 \xff"} {
		s := serve(t, gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			_, err := start(status, gateway.Headers{{"X-Tab", "a\tb"}, {"X-Bytes", "\xe4"}, {"!#$%&'*+-.^_`|~", ""}}, nil)
			return nil, err
		}))
		res, _, err := s.get(t, "/")
		require.NoError(t, err)
		assert.Equal(t, status[:3], res.Status[:3])
		assert.Equal(t, "a\tb", res.Header.Get("X-Tab"))
		assert.Equal(t, "\xe4", res.Header.Get("X-Bytes"))
	}
}

func Test06WriteSendsAtOnce(t *testing.T) {
	arrived := make(chan struct{})
	s := serve(t, gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		write, err := start("200 OK", text(), nil)
		assert.NoError(t, err)
		assert.NoError(t, write([]byte("a")))
		await(t, arrived, "the client has the first byte while the app goes on")
		assert.NoError(t, write([]byte("b")))
		return gateway.String("c"), nil
	}))
	res, err := s.Client().Get(s.URL)
	require.NoError(t, err)
	defer res.Body.Close()
	one := make([]byte, 3)
	n, err := res.Body.Read(one)
	require.NoError(t, err)
	assert.Equal(t, "a", string(one[:n]))
	close(arrived)
	n, err = readFull(res, one[:2])
	require.NoError(t, err)
	assert.Equal(t, "bc", string(one[:n]))
}

func Test06EmptyWriteSendsTheHeaders(t *testing.T) {
	w := httptest.NewRecorder()
	app := gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		write, err := start("201 Created", text(), nil)
		require.NoError(t, err)
		require.NoError(t, write(nil))
		assert.True(t, w.Flushed)
		assert.Equal(t, http.StatusCreated, w.Code)
		return nil, nil
	})
	gateway.ToHandler(app).ServeHTTP(w, request("GET", "/"))
}

func Test06WriteWhileTheBodyIsSentIsRefused(t *testing.T) {
	var got, late error
	var write gateway.Write
	s := serve(t, gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (_ gateway.Body, err error) {
		write, err = start("200 OK", text(), nil)
		return gateway.Seq2(func(yield func([]byte, error) bool) {
			got = write([]byte("x"))
			yield([]byte("y"), nil)
		}), err
	}))
	_, body, err := s.get(t, "/")
	s.Close()
	require.NoError(t, err)
	assert.Equal(t, "y", body)
	assert.Equal(t, gateway.ErrIterating, got)
	late = write([]byte("z"))
	assert.Equal(t, gateway.ErrIterating, late)
}

func Test07EmptyChunksSendNothing(t *testing.T) {
	s := serve(t, gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", gateway.Headers{{"Set-Cookie", "a=1"}}, nil)
		return gateway.Seq2(func(yield func([]byte, error) bool) {
			_ = yield(nil, nil) && yield([]byte{}, nil) && yield(nil, errors.New("nothing came of it"))
		}), err
	}))
	res, body, err := s.get(t, "/")
	require.NoError(t, err)
	assert.Equal(t, http.StatusInternalServerError, res.StatusCode)
	assert.Equal(t, "500 Internal Server Error\n", body)
	assert.Empty(t, res.Header.Values("Set-Cookie"), "only the 500 was seen")
}

func Test07BodyWithoutAResponseIsA500(t *testing.T) {
	for name, body := range map[string]gateway.Body{"bytes": gateway.String("x"), "nothing": nil, "chunks": streamed("", "x")} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, gateway.AppFunc(func(*gateway.Environ, gateway.StartResponse) (gateway.Body, error) { return body, nil }))
			res, _, err := s.get(t, "/")
			require.NoError(t, err)
			assert.Equal(t, http.StatusInternalServerError, res.StatusCode)
			assert.Contains(t, s.log.String(), gateway.ErrNotStarted.Error())
		})
	}
}

func Test08HeadersLeaveWithTheFirstByte(t *testing.T) {
	w := httptest.NewRecorder()
	app := gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		return gateway.Seq2(func(yield func([]byte, error) bool) {
			_, err := start("202 Later", text(), nil) // as a generator does: in the first step
			yield(nil, err)
			assert.False(t, w.Flushed)
			yield([]byte("x"), nil)
			assert.True(t, w.Flushed)
		}), nil
	})
	gateway.ToHandler(app).ServeHTTP(w, request("GET", "/"))
	assert.Equal(t, http.StatusAccepted, w.Code)
	assert.Equal(t, "x", w.Body.String())
}
