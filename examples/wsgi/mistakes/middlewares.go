package main

import (
	"errors"

	"github.com/retort-go/retort/gateway"
)

// middlewareMistakes are those of standing in the middle.
func middlewareMistakes() []mistake {
	return []mistake{
		{"E18", "a middleware that cuts the path short", inMiddleware(cutsPath)},
		{"B06", "a middleware that reads everything first", inMiddleware(eager)},
		{"B07", "a middleware that waits for everything", inMiddleware(changing(gathered))},
		{"B13", "a middleware that closes nothing", inMiddleware(careless)},
		{"B16", "a middleware that keeps a failure to itself", around(changing(untroubled), failing)},
		{"B17", "a middleware that does so when it closes", around(quiet, failing)},
	}
}

// cutsPath hands the requests below /shop on, and does not say where that was.
func cutsPath(next gateway.App) gateway.App {
	return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		below := env.Clone()
		below.Set("PATH_INFO", "/cart")
		return next.Call(below, start)
	})
}

// eager takes all chunks before it returns: nothing is streamed any more.
func eager(next gateway.App) gateway.App {
	return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		body, err := next.Call(env, start)
		if err != nil {
			return nil, err
		}
		var all []byte
		for p, err := range body.Chunks() {
			if err != nil {
				return nil, err
			}
			all = append(all, p...)
		}
		return gateway.OnClose(gateway.Bytes(all), body.Close), nil
	})
}

type step = func([]byte, error) bool

// changing is a middleware that makes other chunks of those of its app.
func changing(chunks func(gateway.Body, step)) gateway.Middleware {
	return func(next gateway.App) gateway.App {
		return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			body, err := next.Call(env, start)
			if err != nil {
				return nil, err
			}
			return gateway.Seq2(func(yield func([]byte, error) bool) { chunks(body, yield) }, body.Close), nil
		})
	}
}

// gathered is one chunk of all, when the last one is there.
func gathered(body gateway.Body, yield step) {
	var all []byte
	for p, err := range body.Chunks() {
		if err != nil {
			yield(nil, err)
			return
		}
		all = append(all, p...)
	}
	yield(all, nil)
}

// untroubled ends when its app fails, as if that were the end.
func untroubled(body gateway.Body, yield step) {
	for p, err := range body.Chunks() {
		if err != nil || !yield(p, nil) {
			return
		}
	}
}

// careless forgets that a body holds things that must be released.
func careless(next gateway.App) gateway.App {
	return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		body, err := next.Call(env, start)
		if err != nil {
			return nil, err
		}
		return gateway.Seq2(body.Chunks()), nil
	})
}

// quiet closes, and says that all went well.
func quiet(next gateway.App) gateway.App {
	return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		body, err := next.Call(env, start)
		if err != nil {
			return nil, err
		}
		return gateway.Seq2(body.Chunks(), func() error {
			_ = body.Close()
			return nil
		}), nil
	})
}

// failing is an app whose disk fills up.
func failing(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	_, err := start("200 OK", plain, nil)
	return gateway.Seq2(func(yield func([]byte, error) bool) {
		_ = yield([]byte("the first half"), nil) && yield(nil, errors.New("no more can be read"))
	}, func() error { return errors.New("the lock is gone") }), err
}
