//go:build linux

// Figures measures what needs processes and sockets, and prints one line for
// each competitor:
//
//	go run ./figures echo      processor time of a JSON echo, retort beside gin
//	go run ./figures sse       memory of an idle client of a stream of events
//	go run ./figures upload    memory while 1 GB is uploaded
//
// The servers are processes of their own, which the program starts, asks for
// what they have used, and ends. It reads /proc, so it runs on Linux.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	clients := flag.Int("clients", 10_000, "clients of sse")
	size := flag.Int64("size", 1<<30, "bytes of upload")
	turns := flag.Int("turns", 31, "turns of echo")
	requests := flag.Int("requests", 1000, "requests of a turn of echo")
	flag.Parse()
	if len(os.Args) == 3 && os.Args[1] == "serve" {
		serve(os.Args[2])
		return
	}
	var err error
	switch flag.Arg(0) {
	case "echo":
		err = measureEcho(*turns, *requests)
	case "sse":
		err = measureSSE(*clients)
	case "upload":
		err = measureUpload(*size)
	default:
		err = fmt.Errorf("usage: figures [flags] echo|sse|upload")
	}
	if err != nil {
		log.Fatal(err)
	}
}
