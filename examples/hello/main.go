// Hello is the program of the README: a view that answers with text and one
// that answers with JSON. It serves on 127.0.0.1:5000 and says so.
//
//	$ go run ./examples/hello
//
//	$ curl http://127.0.0.1:5000/square/7
//	{"n":7,"square":49}
package main

import (
	"log"

	"github.com/retort-go/retort"
)

func newApp() *retort.App {
	app := retort.New("hello")
	app.Get("/")(func() string { return "Hello, WSGI!" })
	app.Get("/square/<int:n>")(func(n int) retort.H { return retort.H{"n": n, "square": n * n} })
	return app
}

func main() {
	if err := newApp().Run(); err != nil {
		log.Fatal(err)
	}
}
