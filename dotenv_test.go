package retort_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// unset takes variables out of the environment until the test is over.
func unset(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		t.Setenv(name, "") // to have it put back
		require.NoError(t, os.Unsetenv(name))
	}
}

// files writes files into a new working directory.
func files(t *testing.T, content map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range content {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
}

func TestLoadDotenv(t *testing.T) {
	unset(t, "A_DOTENV", "B_DOTENV", "C_DOTENV", "RETORT_PAGE_SIZE")
	t.Setenv("D_DOTENV", "environment")
	files(t, map[string]string{
		".env":       "A_DOTENV=.env\nB_DOTENV=\"x-${A_DOTENV}\"\nD_DOTENV=.env\nexport RETORT_PAGE_SIZE=20\n",
		".retortenv": "A_DOTENV=.retortenv\nC_DOTENV=${B_DOTENV} ${D_DOTENV}\n",
	})
	assert.True(t, retort.LoadDotenv())
	for name, want := range map[string]string{"A_DOTENV": ".env", "B_DOTENV": "x-.env", "C_DOTENV": "x-.env environment", "D_DOTENV": "environment"} {
		assert.Equal(t, want, os.Getenv(name), name)
	}
	app := quiet()
	app.Config.FromPrefixedEnv()
	assert.Equal(t, int64(20), app.Config.Int("PAGE_SIZE"))
}

func TestLoadDotenvOfNamedFiles(t *testing.T) {
	unset(t, "A_DOTENV", "B_DOTENV")
	files(t, map[string]string{".env": "B_DOTENV=.env", "one": "A_DOTENV=one", "two": "A_DOTENV=two\nB_DOTENV=two"})
	assert.True(t, retort.LoadDotenv("one", "two"))
	assert.Equal(t, "one two", os.Getenv("A_DOTENV")+" "+os.Getenv("B_DOTENV"))
}

func TestLoadDotenvWithoutFiles(t *testing.T) {
	files(t, nil)
	assert.False(t, retort.LoadDotenv())
	assert.Equal(t, "retort: missing: the configuration file cannot be read: no such file or directory", configErrorOf(t, func() { retort.LoadDotenv("missing") }))

	files(t, map[string]string{".env": "not a line"})
	t.Setenv("RETORT_SKIP_DOTENV", "1")
	assert.False(t, retort.LoadDotenv())
	assert.Equal(t, "retort: .env:1:5: the name not is not followed by =; a line is NAME=value", configErrorOf(t, func() { retort.LoadDotenv(".env") }), "a file that is named is read")
}

func TestLoadDotenvSetsNothingWhenAFileHasAFault(t *testing.T) {
	unset(t, "A_DOTENV")
	files(t, map[string]string{".env": "A_DOTENV=1", ".retortenv": "\nB = 'x"})
	assert.Equal(t, `retort: .retortenv:2:5: the value begins with ' and never ends; a quote in a value is \'`, configErrorOf(t, func() { retort.LoadDotenv() }))
	_, there := os.LookupEnv("A_DOTENV")
	assert.False(t, there)
}
