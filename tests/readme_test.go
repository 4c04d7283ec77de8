package tests

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// goBlocks are the Go programs in a Markdown file of the module.
func goBlocks(t *testing.T, name string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(moduleDir, name))
	require.NoError(t, err)
	var blocks []string
	for _, m := range regexp.MustCompile("(?ms)^```go\n(.*?)^```$").FindAllStringSubmatch(string(data), -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

// gettingStarted is what to read after the README.
const gettingStarted = "docs/getting-started.md"

func TestTheProgramsOfTheReadmeCompile(t *testing.T) {
	blocks := goBlocks(t, "README.md")
	require.NotEmpty(t, blocks)
	blocks = append(blocks, goBlocks(t, gettingStarted)...)
	for _, block := range blocks {
		require.True(t, strings.HasPrefix(block, "package main\n"), "a block of Go is a whole program, to copy and run:\n%s", block)
		buildSource(t, block)
	}
}

func TestTheFirstProgramOfTheReadmeIsTheHelloExample(t *testing.T) {
	for name, exe := range map[string]string{
		"README":         buildSource(t, goBlocks(t, "README.md")[0]),
		"examples/hello": build(t, filepath.Join(moduleDir, "examples", "hello")),
	} {
		url := start(t, exe, "RETORT_RUN_PORT=0").url(t)
		_, text := fetch(t, url+"/")
		assert.Equal(t, "Hello, WSGI!", text, name)
		_, text = fetch(t, url+"/square/7")
		assert.Equal(t, "{\"n\":7,\"square\":49}\n", text, name)
	}
}

func TestTheProgramToGetStartedWith(t *testing.T) {
	exe := buildSource(t, goBlocks(t, gettingStarted)[0])
	url := start(t, exe, "RETORT_RUN_PORT=0", "RETORT_RUN_RELOAD=0").url(t)
	_, text := fetch(t, url+"/hello/Ann?loud=1")
	assert.JSONEq(t, `{"again": "/hello/Ann", "greeting": "Hello, Ann!!!"}`, text)
}

func TestTheLinksOfTheDocumentsLeadSomewhere(t *testing.T) {
	documents, err := filepath.Glob(filepath.Join(moduleDir, "*.md"))
	require.NoError(t, err)
	more, err := filepath.Glob(filepath.Join(moduleDir, "docs", "*.md"))
	require.NoError(t, err)
	documents = append(append(documents, more...), filepath.Join(moduleDir, "examples", "README.md"))
	link := regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)
	for _, name := range documents {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, m := range link.FindAllStringSubmatch(string(data), -1) {
			if !strings.Contains(m[1], "://") {
				assert.FileExists(t, filepath.Join(filepath.Dir(name), m[1]), name)
			}
		}
	}
}
