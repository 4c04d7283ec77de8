package tests

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
)

// plain registers a net/http handler as the view for /.
func plain(f func(http.ResponseWriter, *http.Request)) setup {
	return func(app *retort.App, log *logbook) {
		app.Get("/", retort.Endpoint("root"))(func(w http.ResponseWriter, r *http.Request) {
			log.add("view")
			f(w, r)
		})
	}
}

func TestPlainHandlersAreViews(t *testing.T) {
	write := func(parts ...string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) {
			for _, part := range parts {
				_, _ = io.WriteString(w, part)
			}
		}
	}
	answered := beginning("a2 200", "a1 200")
	runLife(t, []lifeCase{
		{name: "one that writes", setup: plain(write("one ", "two")), status: 200, body: "one two", log: answered},
		{name: "one that writes nothing", setup: plain(write()), status: 200, log: answered},
		{name: "one that sets the status", setup: plain(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }),
			status: 404, log: beginning("a2 404", "a1 404")},
		{name: "one that flushes", setup: plain(func(w http.ResponseWriter, r *http.Request) {
			write("one ")(w, r)
			w.(http.Flusher).Flush()
			write("two")(w, r)
		}), status: 200, body: "one two", log: answered},
		{name: "one that panics before the first byte", setup: plain(func(http.ResponseWriter, *http.Request) { panic(errBroken) }),
			status: 500, log: beginning("a2 500", "a1 500"), unhandled: "broken"},
		{name: "one that aborts before the first byte", setup: plain(func(http.ResponseWriter, *http.Request) { retort.Abort(403) }),
			status: 403, log: beginning("a2 403", "a1 403")},
		{name: "one that panics half way", setup: plain(func(w http.ResponseWriter, r *http.Request) {
			write("half")(w, r)
			w.(http.Flusher).Flush()
			panic(errBroken)
		}), cut: true, log: answered, unhandled: "broken"},
		{name: "one that cuts the connection", setup: plain(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }),
			cut: true, log: begin, unhandled: http.ErrAbortHandler.Error()},
		{name: "one with an after_request function that fails", setup: both(plain(write("text")), after(func() { panic(errBroken) })),
			status: 500, log: begin, unhandled: "broken"},
		{name: "one as an answer", setup: view(func(*retort.Context) any { return http.HandlerFunc(write("text")) }),
			status: 200, body: "text", log: answered},
		{name: "one for HEAD", setup: plain(write("text")), method: "HEAD", status: 200, log: answered},
	})
}

func TestAfterRequestRunsBeforeTheFirstByteOfAPlainHandler(t *testing.T) {
	for _, door := range lifeDoors {
		t.Run(door.name, func(t *testing.T) {
			app, log := hookedApp()
			app.AfterRequest(func(c *retort.Context, res *retort.Response) {
				log.add("header")
				res.Header.Set("X-After", "yes")
				res.Header.Del("X-Secret")
				res.Status = 203
			})
			plain(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Secret", "1")
				_, _ = io.WriteString(w, "text")
				log.add("written")
			})(app, log)
			got := door.send(t, app, "GET", "/")
			assert.Equal(t, 203, got.status)
			assert.Equal(t, "yes", got.header.Get("X-After"))
			assert.NotContains(t, got.header, "X-Secret")
			assert.Equal(t, beginning("header", "a2 203", "a1 203", "written", "t2 <nil>", "t1 <nil>", "ta2 <nil>", "ta1 <nil>"), log.all())
		})
	}
}

func TestPlainHandlersSeeTheMatchAndTheContext(t *testing.T) {
	for _, door := range lifeDoors {
		t.Run(door.name, func(t *testing.T) {
			app, _ := hookedApp()
			app.Get("/user/<name>/<int:id>", retort.Endpoint("user"))(func(w http.ResponseWriter, r *http.Request) {
				c := retort.FromContext(r.Context())
				fmt.Fprintf(w, "%s %s %s %s %v", r.PathValue("name"), r.PathValue("id"), r.Pattern, c.Endpoint(), c.ViewArgs())
			})
			got := door.send(t, app, "GET", "/user/b%20c/007")
			assert.Equal(t, "b c 007 /user/<name>/<int:id> user map[id:7 name:b c]", got.body)
		})
	}
}

func TestAnAfterRequestFunctionCanReplaceTheAnswerOfAPlainHandler(t *testing.T) {
	for _, door := range lifeDoors {
		t.Run(door.name, func(t *testing.T) {
			app, _ := hookedApp()
			app.AfterRequest(func(_ *retort.Context, res *retort.Response) { *res = *retort.Reply("another", 202) })
			app.Get("/")(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "text") })
			got := door.send(t, app, "GET", "/")
			assert.Equal(t, 202, got.status)
			assert.Equal(t, "another", got.body)
			assert.Equal(t, "text/html; charset=utf-8", got.header.Get("Content-Type"))
		})
	}
}

func TestAPlainHandlerCanTakeTheConnectionOver(t *testing.T) {
	app, log := hookedApp()
	plain(func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if !assert.NoError(t, err) {
			return
		}
		defer conn.Close()
		_, _ = rw.WriteString("bare words\n")
		_ = rw.Flush()
	})(app, log)
	server := httptest.NewServer(app)
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n")
	require.NoError(t, err)
	line, err := bufio.NewReader(conn).ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "bare words\n", line)
	server.Close()
	assert.Eventually(t, func() bool { return len(log.all()) == len(begin)+4 }, waitTime, tick, "the request did not end")
	assert.Equal(t, beginning("t2 <nil>", "t1 <nil>", "ta2 <nil>", "ta1 <nil>"), log.all())
}

func TestInformationalResponsesPass(t *testing.T) {
	app, log := hookedApp()
	plain(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		log.add("hinted")
		_, _ = io.WriteString(w, "text")
	})(app, log)
	server := httptest.NewServer(app)
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n")
	require.NoError(t, err)
	all, err := io.ReadAll(conn)
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(all), "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\n"), "got %s", all)
	assert.Equal(t, beginning("hinted", "a2 200", "a1 200"), log.all()[:len(begin)+3])
}

// gatewayView registers a gateway application as the view for /.
func gatewayView(body func(log *logbook) (gateway.Body, error)) setup {
	return func(app *retort.App, log *logbook) {
		app.Get("/", retort.Endpoint("root"))(gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			log.add("view")
			if _, err := start("201 Made", gateway.Headers{{"Content-Type", "text/x-gateway"}}, nil); err != nil {
				return nil, err
			}
			return body(log)
		}))
	}
}

func TestGatewayAppsAreViews(t *testing.T) {
	sequence := func(chunks func(yield func(string, error) bool)) func(*logbook) (gateway.Body, error) {
		return func(log *logbook) (gateway.Body, error) {
			return gateway.Seq2(func(yield func([]byte, error) bool) {
				chunks(func(s string, err error) bool { return yield([]byte(s), err) })
			}, func() error { log.add("closed"); return nil }), nil
		}
	}
	two := []string{"one ", "two"}
	sent := beginning("a2 201", "a1 201", "closed")
	runLife(t, []lifeCase{
		{name: "one with a stream", setup: gatewayView(sequence(give(two, stop))), status: 201, body: "one two", log: sent},
		{name: "one with a text", setup: gatewayView(func(*logbook) (gateway.Body, error) { return gateway.String("text"), nil }),
			status: 201, body: "text", log: sent[:len(sent)-1]},
		{name: "one for HEAD", setup: gatewayView(sequence(give(two, stop))), method: "HEAD", status: 201, log: sent},
		{name: "one that fails before its body", setup: gatewayView(func(*logbook) (gateway.Body, error) { return nil, errBroken }),
			status: 500, log: beginning("a2 500", "a1 500"), unhandled: "broken"},
		{name: "one whose body fails before the first byte", setup: gatewayView(sequence(give(nil, breakOff))),
			status: 500, log: sent, unhandled: "broken"},
		{name: "one whose body fails half way", setup: gatewayView(sequence(give(two, breakOff))), cut: true,
			log: sent, unhandled: "broken"},
		{name: "one that panics", setup: gatewayView(func(*logbook) (gateway.Body, error) { panic(errBroken) }),
			status: 500, log: beginning("a2 500", "a1 500"), unhandled: "broken"},
		{name: "one with an after_request function that fails", setup: both(gatewayView(sequence(give(two, stop))), after(func() { panic(errBroken) })),
			status: 500, log: beginning("closed"), unhandled: "broken"},
	})
}

func TestGatewayViewsSeeTheRequest(t *testing.T) {
	for _, door := range lifeDoors {
		t.Run(door.name, func(t *testing.T) {
			app, _ := hookedApp()
			app.Get("/in/<path:rest>", retort.Endpoint("in"))(gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
				_, err := start("200 OK", nil, nil)
				c := retort.FromContext(env.Context())
				return gateway.String(fmt.Sprint(env.Value("PATH_INFO"), " ", env.Value("QUERY_STRING"), " ", c.Endpoint())), err
			}))
			got := door.send(t, app, "GET", "/in/a%20b?q=1")
			assert.Equal(t, "/in/a b q=1 in", got.body)
		})
	}
}
