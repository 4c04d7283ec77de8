//go:build linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/retort-go/retort"
)

// eventApp has a stream of events on which nothing happens.
func eventApp() http.Handler {
	app := retort.New("events")
	app.Get("/")(func(c *retort.Context) *retort.Response {
		return c.SSE(func(s *retort.EventStream) error {
			<-s.Context().Done()
			return nil
		})
	})
	return app
}

// blocked does what is least: it sends the header and waits for the client to
// leave.
func blocked(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

// measureSSE connects clients to the one and then to the other, twice.
func measureSSE(clients int) error {
	best := map[string]usage{}
	for _, kind := range []string{"bare", "sse", "bare", "sse"} {
		each, err := idle(kind, clients)
		if err != nil {
			return err
		}
		fmt.Printf("%-5s %6.2f KB resident, %6.2f KB in use by Go, of which stacks %5.2f KB, a client\n",
			kind, kilo(each.Resident), kilo(int64(each.Inuse)), kilo(int64(each.Stacks)))
		if seen, ok := best[kind]; !ok || each.Resident < seen.Resident {
			best[kind] = each
		}
	}
	bare, sse := best["bare"], best["sse"]
	fmt.Printf("sse over bare: %.2f KB resident, %.2f KB in use by Go, a client (%d clients)\n",
		kilo(sse.Resident-bare.Resident), kilo(int64(sse.Inuse)-int64(bare.Inuse)), clients)
	return nil
}

func kilo(n int64) float64 { return float64(n) / 1024 }

// idle gives what each of n idle clients costs a server.
func idle(kind string, n int) (each usage, err error) {
	c, err := start(kind)
	if err != nil {
		return each, err
	}
	conns := make([]net.Conn, 0, n)
	defer func() {
		for _, conn := range conns {
			conn.Close()
		}
		err = errors.Join(err, c.stop())
	}()
	if conn, err := connect(c.addr); err == nil { // what only the first costs
		conns = append(conns, conn)
	}
	before, err := c.usage("memory")
	if err != nil {
		return each, err
	}
	for range n {
		conn, err := connect(c.addr)
		if err != nil {
			return each, err
		}
		conns = append(conns, conn)
	}
	time.Sleep(time.Second)
	if _, err := c.usage("memory"); err != nil { // stacks shrink in a collection
		return each, err
	}
	after, err := c.usage("memory")
	each.Resident = (after.Resident - before.Resident) / int64(n)
	each.Inuse = (after.Inuse - before.Inuse) / uint64(n)
	each.Stacks = (after.Stacks - before.Stacks) / uint64(n)
	return each, err
}

// connect opens a stream and reads its header.
func connect(addr string) (net.Conn, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	if _, err := fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	status, err := bufio.NewReaderSize(conn, 512).ReadString('\n')
	if err == nil && !strings.Contains(status, " 200 ") {
		err = errors.New(status)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}
