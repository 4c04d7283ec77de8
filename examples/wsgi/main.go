// Wsgi is the gateway by hand, in the programs with which documents about WSGI
// begin: the smallest callable, one with two paths, and a framework class with
// middleware around it. Two more make the mistakes that such documents warn of.
// Each serves on 127.0.0.1:5000; without a name the program asks for one.
//
//	$ go run ./examples/wsgi hello
//	serving hello on http://127.0.0.1:5000
//
//	$ curl http://127.0.0.1:5000/
//	Hello, WSGI!
package main

import (
	"fmt"
	"io"
	"log"
	"os"

	"github.com/retort-go/retort/gateway"
)

// program is one entry of the menu.
type program struct {
	name, about string
	app         gateway.App
}

func programs() []program {
	return []program{
		{"hello", "the smallest callable", gateway.AppFunc(hello)},
		{"paths", "two paths, and 404 for the others", gateway.AppFunc(paths)},
		{"framework", "a class with a wsgi_app, files from static/ in front of it", newFramework()},
		{"silent", "mistake: start_response is not called", gateway.AppFunc(silent)},
		{"twice", "mistake: start_response is called twice", gateway.AppFunc(twice)},
	}
}

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout, "127.0.0.1:5000"); err != nil {
		log.Fatal(err)
	}
}

// run serves the program that the first argument, or else the answer to the
// menu, names.
func run(args []string, in io.Reader, out io.Writer, addr string) error {
	p, err := choose(args, in, out)
	if err != nil {
		return err
	}
	srv, err := gateway.MakeServer(addr, p.app)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "serving %s on http://%s\n", p.name, srv.Addr())
	return srv.ServeForever()
}

func choose(args []string, in io.Reader, out io.Writer) (program, error) {
	var name string
	if len(args) > 0 {
		name = args[0]
	} else {
		for _, p := range programs() {
			fmt.Fprintf(out, "%-10s %s\n", p.name, p.about)
		}
		fmt.Fprint(out, "which one? ")
		if _, err := fmt.Fscan(in, &name); err != nil {
			return program{}, fmt.Errorf("no program chosen: %w", err)
		}
	}
	for _, p := range programs() {
		if p.name == name {
			return p, nil
		}
	}
	return program{}, fmt.Errorf("there is no program %q", name)
}
