package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

func readFull(res *http.Response, p []byte) (int, error) { return io.ReadFull(res.Body, p) }

func Test09EachChunkArrivesBeforeTheNextIsAskedFor(t *testing.T) {
	arrived := make(chan struct{})
	s := serve(t, answer(func() gateway.Body {
		return gateway.Seq(func(yield func([]byte) bool) {
			yield([]byte("one"))
			await(t, arrived, "the first chunk is with the client while the app is blocked")
			yield([]byte("two"))
		})
	}))
	res, err := s.Client().Get(s.URL)
	require.NoError(t, err)
	defer res.Body.Close()
	p := make([]byte, 3)
	_, err = readFull(res, p)
	require.NoError(t, err)
	assert.Equal(t, "one", string(p))
	close(arrived)
	rest, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	assert.Equal(t, "two", string(rest))
}

// flushes counts them.
type flushes struct {
	*httptest.ResponseRecorder
	n int
}

func (f *flushes) Flush() { f.n++ }

func Test09ChunksInMemoryAreNotFlushedApart(t *testing.T) {
	for name, tt := range map[string]struct {
		body gateway.Body
		want int
	}{
		"in memory": {gateway.Bytes([]byte("a"), []byte("b")), 0},
		"streamed":  {streamed("a", "", "b"), 2},
	} {
		t.Run(name, func(t *testing.T) {
			w := &flushes{ResponseRecorder: httptest.NewRecorder()}
			gateway.ToHandler(answer(func() gateway.Body { return tt.body })).ServeHTTP(w, request("GET", "/"))
			assert.Equal(t, "ab", w.Body.String())
			assert.Equal(t, tt.want, w.n)
		})
	}
}

func Test10BodyWithoutBytesHasLengthZero(t *testing.T) {
	for _, tt := range []struct {
		name, method, declared, want string
	}{
		{"the server adds it", "GET", "", "0"},
		{"the app has set it", "GET", "0", "0"},
		{"the app's stays for HEAD", "HEAD", "42", "42"},
		{"none is made up for HEAD", "HEAD", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var fields [][2]string
			if tt.declared != "" {
				fields = append(fields, [2]string{"Content-Length", tt.declared})
			}
			s := serve(t, answer(func() gateway.Body { return streamed("", "") }, fields...))
			res, body, err := s.do(t, tt.method, "/", nil)
			require.NoError(t, err)
			assert.Empty(t, body)
			assert.Equal(t, tt.want, res.Header.Get("Content-Length"))
		})
	}
}

// single is a body of somebody else that knows that it has one chunk.
type single struct{ gateway.Body }

func (single) Len() int { return 1 }

func Test11LengthIsInferred(t *testing.T) {
	for _, tt := range []struct {
		name string
		body gateway.Body
		want string
	}{
		{"a string", gateway.String("abc"), "3"},
		{"chunks in memory", gateway.Bytes([]byte("a"), nil, []byte("bc")), "3"},
		{"chunks in memory with a closer", gateway.OnClose(gateway.Bytes([]byte("ab"), []byte("c"))), "3"},
		{"one chunk, by its own word", single{streamed("abc")}, "3"},
		{"a stream", streamed("abc"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, answer(func() gateway.Body { return tt.body }))
			// A raw look: net/http's client would hide chunked coding.
			reply := raw(t, s.addr(), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
			head, _, _ := strings.Cut(reply, "\r\n\r\n")
			if tt.want == "" {
				assert.NotContains(t, head, "Content-Length")
				return
			}
			assert.Contains(t, head, "Content-Length: "+tt.want)
		})
	}
}

func Test11LengthIsNotInferredAfterWrite(t *testing.T) {
	s := serve(t, gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		write, err := start("200 OK", text(), nil)
		assert.NoError(t, err)
		return gateway.String("def"), write([]byte("abc"))
	}))
	res, body, err := s.get(t, "/")
	require.NoError(t, err)
	assert.Equal(t, "abcdef", body)
	assert.Empty(t, res.Header.Get("Content-Length"))
}

func Test12BodyIsCutOffAtItsLength(t *testing.T) {
	asked := 0
	body := newCounted(func(yield func([]byte, error) bool) {
		for asked < 5 {
			asked++
			if !yield([]byte("abc"), nil) {
				return
			}
		}
	})
	s := serve(t, answer(func() gateway.Body { return body }, [2]string{"Content-Length", "4"}))
	_, got, err := s.get(t, "/")
	require.NoError(t, err)
	assert.Equal(t, "abca", got)
	await(t, body.closedBy, "Close")
	assert.Equal(t, 2, asked, "no chunk is asked for once the length is reached")
	assert.Contains(t, s.log.String(), `level=WARN msg="gateway: the body is longer than its Content-Length; the rest was dropped"`)
}

func Test12WritePastTheLengthIsAnError(t *testing.T) {
	var got error
	s := serve(t, gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		write, err := start("200 OK", gateway.Headers{{"Content-Length", "4"}}, nil)
		assert.NoError(t, err)
		got = write([]byte("abcdef"))
		return nil, nil
	}))
	_, body, err := s.get(t, "/")
	s.Close()
	require.NoError(t, err)
	assert.Equal(t, "abcd", body, "what fits is sent")
	assert.Equal(t, gateway.ErrContentLength, got)
}

func Test12ShortBodyCutsTheConnection(t *testing.T) {
	for name, body := range map[string]func() gateway.Body{
		"chunks": func() gateway.Body { return streamed("abc") },
		"memory": func() gateway.Body { return gateway.String("abc") },
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, answer(body, [2]string{"Content-Length", "10"}))
			_, got, err := s.get(t, "/")
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			assert.Equal(t, "abc", got)
			assert.Contains(t, s.log.String(), "gateway: Content-Length declares 10 bytes, the body had 3")
		})
	}
}

func Test13ResponsesWithoutABodySendNone(t *testing.T) {
	for _, tt := range []struct {
		name, method, status string
		length               bool
		warned               bool
	}{
		{"HEAD keeps the length and is nobody's fault", "HEAD", "200 OK", true, false},
		{"204 has no length", "GET", "204 No Content", false, true},
		{"304 may have one, but net/http leaves it out", "GET", "304 Not Modified", false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			steps := 0
			body := newCounted(func(yield func([]byte, error) bool) {
				for steps < 3 {
					steps++
					if !yield([]byte("abc"), nil) {
						return
					}
				}
			})
			s := serve(t, gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
				_, err := start(tt.status, gateway.Headers{{"Content-Length", "9"}}, nil)
				return body, err
			}))
			reply := raw(t, s.addr(), tt.method+" / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
			head, sent, _ := strings.Cut(reply, "\r\n\r\n")
			assert.Empty(t, sent)
			assert.Equal(t, tt.length, strings.Contains(head, "Content-Length: 9\r\n"))
			await(t, body.closedBy, "Close")
			assert.Equal(t, 1, steps, "the body is not drained")
			assert.Equal(t, tt.warned, strings.Contains(s.log.String(), "level=WARN"))
		})
	}
}

func Test13WriteWithoutABodyToSend(t *testing.T) {
	s := serve(t, gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		write, err := start("204 No Content", nil, nil)
		assert.NoError(t, err)
		assert.NoError(t, write([]byte("a")))
		return nil, write([]byte("b"))
	}))
	res, body, err := s.get(t, "/")
	require.NoError(t, err)
	assert.Equal(t, http.StatusNoContent, res.StatusCode)
	assert.Empty(t, body)
	assert.Equal(t, 1, strings.Count(s.log.String(), "level=WARN"), "one warning a request")
}

func Test14ErrorAfterBytesCutsTheConnection(t *testing.T) {
	for name, end := range map[string]func(yield func([]byte, error) bool){
		"error": func(yield func([]byte, error) bool) { yield(nil, errors.New("lost the row")) },
		"panic": func(func([]byte, error) bool) { panic("lost the row") },
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, answer(func() gateway.Body {
				return gateway.Seq2(func(yield func([]byte, error) bool) {
					yield([]byte("abc"), nil)
					end(yield)
				})
			}))
			reply := raw(t, s.addr(), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
			assert.True(t, strings.HasSuffix(reply, "\r\n3\r\nabc\r\n"), "no last chunk: %q", reply)
			assert.Contains(t, s.log.String(), `level=ERROR msg="gateway: the response was cut off"`)
			assert.Contains(t, s.log.String(), "lost the row")
		})
	}
}

func Test14ErrorBeforeBytesIsA500(t *testing.T) {
	s := serve(t, gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", gateway.Headers{{"Content-Length", "9"}}, nil)
		assert.NoError(t, err)
		return nil, errors.New("no database")
	}))
	res, body, err := s.get(t, "/")
	require.NoError(t, err)
	assert.Equal(t, http.StatusInternalServerError, res.StatusCode)
	assert.Equal(t, "500 Internal Server Error\n", body)
}

// exits are the ways out of a request, each with the body that takes it.
func exits(left context.Context) map[string]struct {
	method string
	steps  step
	fields [][2]string
} {
	type exit = struct {
		method string
		steps  step
		fields [][2]string
	}
	return map[string]exit{
		"normal":         {"GET", chunks("a", "b"), nil},
		"empty":          {"GET", chunks(), nil},
		"error":          {"GET", func(yield func([]byte, error) bool) { yield(nil, errors.New("no")) }, nil},
		"error midway":   {"GET", func(yield func([]byte, error) bool) { _ = yield([]byte("a"), nil) && yield(nil, errors.New("no")) }, nil},
		"panic":          {"GET", func(func([]byte, error) bool) { panic("no") }, nil},
		"panic midway":   {"GET", func(yield func([]byte, error) bool) { yield([]byte("a"), nil); panic("no") }, nil},
		"abort":          {"GET", func(func([]byte, error) bool) { panic(http.ErrAbortHandler) }, nil},
		"HEAD":           {"HEAD", chunks("a", "b"), nil},
		"length reached": {"GET", chunks("a", "b"), [][2]string{{"Content-Length", "1"}}},
		"refused header": {"GET", chunks("a"), [][2]string{{"Bad Name", ""}}},
		"disconnect": {"GET", func(yield func([]byte, error) bool) {
			for yield(make([]byte, 64<<10), nil) && left.Err() == nil {
			}
		}, nil},
	}
}

func Test15CloseIsCalledOnceInEveryOutcome(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for name, exit := range exits(ctx) {
		t.Run(name, func(t *testing.T) {
			body := newCounted(exit.steps)
			app := gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
				_, err := start("200 OK", append(text(), exit.fields...), nil)
				return body, err
			})
			s := serve(t, app)
			conn := dial(t, s.addr())
			_, err := io.WriteString(conn, exit.method+" / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
			require.NoError(t, err)
			if name == "disconnect" {
				_, err = conn.Read(make([]byte, 1))
				require.NoError(t, err)
				require.NoError(t, conn.Close())
			} else {
				_, _ = io.Copy(io.Discard, conn) // a reset is one of the outcomes
			}
			await(t, body.closedBy, "Close")
			s.Close()
			assert.EqualValues(t, 1, body.closed.Load())
		})
	}
}

func Test15ErrorOfCloseIsLoggedAndChangesNothing(t *testing.T) {
	for name, fail := range map[string]func() error{
		"error": func() error { return errors.New("still in use") },
		"panic": func() error { panic("still in use") },
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, answer(func() gateway.Body { return gateway.OnClose(gateway.String("ok"), fail) }))
			res, body, err := s.get(t, "/")
			require.NoError(t, err)
			assert.Equal(t, http.StatusOK, res.StatusCode)
			assert.Equal(t, "ok", body)
			s.Close()
			assert.Contains(t, s.log.String(), `level=ERROR msg="gateway: closing the response body failed"`)
			assert.Contains(t, s.log.String(), "still in use")
		})
	}
}

func Test16ClientThatLeavesStopsTheBody(t *testing.T) {
	deferred, done := make(chan struct{}), make(chan struct{})
	s := serve(t, gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", text(), nil)
		return gateway.Seq(func(yield func([]byte) bool) {
			defer close(deferred)
			for yield(make([]byte, 64<<10)) {
			}
			await(t, env.Context().Done(), "the context ends with the client")
		}, func() error { close(done); return nil }), err
	}))
	conn := dial(t, s.addr())
	_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	_, err = conn.Read(make([]byte, 1))
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	await(t, deferred, "the generator's defers")
	await(t, done, "Close")
	s.Close()
	assert.Contains(t, s.log.String(), `level=DEBUG msg="gateway: the client left"`)
	assert.NotContains(t, s.log.String(), "level=ERROR")
}

func Test17AccessLineComesAfterClose(t *testing.T) {
	access := &records{}
	app := answer(func() gateway.Body {
		return gateway.OnClose(gateway.String("hello"), func() error {
			_, err := io.WriteString(access, "closed\n")
			return err
		})
	})
	s := serve(t, app, gateway.AccessLog(access))
	_, _, err := s.get(t, "/a%0a?b=\"")
	require.NoError(t, err)
	s.Close()
	assert.Regexp(t, `^closed\n127\.0\.0\.1 - - \[\d\d/\w{3}/\d{4} \d\d:\d\d:\d\d\] "GET /a%0a\?b=\\" HTTP/1\.1" 200 5\n$`, access.String())
}

func Test18UnreadInputDoesNotCostTheResponse(t *testing.T) {
	for name, tt := range map[string]struct {
		size   int
		closed bool
	}{
		"little is drained":          {100 << 10, false},
		"much closes the connection": {4 << 20, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, answer(func() gateway.Body { return gateway.String("not interested") }))
			res, body, err := s.do(t, "POST", "/", strings.NewReader(strings.Repeat("x", tt.size)))
			require.NoError(t, err)
			assert.Equal(t, "not interested", body)
			assert.Equal(t, tt.closed, res.Close)
		})
	}
}

func Test19UpgradeDoesNotGoThroughStart(t *testing.T) {
	s := serve(t, gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("101 Switching Protocols", nil, nil)
		assert.Error(t, err)
		_, err = start("200 OK", gateway.Headers{{"Upgrade", "websocket"}}, err)
		var hop *gateway.HopByHopError
		assert.ErrorAs(t, err, &hop)
		assert.ErrorIs(t, err, gateway.ErrHopByHop)
		assert.Equal(t, "Upgrade", hop.Name)
		return nil, err
	}))
	res, _, err := s.get(t, "/")
	require.NoError(t, err)
	assert.Equal(t, http.StatusInternalServerError, res.StatusCode)
}

func Test20EarlyHintsGoAhead(t *testing.T) {
	s := serve(t, gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		assert.Error(t, gateway.EarlyHints(env, gateway.Headers{{"Link", "a\nb"}}))
		assert.NoError(t, gateway.EarlyHints(env, gateway.Headers{{"Link", "</a.css>; rel=preload"}}))
		assert.ErrorIs(t, gateway.EarlyHints(env.Clone(), nil), errors.ErrUnsupported)
		_, err := start("200 OK", text(), nil)
		return gateway.String("x"), err
	}))
	reply := raw(t, s.addr(), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	hints, final, _ := strings.Cut(reply, "\r\n\r\n")
	assert.Equal(t, "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload", hints)
	assert.True(t, strings.HasPrefix(final, "HTTP/1.1 200 OK\r\n"), final)
	assert.NotContains(t, final, "Link:", "the fields of the 103 are not those of the response")

	old := raw(t, s.addr(), "GET / HTTP/1.0\r\n\r\n")
	assert.NotContains(t, old, "103")
}

func Test21AppRunsOnManyGoroutines(t *testing.T) {
	s := serve(t, gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", text(), nil)
		return streamed(env.Value("PATH_INFO"), "?", env.Value("QUERY_STRING")), err
	}))
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			path := fmt.Sprintf("/%d?%d", i, i)
			res, err := s.Client().Get(s.URL + path)
			if !assert.NoError(t, err) {
				return
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			assert.NoError(t, err)
			assert.Equal(t, path, string(body))
		})
	}
	all.Wait()
}

func Test22PanicKeepsItsStackAsReason(t *testing.T) {
	cause := strconv.ErrRange
	var got error
	recovering := gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (body gateway.Body, err error) {
		inner := gateway.FromHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(cause) }))
		_, _, _, got = gateway.RunApp(inner, environ(t, request("GET", "/")))
		_, err = start("500 Oops", text(), got)
		return gateway.String("oops"), err
	})
	s := serve(t, recovering)
	_, body, err := s.get(t, "/")
	s.Close()
	require.NoError(t, err)
	assert.Equal(t, "oops", body)
	var p *gateway.PanicError
	require.ErrorAs(t, got, &p)
	assert.Equal(t, cause, p.Value)
	require.ErrorIs(t, got, cause)
	assert.Contains(t, string(p.Stack), "Test22PanicKeepsItsStackAsReason")
}

func TestInputErrorsAreTheClientsFault(t *testing.T) {
	readAll := gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		if _, err := io.ReadAll(env.Input); err != nil {
			return nil, err
		}
		_, err := start("200 OK", text(), nil)
		return gateway.String("read"), err
	})
	s := serve(t, readAll)
	t.Run("malformed chunk", func(t *testing.T) {
		reply := raw(t, s.addr(), "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
		assert.True(t, strings.HasPrefix(reply, "HTTP/1.1 400 Bad Request\r\n"), reply)
	})
	t.Run("early end", func(t *testing.T) {
		conn := dial(t, s.addr())
		_, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
		require.NoError(t, err)
		require.NoError(t, conn.(interface{ CloseWrite() error }).CloseWrite())
		assert.Equal(t, http.StatusBadRequest, readResponse(t, conn).StatusCode)
	})
	t.Run("limit", func(t *testing.T) {
		w := httptest.NewRecorder()
		r := request("POST", "/", "more than four")
		r.Body = http.MaxBytesReader(w, r.Body, 4)
		gateway.ToHandler(readAll, gateway.Logger(s.log.logger())).ServeHTTP(w, r)
		assert.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
	})
	assert.NotContains(t, s.log.String(), "level=ERROR")
	assert.Equal(t, 3, strings.Count(s.log.String(), `level=INFO msg="gateway: the request could not be read"`))
}

func TestInputCanBeReadWhileTheResponseIsSent(t *testing.T) {
	s := serve(t, gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", text(), nil)
		return gateway.Reader(env.Input, 0), err // echo
	}))
	pr, pw := io.Pipe()
	req, err := http.NewRequest("POST", s.URL, pr)
	require.NoError(t, err)
	go func() { _, _ = io.WriteString(pw, "ping") }() // a failure shows as a missing echo
	res, err := s.Client().Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	p := make([]byte, 4)
	_, err = readFull(res, p)
	require.NoError(t, err)
	assert.Equal(t, "ping", string(p))
	go func() { _, _ = io.WriteString(pw, "pong"); pw.Close() }()
	rest, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	assert.Equal(t, "pong", string(rest))
}
