package gatewaytest

import (
	"time"
)

// Server is a server that is held to the contract.
type Server struct {
	Name string
	// Start serves an app and gives the way in. It is called anew for each check.
	Start func(s Setup) (Door, error)

	Scheme       string   // what wsgi.url_scheme has to be; "" is http
	Multithread  bool     // what wsgi.multithread has to be
	Multiprocess bool     // what wsgi.multiprocess has to be
	RunOnce      bool     // what wsgi.run_once has to be
	AccessLog    bool     // whether Setup.AccessLog gets a line for each request
	Variables    []string // all that the server's documentation names, HTTP_* for the fields of the client

	Exceptions []Exception   // what cannot be, and why
	Patience   time.Duration // how long a check may take; 0 is 30 s
}

// CheckServer holds a server to the contract and gives a result for each check
// and each requirement that has none; with ids, only those checks (S34/log), or
// all of a requirement (S34).
func CheckServer(s Server, ids ...string) []Result {
	return serverContract(&s).results(&s, ids)
}

// TestServer is [CheckServer] as a test: a subtest for each check, which fails if
// the check does, or if it passes although s.Exceptions says that it cannot.
//
//	gatewaytest.TestServer(t, gatewaytest.Server{Start: func(s gatewaytest.Setup) (gatewaytest.Door, error) { … }})
func TestServer[T Tester[T]](t T, s Server) {
	t.Helper()
	test(t, serverContract(&s), &s)
}

func serverContract(s *Server) *contract[*Server] {
	return &contract[*Server]{serverRequirements(), serverChecks(), s.Exceptions, s.Patience}
}
