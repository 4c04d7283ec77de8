package gateway_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

// sized is the header of an answer of n bytes by answer.
func sized(n string) gateway.Headers {
	return gateway.Headers{{"Content-Type", "text/plain"}, {"Content-Length", n}}
}

func TestWireSendsWhatTheAppGave(t *testing.T) {
	broken := errors.New("broken")
	large := strings.Repeat("0123456789abcdef", 1<<16)
	for _, tt := range []struct {
		name, method string
		app          call
		status       string
		header       gateway.Headers
		body         string
	}{
		{"a text gets its length", "GET", answer(func() gateway.Body { return gateway.String("hi") }).Call, "200 OK", sized("2"), "hi"},
		{"chunks in memory get theirs", "GET", answer(func() gateway.Body { return gateway.Bytes([]byte("a"), []byte("bc")) }).Call, "200 OK", sized("3"), "abc"},
		{"a stream has none", "GET", answer(func() gateway.Body { return streamed("a", "", "b") }).Call, "200 OK", text(), "ab"},
		{"a megabyte", "GET", answer(func() gateway.Body { return gateway.String(large) }).Call, "200 OK", sized("1048576"), large},
		{"nothing", "GET", answer(gateway.Empty).Call, "200 OK", sized("0"), ""},
		{"HEAD has the length alone", "HEAD", answer(func() gateway.Body { return gateway.String("hi") }).Call, "200 OK", sized("2"), ""},
		{"a longer body is cut at its length", "GET", answer(func() gateway.Body { return streamed("hello") }, [2]string{"Content-Length", "4"}).Call, "200 OK", sized("4"), "hell"},
		{"reason and order stay", "GET", func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			_, err := start("299 Rather Good", gateway.Headers{{"x-b", "1"}, {"X-A", "2"}, {"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}, {"Content-Length", "0"}}, nil)
			return nil, err
		}, "299 Rather Good", gateway.Headers{{"x-b", "1"}, {"X-A", "2"}, {"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}, {"Content-Length", "0"}}, ""},
		{"204 has no length", "GET", func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			_, err := start("204 No Content", gateway.Headers{{"X", "1"}, {"Content-Length", "3"}}, nil)
			return gateway.String("not"), err
		}, "204 No Content", gateway.Headers{{"X", "1"}}, ""},
		{"write comes before the body", "GET", func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			write, err := start("200 OK", text(), nil)
			return gateway.String("b"), errors.Join(err, write([]byte("a")))
		}, "200 OK", text(), "ab"},
		{"start_response within the body", "GET", func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			return gateway.Seq(func(yield func([]byte) bool) {
				_, _ = start("200 OK", text(), nil)
				yield([]byte("late"))
			}), nil
		}, "200 OK", text(), "late"},
		{"a response begun again", "GET", func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			_, _ = start("200 OK", gateway.Headers{{"Set-Cookie", "a=1"}}, nil)
			_, err := start("503 Busy", text(), broken)
			return gateway.String("busy"), err
		}, "503 Busy", sized("4"), "busy"},
		{"an error", "GET", func(*gateway.Environ, gateway.StartResponse) (gateway.Body, error) { return nil, broken }, "500 Internal Server Error", failed, "500 Internal Server Error\n"},
		{"a panic", "GET", func(*gateway.Environ, gateway.StartResponse) (gateway.Body, error) { panic("oh") }, "500 Internal Server Error", failed, "500 Internal Server Error\n"},
		{"a header that cannot be", "GET", answer(gateway.Empty, [2]string{"X", "a\r\nY: b"}).Call, "500 Internal Server Error", failed, "500 Internal Server Error\n"},
		{"an error before the first byte", "GET", answer(func() gateway.Body {
			return gateway.Seq2(func(yield func([]byte, error) bool) { _ = yield(nil, nil) && yield(nil, broken) })
		}).Call, "500 Internal Server Error", failed, "500 Internal Server Error\n"},
		{"a handler of net/http", "GET", gateway.FromHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(http.StatusEarlyHints) // no wire has it
			fmt.Fprint(w, r.Method, " ", r.URL, " ", r.Host, " ", r.RemoteAddr)
		})).Call, "200 OK", sized("31"), "GET /a example 192.0.2.7:4711"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
				noLeak(t)
				s := serveWire(t, p, gateway.AppFunc(tt.app))
				got := s.do(t, vars(tt.method, "/a"), "")
				if tt.name == "a handler of net/http" {
					tt.header[1][1] = fmt.Sprint(len(tt.body))
				}
				assert.Equal(t, tt.status, got.status)
				assert.Equal(t, tt.header, got.header)
				assert.True(t, tt.body == got.body, "the body is %.100q", got.body)
			})
		})
	}
}

// failed is the header of a server's own 500.
var failed = gateway.Headers{{"Content-Type", "text/plain; charset=utf-8"}, {"Content-Length", "26"}}

func TestWireSendsAFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	content := strings.Repeat("All work and no play\n", 50000)
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		s := serveWire(t, p, answer(func() gateway.Body {
			f, err := os.Open(name)
			assert.NoError(t, err)
			_, err = f.Seek(4, io.SeekStart)
			assert.NoError(t, err)
			return gateway.File(f)
		}))
		got := s.do(t, vars("GET", "/"), "")
		assert.Equal(t, sized(fmt.Sprint(len(content)-4)), got.header)
		assert.True(t, content[4:] == got.body, "%d bytes", len(got.body))
	})
}

func TestWireBodyOfTheRequest(t *testing.T) {
	echo := gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		all, err := io.ReadAll(env.Input)
		if err != nil {
			return nil, err
		}
		_, err = start("200 OK", text(), nil)
		return gateway.String(string(all)), err
	})
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		noLeak(t)
		s := serveWire(t, p, echo)
		for _, n := range []int{0, 1, 4000, 5000, 70_000, 1 << 20} {
			body := strings.Repeat("x", n)
			got := s.do(t, vars("POST", "/"), body)
			assert.Equal(t, "200 OK", got.status)
			assert.True(t, body == got.body, "%d of %d bytes", len(got.body), n)
		}
	})
}

func TestWireAnswersAppsThatLeaveTheBody(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		noLeak(t)
		s := serveWire(t, p, answer(func() gateway.Body { return gateway.String("no") }))
		got := s.do(t, vars("POST", "/"), strings.Repeat("x", 150_000))
		assert.Equal(t, "no", got.body)
	})
}

func TestWireBodyThatEndsEarlyIsAnError(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		noLeak(t)
		got := make(chan error, 1)
		s := serveWire(t, p, gateway.AppFunc(func(env *gateway.Environ, _ gateway.StartResponse) (gateway.Body, error) {
			_, err := io.ReadAll(env.Input)
			got <- err
			return nil, err
		}))
		request := encodeDeclaring(p, vars("POST", "/"), "four", 5)
		if p == gateway.FastCGI {
			request = encodeFastCGI(1, false, vars("POST", "/", variable{"CONTENT_LENGTH", "5"}), "four")
		}
		conn := s.dial(t)
		_, err := conn.Write(request)
		require.NoError(t, err)
		require.NoError(t, conn.(interface{ CloseWrite() error }).CloseWrite())
		r, err := readReply(p, conn)
		require.NoError(t, err)
		assert.Equal(t, "400 Bad Request", r.status)
		var input *gateway.InputError
		err = <-got
		require.ErrorAs(t, err, &input)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	})
}

func TestWireChunkArrivesBeforeTheNextIsAskedFor(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		arrived := make(chan struct{})
		s := serveWire(t, p, answer(func() gateway.Body {
			return gateway.Seq(func(yield func([]byte) bool) {
				yield([]byte("one"))
				await(t, arrived, "the first chunk is with the client while the app is blocked")
				yield([]byte("two"))
			})
		}))
		conn := s.dial(t)
		_, err := conn.Write(encode(p, vars("GET", "/"), ""))
		require.NoError(t, err)
		in := bufio.NewReader(responseOf(p, conn))
		_, _, err = readHead(in)
		require.NoError(t, err)
		first := make([]byte, 3)
		_, err = io.ReadFull(in, first)
		require.NoError(t, err)
		assert.Equal(t, "one", string(first))
		close(arrived)
		rest, err := io.ReadAll(in)
		require.NoError(t, err)
		assert.Equal(t, "two", string(rest))
	})
}

// TestWireCutsAResponseThatFailed: whoever reads a response that is not whole can
// tell, whatever the socket is and whether or not there is a Content-Length.
func TestWireCutsAResponseThatFailed(t *testing.T) {
	broken := errors.New("broken")
	type cut struct {
		fields [][2]string
		fail   step
	}
	sized := [][2]string{{"Content-Length", "8"}}
	for name, tt := range map[string]cut{
		"an error":                {sized, func(yield func([]byte, error) bool) { yield(nil, broken) }},
		"an error, of any length": {nil, func(yield func([]byte, error) bool) { yield(nil, broken) }},
		"a panic":                 {sized, func(func([]byte, error) bool) { panic("oh") }},
		"a panic, of any length":  {nil, func(func([]byte, error) bool) { panic("oh") }},
		"an abort":                {sized, func(func([]byte, error) bool) { panic(http.ErrAbortHandler) }},
		"an abort, of any length": {nil, func(func([]byte, error) bool) { panic(http.ErrAbortHandler) }},
		"too short":               {sized, func(func([]byte, error) bool) {}},
		"goexit":                  {sized, func(func([]byte, error) bool) { runtime.Goexit() }},
		"goexit, of any length":   {nil, func(func([]byte, error) bool) { runtime.Goexit() }},
	} {
		t.Run(name, func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, p gateway.WireProtocol, l net.Listener) {
				noLeak(t)
				body := newCounted(func(yield func([]byte, error) bool) {
					if yield([]byte("half"), nil) {
						tt.fail(yield)
					}
				})
				s := serveWireOn(t, l, p, answer(func() gateway.Body { return body }, tt.fields...))
				got, err := s.try(t, vars("GET", "/"), "")
				assert.Contains(t, []string{"", "half"}, got.body) // a reset may be faster
				if tt.fields == nil || p == gateway.FastCGI {
					require.Error(t, err, "the client cannot tell")
				}
				await(t, body.closedBy, "Close")
				assert.EqualValues(t, 1, body.closed.Load())
				assert.Equal(t, "200 OK", s.do(t, vars("HEAD", "/"), "").status, "the server goes on")
			})
		})
	}
}

// TestWireCutsAResponseAfterReadingTheBody: what the app has read of the request
// makes no difference.
func TestWireCutsAResponseAfterReadingTheBody(t *testing.T) {
	for _, read := range []int64{0, 1, 5000, 5001, 50_000} {
		t.Run(fmt.Sprint(read, " bytes read"), func(t *testing.T) {
			onEachSocket(t, func(t *testing.T, p gateway.WireProtocol, l net.Listener) {
				noLeak(t)
				s := serveWireOn(t, l, p, gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
					_, err := io.CopyN(io.Discard, env.Input, read)
					assert.NoError(t, err)
					_, err = start("200 OK", text(), nil)
					return gateway.Seq2(func(yield func([]byte, error) bool) {
						_ = yield([]byte("half"), nil) && yield(nil, errors.New("broken"))
					}), err
				}))
				_, err := s.try(t, vars("POST", "/"), strings.Repeat("x", 50_000))
				require.Error(t, err, "the client cannot tell")
			})
		})
	}
}

func TestWireClientThatLeavesEndsTheContext(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		noLeak(t)
		began := make(chan struct{})
		var body *counted
		s := serveWire(t, p, gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			_, err := start("200 OK", text(), nil)
			body = newCounted(func(yield func([]byte, error) bool) {
				yield([]byte("first"), nil)
				close(began)
				await(t, env.Context().Done(), "the end of the context")
				yield(nil, env.Context().Err())
			})
			return body, err
		}))
		conn := s.dial(t)
		_, err := conn.Write(encode(p, vars("POST", "/"), "body"))
		require.NoError(t, err)
		await(t, began, "the request")
		require.NoError(t, conn.Close())
		await(t, body.closedBy, "Close")
		assert.EqualValues(t, 1, body.closed.Load())
		assert.NotContains(t, s.log.String(), "level=ERROR")
	})
}

func TestWireStopsIteratingWhenNobodyListens(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		noLeak(t)
		body := newCounted(func(yield func([]byte, error) bool) {
			for yield(make([]byte, 64<<10), nil) {
			}
		})
		s := serveWire(t, p, answer(func() gateway.Body { return body }))
		conn := s.dial(t)
		_, err := conn.Write(encode(p, vars("GET", "/"), ""))
		require.NoError(t, err)
		_, err = io.CopyN(io.Discard, conn, 1<<20)
		require.NoError(t, err)
		require.NoError(t, conn.Close())
		await(t, body.closedBy, "Close")
		assert.EqualValues(t, 1, body.closed.Load())
	})
}

func TestWireHasNoEarlyHints(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		s := serveWire(t, p, gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			assert.ErrorIs(t, gateway.EarlyHints(env, gateway.Headers{{"Link", "</a>"}}), errors.ErrUnsupported)
			_, err := start("200 OK", text(), nil)
			return nil, err
		}))
		assert.Equal(t, "200 OK", s.do(t, vars("GET", "/"), "").status)
	})
}

func TestWireWritesAccessLines(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		access := &records{}
		s := serveWire(t, p, gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			env.Del("REQUEST_URI")
			env.Set("REMOTE_ADDR", "forged")
			_, err := start("201 Made", text(), nil)
			return gateway.String("hello"), err
		}), gateway.AccessLog(access))
		s.do(t, vars("PUT", "/%C3%A4?q=1"), "")
		require.NoError(t, s.srv.Shutdown(t.Context()))
		assert.Regexp(t, `^192\.0\.2\.7 - - \[.*\] "PUT /ä\?q=1 HTTP/1\.1" 201 5\n$`, access.String())
	})
}

func TestWireServesManyAtATime(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		noLeak(t)
		const n = 100
		var gate sync.WaitGroup // everybody is there before anybody is answered
		gate.Add(n)
		s := serveWire(t, p, gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			gate.Done()
			gate.Wait()
			all, err := io.ReadAll(env.Input)
			if err != nil {
				return nil, err
			}
			_, err = start("200 OK", text(), nil)
			return gateway.String(env.Value("PATH_INFO") + string(all)), err
		}))
		var clients sync.WaitGroup
		for i := range n {
			clients.Go(func() {
				r, err := s.try(t, vars("POST", fmt.Sprintf("/%d", i)), fmt.Sprint(" body ", i))
				assert.NoError(t, err)
				assert.Equal(t, fmt.Sprintf("/%d body %d", i, i), r.body)
			})
		}
		clients.Wait()
	})
}

func TestWireClosesTheBodyOnce(t *testing.T) {
	for _, tt := range []struct {
		name, method string
		fields       [][2]string
	}{
		{"at its end", "GET", nil},
		{"for HEAD", "HEAD", nil},
		{"at the declared length", "GET", [][2]string{{"Content-Length", "1"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
				body := newCounted(chunks("a", "b"))
				s := serveWire(t, p, answer(func() gateway.Body { return body }, tt.fields...))
				s.do(t, vars(tt.method, "/"), "")
				require.NoError(t, s.srv.Shutdown(t.Context()))
				assert.EqualValues(t, 1, body.closed.Load())
			})
		})
	}
}

func TestWireServerSurvivesWhatTheAppDoesToItsEnviron(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		s := serveWire(t, p, gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			var names []string
			for name := range env.All() {
				names = append(names, name)
			}
			for _, name := range names {
				env.Del(name)
			}
			env.Input, env.Errors, env.Ext = nil, nil, nil
			_, err := start("200 OK", text(), nil)
			return gateway.String("fine"), err
		}))
		for range 2 {
			assert.Equal(t, "fine", s.do(t, vars("POST", "/"), "body").body)
		}
	})
}
