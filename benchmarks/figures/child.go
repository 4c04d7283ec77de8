//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/retort-go/retort/benchmarks"
)

// usage is what a server has used.
type usage struct {
	CPU      time.Duration
	Resident int64  // bytes of memory now, after a collection
	Peak     int64  // the most there ever were
	Inuse    uint64 // bytes of the heap and of stacks that Go uses
	Stacks   uint64 // those of stacks
}

// serve is the server process: it prints its address, and for each line it reads
// the processor time or memory that it has used, until its input ends.
func serve(kind string) {
	handler, ok := handlers()[kind]
	if !ok {
		log.Fatalf("there is no server %q", kind)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(l.Addr())
	go func() { log.Fatal(http.Serve(l, handler)) }()
	out := json.NewEncoder(os.Stdout)
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		u := usage{CPU: benchmarks.CPU()}
		if in.Text() == "memory" {
			u = memory()
		}
		if err := out.Encode(u); err != nil {
			log.Fatal(err)
		}
	}
}

func handlers() map[string]http.Handler {
	return map[string]http.Handler{
		"retort": benchmarks.RetortEcho(), "gin": benchmarks.GinEcho(),
		"sse": eventApp(), "bare": http.HandlerFunc(blocked),
		"upload": uploadApp(),
	}
}

func memory() usage {
	cpu := benchmarks.CPU()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{cpu, procStatus("VmRSS"), procStatus("VmHWM"), m.HeapInuse + m.StackInuse, m.StackInuse}
}

// procStatus is a field of /proc/self/status, in bytes.
func procStatus(name string) int64 {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		var kib int64
		if n, _ := fmt.Sscanf(line, name+": %d kB", &kib); n == 1 {
			return kib << 10
		}
	}
	return 0
}

// child is a server process as its parent sees it.
type child struct {
	addr string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

func start(kind string) (*child, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.Command(exe, "serve", kind)}
	c.cmd.Stderr = os.Stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewReader(out)
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := c.out.ReadString('\n')
	c.addr = strings.TrimSpace(line)
	return c, err
}

// usage asks for "cpu" or "memory", which costs the server a collection.
func (c *child) usage(what string) (u usage, err error) {
	if _, err := fmt.Fprintln(c.in, what); err != nil {
		return u, err
	}
	line, err := c.out.ReadBytes('\n')
	if err != nil {
		return u, err
	}
	return u, json.Unmarshal(line, &u)
}

// stop ends the process by ending its input.
func (c *child) stop() error {
	if err := c.in.Close(); err != nil {
		return err
	}
	return c.cmd.Wait()
}
