package serving_test

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/retort-go/retort/serving"
)

func ExampleRunSimple() {
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") })
	err := serving.RunSimple("127.0.0.1", 5000, hello, serving.Options{
		AppName: "hello",
		OnReady: func(addr net.Addr) { log.Print("ready at ", addr) },
	})
	if err != nil {
		log.Fatal(err)
	}
}

// A stream of events goes on until its client leaves or the server stops.
func ExampleDraining() {
	http.HandleFunc("/events", func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		w.Header().Set("Content-Type", "text/event-stream")
		for now := range time.Tick(time.Second) {
			fmt.Fprintf(w, "data: %s\n\n", now)
			rc.Flush()
			select {
			case <-serving.Draining(r.Context()):
				return
			case <-r.Context().Done():
				return
			default:
			}
		}
	})
}
