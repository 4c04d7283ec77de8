package gatewaytest_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/gateway/gatewaytest"
)

func TestSoundMiddlewarePasses(t *testing.T) {
	for name, mw := range map[string]gateway.Middleware{
		"none at all":              func(app gateway.App) gateway.App { return app },
		"that goes by net/http":    gatewaytest.NetHTTP(func(next http.Handler) http.Handler { return next }),
		"that maps each chunk":     changing(func(body gateway.Body) gateway.Body { return mapping(body, func(p []byte) []byte { return p }) }),
		"that answers for failure": answersFor("500 Internal Server Error"),
	} {
		t.Run(name, func(t *testing.T) { gatewaytest.TestMiddleware(t, gatewaytest.Middleware{Wrap: mw}) })
	}
}

// calling is a middleware as a function.
func calling(f func(app gateway.App, env environment, start starter) (gateway.Body, error)) gateway.Middleware {
	return func(app gateway.App) gateway.App {
		return gateway.AppFunc(func(env environment, start starter) (gateway.Body, error) { return f(app, env, start) })
	}
}

// changing is one that has another body.
func changing(f func(body gateway.Body) gateway.Body) gateway.Middleware {
	return calling(func(app gateway.App, env environment, start starter) (gateway.Body, error) {
		body, err := app.Call(env, start)
		if err != nil {
			return nil, err
		}
		return f(body), nil
	})
}

// mapping changes each chunk.
func mapping(body gateway.Body, change func(p []byte) []byte) gateway.Body {
	return gateway.Seq2(func(yield func([]byte, error) bool) {
		for p, err := range body.Chunks() {
			if err == nil {
				p = change(p)
			}
			if !yield(p, err) {
				return
			}
		}
	}, body.Close)
}

// closedIf passes Close on only then.
func closedIf(when func(begun, ended bool) bool) gateway.Middleware {
	return changing(func(body gateway.Body) gateway.Body {
		begun, ended := false, false
		return gateway.Seq2(func(yield func([]byte, error) bool) {
			begun = true
			for p, err := range body.Chunks() {
				if !yield(p, err) || err != nil {
					return
				}
			}
			ended = true
		}, func() error {
			if when(begun, ended) {
				return body.Close()
			}
			return nil
		})
	})
}

// answersFor answers for an app that fails.
func answersFor(status string) gateway.Middleware {
	return calling(func(app gateway.App, env environment, start starter) (gateway.Body, error) {
		body, err := app.Call(env, start)
		if err == nil {
			return body, nil
		}
		_, err = start(status, text, err)
		return gateway.String("a page for it"), err
	})
}

// gathered takes all chunks of a body.
func gathered(body gateway.Body) (all []byte, err error) {
	for p, err := range body.Chunks() {
		if err != nil {
			return nil, err
		}
		all = append(all, p...)
	}
	return all, nil
}

// startingWith is one that changes the header list.
func startingWith(change func(h headers) headers) gateway.Middleware {
	return calling(func(app gateway.App, env environment, start starter) (gateway.Body, error) {
		return app.Call(env, func(status string, h headers, exc error) (gateway.Write, error) {
			return start(status, change(h.Clone()), exc)
		})
	})
}

// middlewareMutants are middleware with one fault each.
var middlewareMutants = []struct {
	check, fault string
	wrap         gateway.Middleware
}{
	{"M1", "adds a field of the connection", startingWith(func(h headers) headers { return append(h, [2]string{"Connection", "close"}) })},
	{"M2", "waits for all chunks", changing(func(body gateway.Body) gateway.Body {
		return gateway.Seq2(func(yield func([]byte, error) bool) { yield(gathered(body)) }, body.Close)
	})},
	{"M3", "takes all chunks before it returns", changing(func(body gateway.Body) gateway.Body {
		all, err := gathered(body)
		return gateway.Seq2(func(yield func([]byte, error) bool) { yield(all, err) }, body.Close)
	})},
	{"M4", "writes what was yielded", calling(func(app gateway.App, env environment, start starter) (gateway.Body, error) {
		var write gateway.Write
		body, err := app.Call(env, func(status string, h headers, exc error) (_ gateway.Write, err error) {
			write, err = start(status, h, exc)
			return write, err
		})
		if err != nil {
			return nil, err
		}
		return mapping(body, func(p []byte) []byte {
			if write != nil {
				_ = write(p)
			}
			return nil
		}), nil
	})},
	{"M5/normal", "closes nothing", closedIf(func(bool, bool) bool { return false })},
	{"M5/early", "closes what has come to its end", closedIf(func(_, ended bool) bool { return ended })},
	{"M5/unused", "closes what has begun", closedIf(func(begun, _ bool) bool { return begun })},
	{"M6", "says everything twice, and the length once", changing(func(body gateway.Body) gateway.Body {
		return mapping(body, func(p []byte) []byte { return append(p, p...) })
	})},
	{"M7", "cuts the path", calling(func(app gateway.App, env environment, start starter) (gateway.Body, error) {
		below := env.Clone()
		if path := env.Value("PATH_INFO"); len(path) > 1 {
			below.Set("PATH_INFO", path[1:])
		}
		return app.Call(below, start)
	})},
	{"M8", "reads the form for itself", calling(func(app gateway.App, env environment, start starter) (gateway.Body, error) {
		if _, err := io.ReadAll(env.Input); err != nil {
			return nil, err
		}
		return app.Call(env, start)
	})},
	{"M9", "makes a failure a success", answersFor("200 OK")},
	{"M10/response", "has one cookie for all", startingWith(func(h headers) headers {
		if h.Has("Set-Cookie") {
			h.Set("Set-Cookie", "mine=1")
		}
		return h
	})},
	{"M10/request", "makes itself the peer", calling(func(app gateway.App, env environment, start starter) (gateway.Body, error) {
		inside := env.Clone()
		inside.Set("REMOTE_ADDR", "10.0.0.1")
		return app.Call(inside, start)
	})},
	{"M10/failure", "takes a failure for the end", changing(func(body gateway.Body) gateway.Body {
		return gateway.Seq(func(yield func([]byte) bool) {
			for p, err := range body.Chunks() {
				if err != nil || !yield(p) {
					return
				}
			}
		}, body.Close)
	})},
	{"M10/context", "forgets the client", calling(func(app gateway.App, env environment, start starter) (gateway.Body, error) {
		return app.Call(env.WithContext(context.Background()), start)
	})},
}

func TestEachCheckOfMiddlewareFindsItsFault(t *testing.T) {
	for _, m := range middlewareMutants {
		t.Run(m.check+" "+m.fault, func(t *testing.T) {
			t.Parallel()
			subject := gatewaytest.Middleware{Wrap: m.wrap}
			if m.check == "M10/context" {
				subject.Patience = time.Second // it waits in vain
			}
			finds(t, m.check, gatewaytest.CheckMiddleware(subject, m.check))
		})
	}
}

func TestEachCheckOfMiddlewareHasAMutant(t *testing.T) {
	var ids []string
	for _, m := range middlewareMutants {
		ids = append(ids, m.check)
	}
	assert.Equal(t, checksOf('M'), ids)
}
