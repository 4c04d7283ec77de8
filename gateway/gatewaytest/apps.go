package gatewaytest

import (
	"time"

	"github.com/retort-go/retort/gateway"
)

// Application is an app that is held to the contract.
type Application struct {
	Name string
	App  gateway.App

	// Requests are what it is asked, again and again: what it says must not
	// depend on how often. None: GET, HEAD and POST of /, and GET of a path that
	// is hardly there.
	Requests []*Request

	Exceptions []Exception   // what cannot be, and why
	Patience   time.Duration // how long a check may take; 0 is 30 s
}

// CheckApp holds an app to the contract and gives a result for each check and
// each requirement that has none; with ids, only those checks (A19/range), or all
// of a requirement (A19).
func CheckApp(a Application, ids ...string) []Result { return appContract(&a).results(&a, ids) }

// TestApp is [CheckApp] as a test: a subtest for each check, which fails if the
// check does, or if it passes although a.Exceptions says that it cannot.
//
//	gatewaytest.TestApp(t, gatewaytest.Application{App: app})
func TestApp[T Tester[T]](t T, a Application) {
	t.Helper()
	test(t, appContract(&a), &a)
}

func appContract(a *Application) *contract[*Application] {
	return &contract[*Application]{appRequirements(), appChecks(), a.Exceptions, a.Patience}
}

func (a *Application) requests() []*Request {
	if len(a.Requests) > 0 {
		return a.Requests
	}
	return []*Request{
		{}, {Method: "HEAD"}, {Target: "/hardly/there?a=1&a=2"},
		{Method: "POST", Header: gateway.Headers{{"Content-Type", "application/x-www-form-urlencoded"}}, Body: []byte("a=1&b=2")},
	}
}
