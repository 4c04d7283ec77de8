package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

// runHandler runs net/http code under a gateway that is not net/http.
func runHandler(t testing.TB, method string, h http.HandlerFunc) (string, gateway.Headers, gateway.Body, error) {
	t.Helper()
	return gateway.RunApp(gateway.FromHandler(h), environ(t, request(method, "/")))
}

// noLeak fails if goroutines are left when the test ends.
func noLeak(t testing.TB) {
	t.Helper()
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		for end := time.Now().Add(patience); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				stacks := make([]byte, 64<<10)
				require.FailNow(t, "goroutines are left", string(stacks[:runtime.Stack(stacks, true)]))
			}
		}
	})
}

func TestHandlerRespondsAsUnderNetHTTP(t *testing.T) {
	plain := [2]string{"Content-Type", "text/plain; charset=utf-8"}
	for _, tt := range []struct {
		name, method string
		h            http.HandlerFunc
		status       string
		header       gateway.Headers
		body         string
	}{
		{"nothing written", "GET", func(http.ResponseWriter, *http.Request) {}, "200 OK", gateway.Headers{}, ""},
		{"a text", "GET", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hi") }, "200 OK", gateway.Headers{plain}, "hi"},
		{"markup", "GET", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }, "200 OK", gateway.Headers{{"Content-Type", "text/html; charset=utf-8"}}, "<html>"},
		{"a chosen type", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "a/b")
			io.WriteString(w, "<html>")
		}, "200 OK", gateway.Headers{{"Content-Type", "a/b"}}, "<html>"},
		{"no type at all", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			io.WriteString(w, "<html>")
		}, "200 OK", gateway.Headers{}, "<html>"},
		{"a coded body", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			io.WriteString(w, "<html>")
		}, "200 OK", gateway.Headers{{"Content-Encoding", "gzip"}}, "<html>"},
		{"an error", "GET", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", 404) }, "404 Not Found", gateway.Headers{plain, {"X-Content-Type-Options", "nosniff"}}, "no\n"},
		{"a status of its own", "GET", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(599) }, "599 Unknown", gateway.Headers{}, ""},
		{"the first status counts", "GET", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201); w.WriteHeader(202) }, "201 Created", gateway.Headers{}, ""},
		{"informational statuses are dropped", "GET", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(201) }, "201 Created", gateway.Headers{}, ""},
		{"late headers are dropped", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(201)
			w.Header().Set("X-Late", "1")
		}, "201 Created", gateway.Headers{}, ""},
		{"hop-by-hop fields and trailers are dropped", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "close")
			w.Header().Set("Trailer", "X-Sum")
			w.Header().Set(http.TrailerPrefix+"X-Sum", "1")
		}, "200 OK", gateway.Headers{}, ""},
		{"no body for 204", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(204)
			_, err := io.WriteString(w, "x")
			assert.Equal(t, http.ErrBodyNotAllowed, err)
		}, "204 No Content", gateway.Headers{}, ""},
		{"HEAD has the headers of GET", "HEAD", func(w http.ResponseWriter, _ *http.Request) {
			n, err := io.WriteString(w, strings.Repeat("x", 10_000))
			assert.NoError(t, err)
			assert.Equal(t, 10_000, n)
			w.(http.Flusher).Flush()
		}, "200 OK", gateway.Headers{}, ""},
		{"a body past its length", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "2")
			n, err := io.WriteString(w, "abc")
			assert.Equal(t, http.ErrContentLength, err)
			assert.Equal(t, 2, n)
		}, "200 OK", gateway.Headers{{"Content-Length", "2"}, plain}, "ab"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			noLeak(t)
			status, h, body, err := runHandler(t, tt.method, tt.h)
			require.NoError(t, err)
			assert.Equal(t, tt.status, status)
			assert.Equal(t, tt.header, h)
			assert.Equal(t, tt.body, content(t, body))
		})
	}
}

func TestSmallResponseOfAHandlerIsSized(t *testing.T) {
	_, _, body, err := runHandler(t, "GET", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "a")
		io.WriteString(w, "b")
	})
	require.NoError(t, err)
	sized, ok := body.(gateway.Sized)
	require.True(t, ok)
	assert.Equal(t, 1, sized.Len())
	assert.Equal(t, "ab", content(t, body))
}

func TestLargeResponseOfAHandlerStreams(t *testing.T) {
	noLeak(t)
	large := strings.Repeat("0123456789", 5_000)
	_, _, body, err := runHandler(t, "GET", func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(large); i += 100 {
			io.WriteString(w, large[i:i+100])
		}
		io.WriteString(w, large)
		io.WriteString(w, "end")
	})
	require.NoError(t, err)
	got, err := parts(body)
	require.NoError(t, err)
	assert.Equal(t, large+large+"end", strings.Join(got, ""))
	assert.Less(t, len(got), 20, "small writes are gathered")
	require.NoError(t, body.Close())
}

func TestHandlerWaitsForTheClient(t *testing.T) {
	noLeak(t)
	written := make(chan int, 100)
	_, _, body, err := runHandler(t, "GET", func(w http.ResponseWriter, _ *http.Request) {
		for i := range 10 {
			fmt.Fprint(w, i)
			w.(http.Flusher).Flush()
			written <- i
		}
	})
	require.NoError(t, err)
	want := 0
	for p, err := range body.Chunks() {
		require.NoError(t, err)
		assert.Equal(t, fmt.Sprint(want), string(p))
		assert.Len(t, written, want, "nothing is written ahead")
		want++
		if want < 10 {
			continue
		}
	}
	require.NoError(t, body.Close())
}

func TestFlushAheadOfTheBodySendsTheHeaders(t *testing.T) {
	headers := make(chan struct{})
	s := serve(t, gateway.FromHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted)
		assert.NoError(t, http.NewResponseController(w).Flush())
		<-headers
		io.WriteString(w, "body")
	})))
	res, err := s.Client().Get(s.URL)
	require.NoError(t, err)
	defer res.Body.Close()
	assert.Equal(t, http.StatusAccepted, res.StatusCode)
	close(headers)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	assert.Equal(t, "body", string(body))
}

func TestCloseEndsTheHandler(t *testing.T) {
	for name, ranged := range map[string]bool{"after a chunk": true, "before any": false} {
		t.Run(name, func(t *testing.T) {
			noLeak(t)
			var failed error
			var ended bool
			_, _, body, err := runHandler(t, "GET", func(w http.ResponseWriter, r *http.Request) {
				for failed == nil {
					_, failed = w.Write(make([]byte, 8<<10))
				}
				<-r.Context().Done()
				_, err := io.WriteString(w, strings.Repeat("x", 8<<10))
				assert.Equal(t, gateway.ErrBodyClosed, err)
				ended = true
			})
			require.NoError(t, err)
			if ranged {
				for range body.Chunks() {
					break
				}
			}
			require.NoError(t, body.Close())
			assert.Equal(t, gateway.ErrBodyClosed, failed)
			assert.True(t, ended, "Close has waited for the handler")
			require.NoError(t, body.Close(), "and a second one does nothing")
		})
	}
}

func TestHandlerThatHasSentEverythingIsNotDisturbed(t *testing.T) {
	noLeak(t)
	go1 := make(chan struct{})
	var alive error
	_, _, body, err := runHandler(t, "GET", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "3")
		io.WriteString(w, "abc")
		w.(http.Flusher).Flush()
		<-go1
		alive = r.Context().Err()
	})
	require.NoError(t, err)
	for p, err := range body.Chunks() {
		require.NoError(t, err)
		assert.Equal(t, "abc", string(p))
		break
	}
	time.AfterFunc(20*time.Millisecond, func() { close(go1) })
	require.NoError(t, body.Close())
	assert.NoError(t, alive, "the handler may finish its work")
}

func TestClientThatLeavesEndsTheHandler(t *testing.T) {
	noLeak(t)
	ended := make(chan error, 1)
	s := serve(t, gateway.FromHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		ended <- r.Context().Err()
	})))
	conn := dial(t, s.addr())
	_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	readResponse(t, conn)
	require.NoError(t, conn.Close())
	select {
	case err := <-ended:
		assert.Equal(t, context.Canceled, err)
	case <-time.After(patience):
		require.FailNow(t, "the handler was not told")
	}
	s.Close()
	s.Client().CloseIdleConnections()
}

func TestPanicOfAHandlerComesBack(t *testing.T) {
	for name, before := range map[string]func(w http.ResponseWriter){
		"before the response":  func(http.ResponseWriter) {},
		"while it is gathered": func(w http.ResponseWriter) { io.WriteString(w, "unseen") },
		"after it has begun":   func(w http.ResponseWriter) { io.WriteString(w, "seen"); w.(http.Flusher).Flush() },
	} {
		t.Run(name, func(t *testing.T) {
			noLeak(t)
			_, _, body, err := runHandler(t, "GET", func(w http.ResponseWriter, _ *http.Request) {
				before(w)
				panic("out of tea")
			})
			if name == "after it has begun" {
				require.NoError(t, err)
				var got []string
				got, err = parts(body)
				assert.Equal(t, []string{"seen"}, got)
				require.NoError(t, body.Close(), "the panic was told already")
			}
			var p *gateway.PanicError
			require.ErrorAs(t, err, &p)
			assert.Equal(t, "out of tea", p.Value)
			assert.Contains(t, string(p.Stack), "TestPanicOfAHandlerComesBack")
		})
	}
}

func TestPanicAfterCloseIsTheErrorOfClose(t *testing.T) {
	for value, want := range map[any]string{"too late": "gateway: panic: too late", http.ErrAbortHandler: ""} {
		_, _, body, err := runHandler(t, "GET", func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			panic(value)
		})
		require.NoError(t, err)
		err = body.Close()
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, want)
	}
}

func TestAbortOfAHandlerIsAnAbort(t *testing.T) {
	_, _, _, err := runHandler(t, "GET", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	assert.Equal(t, http.ErrAbortHandler, err)

	s := serve(t, gateway.FromHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })))
	assert.Empty(t, raw(t, s.addr(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
	assert.Empty(t, s.log.String())
}

func TestGoexitOfAHandlerIsAPanic(t *testing.T) {
	_, _, _, err := runHandler(t, "GET", func(http.ResponseWriter, *http.Request) { runtime.Goexit() })
	require.EqualError(t, err, "gateway: panic: the handler called runtime.Goexit")
}

func TestInvalidCodeOfAHandlerPanicsAsInNetHTTP(t *testing.T) {
	_, _, _, err := runHandler(t, "GET", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(0) })
	require.EqualError(t, err, "gateway: panic: invalid WriteHeader code 0")
}

func TestRefusedHeadersEndTheHandler(t *testing.T) {
	noLeak(t)
	for name, flush := range map[string]bool{"running": true, "ended": false} {
		t.Run(name, func(t *testing.T) {
			_, _, _, err := runHandler(t, "GET", func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X", "a\nb")
				if flush {
					w.(http.Flusher).Flush()
					<-r.Context().Done()
				}
			})
			var header *gateway.HeaderError
			require.ErrorAs(t, err, &header)
			assert.Equal(t, "X", header.Name)
		})
	}
}

func TestPanicOfStartEndsTheHandler(t *testing.T) {
	noLeak(t)
	app := gateway.FromHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	start := func(string, gateway.Headers, error) (gateway.Write, error) { panic("middleware") }
	assert.PanicsWithValue(t, "middleware", func() { _, _ = app.Call(environ(t, request("GET", "/")), start) })
}

func TestEnvironThatMakesNoRequestIsAnError(t *testing.T) {
	env := environ(t, request("GET", "/"))
	env.Set("REQUEST_METHOD", "a b")
	_, _, _, err := gateway.RunApp(gateway.FromHandler(http.NotFoundHandler()), env)
	var bad *gateway.RequestError
	require.ErrorAs(t, err, &bad)

	s := serve(t, gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		env.Set("REQUEST_METHOD", "a b")
		return gateway.FromHandler(http.NotFoundHandler()).Call(env, start)
	}))
	res, _, err := s.get(t, "/")
	require.NoError(t, err)
	assert.Equal(t, http.StatusBadRequest, res.StatusCode)
}

func TestGoroutineThatOutlivesItsHandlerCannotWrite(t *testing.T) {
	noLeak(t)
	late := make(chan http.ResponseWriter, 1)
	_, _, body, err := runHandler(t, "GET", func(w http.ResponseWriter, _ *http.Request) { late <- w })
	require.NoError(t, err)
	w := <-late
	_, err = io.WriteString(w, "x")
	assert.Equal(t, gateway.ErrBodyClosed, err)
	assert.Equal(t, gateway.ErrBodyClosed, http.NewResponseController(w).Flush())
	require.NoError(t, body.Close())
}

func TestFlushByATimerIsSafe(t *testing.T) {
	noLeak(t)
	_, _, body, err := runHandler(t, "GET", func(w http.ResponseWriter, _ *http.Request) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 50 {
				w.(http.Flusher).Flush()
			}
		}()
		for range 50 {
			io.WriteString(w, "x")
		}
		<-done
	})
	require.NoError(t, err)
	assert.Equal(t, strings.Repeat("x", 50), content(t, body))
}

func TestControllerReachesTheConnection(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		ctl := http.NewResponseController(w)
		err := errors.Join(ctl.SetReadDeadline(time.Now().Add(patience)), ctl.SetWriteDeadline(time.Now().Add(patience)), ctl.EnableFullDuplex())
		_, _, hijack := ctl.Hijack()
		fmt.Fprint(w, err, " ", errors.Is(hijack, http.ErrNotSupported))
	})
	_, body, err := serve(t, gateway.FromHandler(h)).get(t, "/")
	require.NoError(t, err)
	assert.Equal(t, "<nil> true", body)

	_, _, alone, err := runHandler(t, "GET", h)
	require.NoError(t, err)
	assert.Equal(t, strings.TrimSuffix(strings.Repeat("feature not supported\n", 3), "\n")+" true", content(t, alone))
}

// addsHeader is gateway middleware that does what such middleware does: it
// looks at environ, wraps start_response and the body.
func addsHeader(log *records) gateway.Middleware {
	return func(next gateway.App) gateway.App {
		return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			body, err := next.Call(env, func(status string, h gateway.Headers, exc error) (gateway.Write, error) {
				h.Add("X-Middleware", status)
				return start(status, h, exc)
			})
			if err != nil {
				return nil, err
			}
			return gateway.OnClose(body, func() error {
				_, err := fmt.Fprintln(log, env.Value("REQUEST_METHOD"), env.Value("PATH_INFO"))
				return err
			}), nil
		})
	}
}

func TestHTTPKeepsContextAndHeaders(t *testing.T) {
	log := &records{}
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Both", "inner")
		w.Header().Add("Vary", "Cookie")
		fmt.Fprint(w, r.Context().Value(ctxKey{}), " ", r.PathValue("id"))
	})
	mux := http.NewServeMux()
	mux.Handle("/x/{id}", gateway.HTTP(addsHeader(log))(inner))
	outer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Outer", "outer")
		w.Header().Set("X-Both", "outer")
		w.Header().Set("Vary", "Accept")
		mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), ctxKey{}, "from outside")))
	})
	w := httptest.NewRecorder()
	outer.ServeHTTP(w, request("GET", "/x/7"))
	assert.Equal(t, "from outside 7", w.Body.String())
	assert.Equal(t, http.Header{
		"X-Outer": {"outer"}, "X-Both": {"inner"}, "Vary": {"Accept", "Cookie"}, "X-Middleware": {"200 OK"},
		"Content-Type": {"text/plain; charset=utf-8"}, "Content-Length": {"14"},
	}, w.Header())
	assert.Equal(t, "GET /x/7\n", log.String())
}

func TestHTTPUnderAPrefix(t *testing.T) {
	log := &records{}
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path, " ", r.RequestURI) })
	w := httptest.NewRecorder()
	http.StripPrefix("/app", gateway.HTTP(addsHeader(log))(inner)).ServeHTTP(w, request("GET", "/app/x"))
	assert.Equal(t, "/x /app/x", w.Body.String())
	assert.Equal(t, "GET /x\n", log.String())
}

func TestHTTPStreamsBothWays(t *testing.T) {
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := make([]byte, 4)
		for {
			if _, err := io.ReadFull(r.Body, p); err != nil {
				return
			}
			_, _ = w.Write(p) // a client that left ends the loop by its body
			w.(http.Flusher).Flush()
		}
	})
	srv := serveHandler(t, gateway.HTTP(addsHeader(&records{}))(echo))
	pr, pw := io.Pipe()
	req, err := http.NewRequest("POST", srv.URL, pr)
	require.NoError(t, err)
	go func() { _, _ = io.WriteString(pw, "ping") }() // a failure shows as a missing echo
	res, err := srv.Client().Do(req)
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
