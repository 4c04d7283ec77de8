package retort_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

var update = flag.Bool("update", false, "write the documents that are made of tables in the code")

const configDocs = "docs/configuration.md"

// configText is what the document says before the table.
const configText = `# Configuration

<!-- Made of the table in configkeys.go: go test -run ConfigurationDocument -update . -->

` + "`app.Config`" + ` holds the settings under Flask's keys. Set them before the first
request: afterwards the app works on a snapshot. Later values replace earlier
ones:

` + "```go" + `
retort.LoadDotenv()                                            // .env and .retortenv into the environment
app := retort.New("notes")
app.Config.FromMapping(map[string]any{"PAGE_SIZE": 20})        // or FromObject: a struct
app.Config.FromFile("config.toml", retort.Silent())            // or JSON; Silent: it may be missing
app.Config.FromPrefixedEnv()                                   // RETORT_PAGE_SIZE=50, RETORT_DB__HOST=localhost
size := retort.ConfigValue(app.Config, "PAGE_SIZE", 20)        // an int, or a panic that says where it was set
` + "```" + `

What cannot be read stops the app with the place: ` + "`config.toml:3:1`" + `, or the name of
the variable. In the environment a bool is ` + "`1`, `true`, `True`, `yes`, `on`" + ` or its
opposite, a time is seconds or ` + "`1h30m`" + `, a list is JSON or ` + "`a,b`" + `. A key that is
nearly one of these is logged when the app starts. ` + "`app.Config.Describe()`" + ` lists
every key with its value and where it comes from; it and printing a Config hide
secrets.

| key | type | default | meaning |
|---|---|---|---|
`

func TestConfigurationDocument(t *testing.T) {
	var b strings.Builder
	b.WriteString(configText)
	for _, k := range retort.ConfigKeys() {
		fallback := "unset"
		if k.Default != nil {
			fallback = fmt.Sprintf("`%v`", k.Default)
		}
		require.NotContains(t, k.Doc+k.Type(), "|")
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", k.Name, k.Type(), fallback, k.Doc)
	}
	if *update {
		require.NoError(t, os.MkdirAll("docs", 0o755))
		require.NoError(t, os.WriteFile(configDocs, []byte(b.String()), 0o644))
	}
	text, err := os.ReadFile(configDocs)
	require.NoError(t, err)
	assert.Equal(t, b.String(), string(text), "go test -run ConfigurationDocument -update . writes it anew")
}
