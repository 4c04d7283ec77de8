package main

import "github.com/retort-go/retort/gateway"

// silent returns a body and never says what it is. The client gets a 500, the
// log says what is missing.
func silent(*gateway.Environ, gateway.StartResponse) (gateway.Body, error) {
	return gateway.String("Hello, WSGI!\n"), nil
}

// twice changes its mind without a reason. The second call is refused; with an
// error as its third argument, and before the first byte, it would have been
// taken.
func twice(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	if _, err := start("200 OK", gateway.Headers{{"Content-Type", "text/plain"}}, nil); err != nil {
		return nil, err
	}
	if _, err := start("404 Not Found", gateway.Headers{{"Content-Type", "text/plain"}}, nil); err != nil {
		return nil, err
	}
	return gateway.String("Hello, WSGI!\n"), nil
}

// The third mistake, text where bytes belong, is none that a Go program can
// make: testdata/text.go.txt does not compile.
