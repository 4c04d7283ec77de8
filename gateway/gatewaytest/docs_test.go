package gatewaytest_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway/gatewaytest"
)

var update = flag.Bool("update", false, "write the document that is made of the requirements")

const contractDocs = "../../docs/gateway-contract.md"

// contractText is what the document says before its tables.
const contractText = `# The contract of the gateway

<!-- Made of the requirements in gateway/gatewaytest: go test ./gateway/gatewaytest -run ContractDocument -update -->

What PEP 3333 asks of servers, apps and middleware, in the terms of the package
` + "`gateway`" + `, and how it is held: what Go's types make impossible to break needs no
check; everything else is a check that ` + "`gateway/gatewaytest`" + ` runs against any
server, app or middleware, of this project or of yours:

` + "```go" + `
func TestContract(t *testing.T) {
	gatewaytest.TestServer(t, gatewaytest.Server{
		Start: func(s gatewaytest.Setup) (gatewaytest.Door, error) {
			srv := httptest.NewServer(mygateway.Handler(s.App))
			return gatewaytest.HTTPDoor("tcp", srv.Listener.Addr().String(), srv.Close), nil
		},
		Multithread: true,
	})
}
` + "```" + `

What a transport cannot show is declared as an exception, with the reason; it is
run and reported all the same, and an exception that turns out to hold is a
failure. For each check there is a broken server, app or middleware in the tests
that the check catches.
`

// sides are the parts of the document.
var sides = []struct{ letter, title string }{
	{"S", "Servers and gateways"}, {"A", "Applications"}, {"M", "Middleware"},
}

func TestContractDocument(t *testing.T) {
	var b strings.Builder
	b.WriteString(contractText)
	for _, side := range sides {
		fmt.Fprintf(&b, "\n## %s\n\n| | | requirement | held by |\n|---|---|---|---|\n", side.title)
		for _, r := range gatewaytest.Requirements() {
			if strings.HasPrefix(r.ID, side.letter) {
				require.NotContains(t, r.Text+r.Types+r.Source, "|")
				fmt.Fprintf(&b, "| %s | %s | %s (%s) | %s |\n", r.ID, r.Strength, r.Text, r.Source, held(r))
			}
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(contractDocs, []byte(b.String()), 0o644))
	}
	text, err := os.ReadFile(contractDocs)
	require.NoError(t, err)
	assert.Equal(t, b.String(), string(text), "go test ./gateway/gatewaytest -run ContractDocument -update writes it anew")
}

// held says how a requirement is held.
func held(r gatewaytest.Requirement) string {
	var ways []string
	if r.Types != "" {
		ways = append(ways, "types: "+r.Types)
	}
	if len(r.Checks) > 0 {
		ways = append(ways, "`"+strings.Join(r.Checks, "` `")+"`")
	}
	return strings.Join(ways, "; ")
}

func TestEveryRequirementIsHeld(t *testing.T) {
	count := make(map[byte]int)
	for _, r := range gatewaytest.Requirements() {
		count[r.ID[0]]++
		assert.Equal(t, fmt.Sprintf("%c%d", r.ID[0], count[r.ID[0]]), r.ID, "in order, none left out")
		assert.NotEmpty(t, held(r), r.ID)
		assert.NotEmpty(t, r.Text, r.ID)
		assert.Regexp(t, "^PEP 3333, ", r.Source, r.ID)
		assert.Contains(t, []gatewaytest.Strength{gatewaytest.Must, gatewaytest.MustNot, gatewaytest.Should, gatewaytest.ShouldNot, gatewaytest.May}, r.Strength, r.ID)
	}
	assert.Equal(t, map[byte]int{'S': 45, 'A': 20, 'M': 10}, count)
}
