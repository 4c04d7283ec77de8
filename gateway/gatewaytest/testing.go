package gatewaytest

// Tester is what the contract needs of a *testing.T, which is one.
type Tester[T any] interface {
	// Helper marks the caller as a helper.
	Helper()
	// Logf notes a result that is as it should be.
	Logf(format string, args ...any)
	// Errorf reports one that is not.
	Errorf(format string, args ...any)
	// Run runs the subtest of a check.
	Run(name string, f func(T)) bool
}

// test runs a contract as subtests, one a check, named by its ID.
func test[S any, T Tester[T]](t T, c *contract[S], subject S) {
	t.Helper()
	for _, e := range c.entries() {
		t.Run(e.id(), func(t T) { tell(t, c.result(subject, e)) })
	}
	for _, r := range c.unknown() {
		tell(t, r)
	}
}

// tell fails the test, or notes what a reader of the log wants to know.
func tell[T Tester[T]](t T, r Result) {
	t.Helper()
	if r.Failed() {
		t.Errorf("%s", r)
		return
	}
	t.Logf("%s", r)
}
