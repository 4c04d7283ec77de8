//go:build unix

package supervise

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// envRole says what a process is that was started from the binary of the tests.
const envRole = "SUPERVISE_TEST_ROLE"

// TestMain lets the binary of the tests be the programs that they start.
func TestMain(m *testing.M) {
	play, ok := roles[os.Getenv(envRole)]
	if !ok {
		os.Exit(m.Run())
	}
	play()
}

// roles are the programs.
var roles = map[string]func(){
	"echo":          echo,
	"serve":         serve,
	"last words":    lastWords,
	"deaf":          func() { time.Sleep(time.Hour) },
	"deaf to all":   func() { signal.Ignore(syscall.SIGTERM); child().Ready(); time.Sleep(time.Hour) },
	"on signal":     onSignal,
	"family":        func() { family(); os.Exit(4) },
	"lasting":       func() { l := family(); l.Listen(func(string) {}) },
	"supervisor":    supervisor,
	"describe":      describe,
	"grandchildren": grandchildren,
	"starts early":  startsEarly,
	"stray":         func() { link, err := Supervised(); fmt.Print(link == nil, " ", err) },
	"descriptors":   func() { fmt.Println(strings.Join(inheritable(), " ")) },
	"second link":   secondLink,
	"bad socket":    func() { _, err := Supervised(); fmt.Println(err) },
	"output": func() {
		fmt.Print("to standard output")
		fmt.Fprint(os.Stderr, strings.Repeat("a", maxTail)+strings.Repeat("b", 10)+"the end")
		os.Exit(1)
	},
}

// child is the link of a role that is a child.
func child() *Link {
	link, err := Supervised()
	if err != nil || link == nil {
		fmt.Fprintln(os.Stderr, "no link:", err)
		os.Exit(9)
	}
	return link
}

// echo says what it is told, and is ready when it is told to be.
func echo() {
	link := child()
	link.Listen(func(line string) {
		switch line {
		case "be ready":
			link.Ready()
			link.Ready() // twice does no harm
		default:
			link.Say("echo " + line)
		}
	})
}

// serve answers each connection with its name until it is to stop, and goes on
// saying something when it is paused.
func serve() {
	link := child()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := link.Socket.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, os.Getenv("NAME"))
			_ = conn.Close()
		}
	}()
	link.Ready()
	link.Listen(func(string) {})
	_ = link.Socket.(*net.TCPListener).SetDeadline(time.Unix(1, 0))
	<-ended // an Accept under way may still give a connection
	link.Paused()
	link.Say("after the pause")
}

// lastWords says much and ends.
func lastWords() {
	link := child()
	for i := range 500 {
		link.Say(fmt.Sprint("line ", i))
	}
	os.Exit(3)
}

// onSignal does not listen, but ends at SIGTERM.
func onSignal() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	child().Ready()
	<-signals
	os.Exit(5)
}

// family starts a program and says its number.
func family() *Link {
	link := child()
	cmd := as("deaf")
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	link.Say(fmt.Sprint("pid ", cmd.Process.Pid))
	link.Ready()
	return link
}

// as is the program of a role, without the environment of a child.
func as(role string) *exec.Cmd {
	cmd := exec.Command(testBinary())
	cmd.Env = roleEnv(role)
	return cmd
}

// roleEnv is the environment of a role. The race detector would have each wait for
// a second at its end.
func roleEnv(role string) []string { return []string{envRole + "=" + role, "GORACE=atexit_sleep_ms=0"} }

func testBinary() string {
	exe, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return exe
}

// supervisor starts a child of the role CHILD, writes its number and waits.
func supervisor() {
	runtime.LockOSThread() // the child ends with the thread
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	socket, err := ln.(*net.TCPListener).File()
	if err != nil {
		panic(err)
	}
	c, err := Start(Options{Path: testBinary(), Environ: roleEnv(os.Getenv("CHILD")), Socket: socket, Stderr: os.Stderr})
	if err != nil {
		panic(err)
	}
	fmt.Println(c.Pid())
	time.Sleep(time.Hour)
}

// describe says what it finds itself in, and what it is told until it is to stop.
func describe() {
	link := child()
	if os.Getenv("OWN") == "" {
		defer link.Listen(func(line string) { link.Say("then " + line) })
	}
	dir, _ := os.Getwd()
	for _, line := range []string{
		"name " + os.Args[0], "args " + strings.Join(os.Args[1:], ","), "dir " + dir,
		"run main " + os.Getenv(EnvRunMain), "server fd " + os.Getenv(EnvServerFD),
		"told " + os.Getenv(EnvTold), "first " + strings.Join(link.First, ","),
		"home " + os.Getenv("HOME"), "own " + os.Getenv("OWN"), fmt.Sprint("child ", IsChild()),
	} {
		link.Say(line)
	}
}

// grandchildren says which descriptors a program gets that it starts.
func grandchildren() {
	link := child()
	out, err := as("descriptors").CombinedOutput()
	link.Say(fmt.Sprintf("descriptors %s %v", strings.TrimSpace(string(out)), err))
}

// startsEarly starts others before it asks for its link.
func startsEarly() {
	careless, err := as("stray").CombinedOutput()
	KeepDescriptors()
	kept, err2 := as("descriptors").CombinedOutput()
	link := child()
	link.Say("kept " + strings.TrimSpace(string(kept)))
	link.Say("careless " + string(careless))
	if err != nil || err2 != nil {
		link.Say(fmt.Sprint(err, err2))
	}
}

// inheritable are the descriptors beside the standard ones that were inherited.
func inheritable() []string {
	var all []string
	names, _ := filepath.Glob("/proc/self/fd/*")
	for _, name := range names {
		n, _ := strconv.Atoi(filepath.Base(name))
		target, err := os.Readlink(name)
		if n > 2 && err == nil && (strings.HasPrefix(target, "socket:") || strings.HasPrefix(target, "pipe:")) {
			all = append(all, name+"="+target)
		}
	}
	return all
}

// secondLink says what Supervised gives the second time.
func secondLink() {
	link := child()
	again, err := Supervised()
	link.Say(fmt.Sprint("again ", again == nil, " ", err))
}
