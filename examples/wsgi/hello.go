package main

import "github.com/retort-go/retort/gateway"

// hello is the smallest callable. In Python:
//
//	def application(environ, start_response):
//	    start_response("200 OK", [("Content-Type", "text/plain")])
//	    return [b"Hello, WSGI!\n"]
func hello(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	if _, err := start("200 OK", gateway.Headers{{"Content-Type", "text/plain"}}, nil); err != nil {
		return nil, err
	}
	return gateway.String("Hello, WSGI!\n"), nil
}
