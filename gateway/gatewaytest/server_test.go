package gatewaytest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway/gatewaytest"
)

// serverMutants are all servers with a fault.
var serverMutants = slices.Concat(environMutants, startMutants, bodyMutants, failureMutants)

// soundExceptions are what net/http cannot do.
var soundExceptions = []gatewaytest.Exception{
	{Check: "S17/reason", Reason: "net/http has its own reason for each code"},
	{Check: "S19/order", Reason: "net/http sorts fields"},
}

func TestASoundServerPasses(t *testing.T) {
	s := sound(parts{})
	s.Exceptions = soundExceptions
	gatewaytest.TestServer(t, s)
}

// patience is what a check of a mutant gets: many a fault is noticed by waiting in
// vain. A sound server is never tried with so little.
const patience = time.Second

// TestEachCheckFindsItsFault is why the contract can be believed: a check that
// does not fail for a server that is broken in its respect is none.
func TestEachCheckFindsItsFault(t *testing.T) {
	for _, m := range serverMutants {
		t.Run(m.check+" "+m.fault, func(t *testing.T) {
			t.Parallel()
			r := m.result(t)
			for range m.tries() {
				if r.Outcome != gatewaytest.Broken {
					r = m.result(t)
				}
			}
			assert.Equal(t, gatewaytest.Broken, r.Outcome, "%s", r)
			assert.NotContains(t, r.String(), "the check panicked")
			assert.NotContains(t, r.String(), "the check hangs")
			t.Log(r)
		})
	}
}

// result is what the check says to the mutant.
func (m mutant) result(t *testing.T) gatewaytest.Result {
	t.Helper()
	var p parts
	m.build(&p)
	s := sound(p)
	s.Patience = patience
	results := gatewaytest.CheckServer(s, m.check)
	require.Len(t, results, 1)
	return results[0]
}

// tries is how often a mutant may escape: on a busy machine requests that are sent
// at the same time may come one after the other.
func (m mutant) tries() int {
	if m.check == "S41/alone" {
		return 20
	}
	return 0
}

func TestEachServerCheckHasAMutant(t *testing.T) {
	for _, r := range gatewaytest.Requirements() {
		for _, id := range r.Checks {
			if id[0] == 'S' {
				assert.True(t, slices.ContainsFunc(serverMutants, func(m mutant) bool { return m.check == id }), "nobody has seen %s fail", id)
			}
		}
	}
}
