package main

import "github.com/retort-go/retort/gateway"

// bodyMistakes are those of making a body, and of who ranges over it.
func bodyMistakes() []mistake {
	return []mistake{
		{"B01", "no body at all", answers("200 OK", plain, nil)},
		{"B02", "a server that forgets to close", inServer(forgets)},
		{"B03", "a body that does not know its size", answers("200 OK", plain, missized{gateway.String("Hi")})},
		{"B04", "a server that closes first", inServer(using(closing, ranging))},
		{"B05", "a server that goes over it twice", inServer(using(ranging, ranging, closing))},
		{"B08", "a body before start_response", inApp(late)},
		{"B09", "a 304 with a body", answers("304 Not Modified", nil, gateway.String("the same as ever"))},
		{"B10", "no start_response at all", inApp(func(*gateway.Environ, gateway.StartResponse) (gateway.Body, error) {
			return gateway.Empty(), nil
		})},
		{"B11", "a length that is wrong", answers("200 OK", append(plain.Clone(), [2]string{"Content-Length", "5"}), gateway.String("Hi"))},
		{"B12", "a server that closes twice", inServer(using(ranging, closing, closing))},
		{"B14", "a server that writes into what it got", inServer(using(scribbling, closing))},
		{"B15", "an app that writes into what it gave", impatient},
	}
}

// missized says that it has two chunks.
type missized struct{ gateway.Body }

func (missized) Len() int { return 2 }

// late gives its body away before it has said what it is.
func late(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	return gateway.Seq(func(yield func([]byte) bool) {
		if yield([]byte("Hi")) {
			_, _ = start("200 OK", plain, nil)
		}
	}), nil
}

// impatient is an app that fills its buffer anew while the server still has it.
// Elsewhere a goroutine would do that; here it is done when the chunk has arrived.
func impatient(lint gateway.Middleware) gateway.App {
	buf := []byte("tick")
	app := lint(gateway.AppFunc(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start("200 OK", plain, nil)
		return gateway.Seq(func(yield func([]byte) bool) { yield(buf) }), err
	}))
	return using(func(body gateway.Body) {
		for range body.Chunks() {
			copy(buf, "tock")
		}
	}, closing)(app)
}

// using is a careless server: it does these things with the body of its app, and
// answers something else.
func using(acts ...func(gateway.Body)) gateway.Middleware {
	return func(app gateway.App) gateway.App {
		return gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			body, err := app.Call(env, start)
			if err != nil {
				return nil, err
			}
			for _, act := range acts {
				act(body)
			}
			return gateway.Empty(), nil
		})
	}
}

func closing(body gateway.Body) { _ = body.Close() }

func ranging(body gateway.Body) {
	for range body.Chunks() {
	}
}

func scribbling(body gateway.Body) {
	for p := range body.Chunks() {
		copy(p, "scribble")
	}
}

// forgets asks for the body and leaves it.
func forgets(app gateway.App) gateway.App { return using(ranging)(app) }
