// Command server is run by the process tests: two pages behind RunSimple.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/retort-go/retort/serving"
)

// main takes a host and a port.
func main() {
	log.SetFlags(0)
	port, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") })
	// It ends some time after the server was told to stop.
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		wait, err := time.ParseDuration(r.FormValue("wait"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		log.Println("slow has begun")
		<-serving.Draining(r.Context())
		time.Sleep(wait)
		io.WriteString(w, "slow hello")
	})
	err = serving.RunSimple(os.Args[1], port, mux, serving.Options{AppName: "hello", IdleLinger: 50 * time.Millisecond})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("main went on after RunSimple")
}
