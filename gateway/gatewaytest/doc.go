// Package gatewaytest is the contract of package gateway as a program: every
// requirement of PEP 3333 as data, and checks that a server, an app or a
// middleware can be held to.
//
//	func TestContract(t *testing.T) {
//		gatewaytest.TestServer(t, gatewaytest.Server{
//			Start: func(s gatewaytest.Setup) (gatewaytest.Door, error) {
//				srv := httptest.NewServer(mygateway.Handler(s.App))
//				return gatewaytest.HTTPDoor("tcp", srv.Listener.Addr().String(), srv.Close), nil
//			},
//			Multithread: true,
//			Exceptions: []gatewaytest.Exception{
//				{"S17/reason", "net/http has its own reason for each code"},
//			},
//		})
//	}
//
// [Requirements] lists the contract. What Go's types make impossible to break has
// no check, and says so. A check that fails names the requirement, what was seen
// and what would be right.
//
// What a transport cannot show is an [Exception], with its reason: it is run all
// the same and reported with each run, and it is a failure if it passes, so that
// a list of exceptions holds nothing that is not true.
//
// The package imports no testing: [TestServer] and its like take a *testing.T as
// a [Tester], [CheckServer] and its like give results to do anything with.
package gatewaytest
