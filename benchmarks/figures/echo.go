//go:build linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/retort-go/retort/benchmarks"
)

// echoRequest is a whole request.
var echoRequest = strings.Join([]string{
	"POST /echo HTTP/1.1", "Host: localhost", "User-Agent: figures", "Accept: application/json",
	"Content-Type: application/json", fmt.Sprintf("Content-Length: %d", len(benchmarks.EchoBody)), "", benchmarks.EchoBody,
}, "\r\n")

// competitor is a server and a connection to it.
type competitor struct {
	*child
	name string
	conn net.Conn
	in   *bufio.Reader
}

func compete(name string) (*competitor, error) {
	c, err := start(name)
	if err != nil {
		return nil, err
	}
	conn, err := net.Dial("tcp", c.addr)
	return &competitor{c, name, conn, bufio.NewReader(conn)}, err
}

// send sends n requests one after the other.
func (c *competitor) send(n int) error {
	for range n {
		if _, err := io.WriteString(c.conn, echoRequest); err != nil {
			return err
		}
		res, err := http.ReadResponse(c.in, nil)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answered %s: %v", c.name, res.Status, err)
		}
	}
	return nil
}

// turn gives the processor time of one of n requests, in microseconds.
func (c *competitor) turn(n int) (float64, error) {
	before, err := c.usage("cpu")
	if err != nil {
		return 0, err
	}
	if err := c.send(n); err != nil {
		return 0, err
	}
	after, err := c.usage("cpu")
	return float64((after.CPU - before.CPU).Nanoseconds()) / 1000 / float64(n), err
}

// measureEcho lets retort and gin answer in turns.
func measureEcho(turns, requests int) error {
	names := []string{"retort", "gin"}
	servers := make([]*competitor, len(names))
	for i, name := range names {
		c, err := compete(name)
		if err != nil {
			return err
		}
		servers[i] = c
		if err := c.send(requests); err != nil { // warm
			return err
		}
	}
	var all benchmarks.Turns
	for turn := range turns {
		for i := range servers {
			c := servers[(turn+i)%len(servers)]
			cost, err := c.turn(requests)
			if err != nil {
				return err
			}
			all.Add(c.name, cost)
		}
	}
	for _, name := range names {
		fmt.Printf("%-8s %6.2f µs of processor time a request\n", name, all.Median(name))
	}
	fmt.Println("retort/gin", all.Ratio("retort", "gin"))
	return errors.Join(servers[0].stop(), servers[1].stop())
}
