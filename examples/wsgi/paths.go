package main

import "github.com/retort-go/retort/gateway"

// paths looks at PATH_INFO: what every router does in the end. In Python:
//
//	def application(environ, start_response):
//	    path = environ["PATH_INFO"]
//	    if path == "/":
//	        status, body = "200 OK", "The front page"
//	    elif path == "/about":
//	        status, body = "200 OK", "About this site"
//	    else:
//	        status, body = "404 Not Found", "Nothing at " + path
//	    start_response(status, [("Content-Type", "text/plain")])
//	    return [body.encode()]
func paths(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	var status, body string
	switch path := env.Path(); path {
	case "/":
		status, body = "200 OK", "The front page"
	case "/about":
		status, body = "200 OK", "About this site"
	default:
		status, body = "404 Not Found", "Nothing at "+path
	}
	if _, err := start(status, gateway.Headers{{"Content-Type", "text/plain"}}, nil); err != nil {
		return nil, err
	}
	return gateway.String(body + "\n"), nil
}
