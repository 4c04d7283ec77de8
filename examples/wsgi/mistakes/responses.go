package main

import (
	"errors"

	"github.com/retort-go/retort/gateway"
)

// responseMistakes are those of calling start_response and write.
func responseMistakes() []mistake {
	return []mistake{
		{"S01", "starting when the response is over", outlives(func(_ *gateway.Environ, start gateway.StartResponse, _ gateway.Write) {
			_, _ = start("500 Internal Server Error", plain, errors.New("too late"))
		})},
		{"S02", "start_response twice", inApp(twice)},
		{"S03", "a status without its code", answers("OK", plain, gateway.Empty())},
		{"S04", "a status without its reason", answers("200", plain, gateway.Empty())},
		{"S05", "a status that HTTP does not have", answers("600 Much", plain, gateway.Empty())},
		{"S06", "a status that ends nothing", answers("103 Early Hints", plain, gateway.Empty())},
		{"S07", "a status with what somebody typed", answers("400 no such user: \r\nSet-Cookie: admin=1", plain, gateway.Empty())},
		{"C01", "an error that is dropped", inApp(dropsError)},
		{"W01", "writing when the response is over", outlives(func(_ *gateway.Environ, _ gateway.StartResponse, write gateway.Write) {
			_ = write([]byte("one more thing"))
		})},
		{"W02", "writing while the body is sent", inApp(writesInBody)},
		{"W03", "a middleware that writes what it should yield", inMiddleware(writesChunks)},
	}
}

// twice changes its mind without a reason.
func twice(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	for _, status := range []string{"200 OK", "404 Not Found"} {
		if _, err := start(status, plain, nil); err != nil {
			return nil, err
		}
	}
	return gateway.String("Hi"), nil
}

// dropsError begins again too late, and takes no notice of being told so.
func dropsError(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	write, err := start("200 OK", plain, nil)
	if err != nil {
		return nil, err
	}
	if err := write([]byte("the first half")); err != nil {
		return nil, err
	}
	_, _ = start("500 Internal Server Error", plain, errors.New("the database is gone"))
	return gateway.Empty(), nil
}

// writesInBody goes two ways at once.
func writesInBody(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	write, err := start("200 OK", plain, nil)
	return gateway.Seq(func(yield func([]byte) bool) {
		if yield([]byte("a chunk")) {
			_ = write([]byte("and a piece"))
		}
	}), err
}

// writesChunks hands the chunks of the app on by the write of the server.
func writesChunks(next gateway.App) gateway.App {
	return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		var write gateway.Write
		body, err := next.Call(env, func(status string, h gateway.Headers, exc error) (_ gateway.Write, err error) {
			write, err = start(status, h, exc)
			return write, err
		})
		if err != nil {
			return nil, err
		}
		return gateway.Seq2(func(yield func([]byte, error) bool) {
			for p, err := range body.Chunks() {
				if err == nil {
					err = write(p)
				}
				if !yield(nil, err) {
					return
				}
			}
		}, body.Close), nil
	})
}
