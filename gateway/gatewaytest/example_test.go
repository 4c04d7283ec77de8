package gatewaytest_test

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/gateway/gatewaytest"
)

// A server is held to the contract by saying how it is started, and what it
// cannot do.
func ExampleTestServer() {
	test := func(t *testing.T) { // func TestContract(t *testing.T)
		gatewaytest.TestServer(t, gatewaytest.Server{
			Start: func(s gatewaytest.Setup) (gatewaytest.Door, error) {
				app := s.App
				if s.SingleThread {
					app = gateway.SingleThread(app)
				}
				h := gateway.ToHandler(app, gateway.Logger(s.Logger), gateway.AccessLog(s.AccessLog), gateway.Vars(s.Vars))
				srv := httptest.NewServer(h)
				return gatewaytest.HTTPDoor("tcp", srv.Listener.Addr().String(), srv.Close), nil
			},
			Multithread: true,
			AccessLog:   true,
			Variables:   []string{"REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "HTTP_*"}, // and what else is documented
			Exceptions: []gatewaytest.Exception{
				{Check: "S17/reason", Reason: "net/http has its own reason for each code"},
				{Check: "S19/order", Reason: "net/http sorts fields"},
			},
		})
	}
	_ = test
}

// Results can be had without a test, also of some requirements alone.
func ExampleCheckServer() {
	inMemory := gatewaytest.Server{
		Start:      func(s gatewaytest.Setup) (gatewaytest.Door, error) { return gatewaytest.MemoryDoor(s.App), nil },
		Exceptions: []gatewaytest.Exception{{Check: "S19/date", Reason: "nothing is sent, so nothing has a date"}},
	}
	for _, r := range gatewaytest.CheckServer(inMemory, "S17", "S19/date") {
		fmt.Println(r.Check, r.Outcome, r.Failed())
	}
	// Output:
	// S17/refused holds false
	// S17/code holds false
	// S17/reason holds false
	// S19/date excepted false
}
