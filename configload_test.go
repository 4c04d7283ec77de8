package retort_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// appIn makes an app whose root path is a new directory, with one file in it.
func appIn(t *testing.T, name, content string) *retort.App {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	t.Chdir(dir)
	return quiet(retort.RootPath(dir))
}

// configErrorOf gives the text of the *ConfigError with which f panics.
func configErrorOf(t *testing.T, f func()) string {
	t.Helper()
	err, ok := panicOf(t, f).(*retort.ConfigError)
	require.True(t, ok, "a *ConfigError")
	return err.Error()
}

func TestConfigFromFile(t *testing.T) {
	want := map[string]any{
		"TEST_KEY": "foo", "SECRET_KEY": "config", "N": int64(7), "BIG": int64(1) << 60, "F": 1.5, "YES": true,
		"MAX_CONTENT_LENGTH": int64(1000), "TRUSTED_HOSTS": []string{"a.test", ".b.test"}, "SEND_FILE_MAX_AGE_DEFAULT": time.Minute,
		"LIST": []any{int64(1), "x"}, "DB": map[string]any{"host": "h", "ports": []any{int64(1)}},
		"lower": nil, "Mixed": nil, "db": nil,
	}
	for name, content := range map[string]string{
		"config.json": "\uFEFF" + `{"TEST_KEY": "foo", "SECRET_KEY": "config", "N": 7, "BIG": 1152921504606846976, "F": 1.5, "YES": true,
			"MAX_CONTENT_LENGTH": 1000, "TRUSTED_HOSTS": ["a.test", ".b.test"], "SEND_FILE_MAX_AGE_DEFAULT": 60,
			"LIST": [1, "x"], "DB": {"host": "h", "ports": [1]}, "lower": 1, "Mixed": 1, "db": {"A": 1}}`,
		"config.TOML": "TEST_KEY = 'foo'\nSECRET_KEY = 'config'\nN = 7\nBIG = 1152921504606846976\nF = 1.5\nYES = true\n" +
			"MAX_CONTENT_LENGTH = 1_000\nTRUSTED_HOSTS = ['a.test', '.b.test']\nSEND_FILE_MAX_AGE_DEFAULT = 60\n" +
			"LIST = [1, 'x']\nlower = 1\nMixed = 1\n[DB]\nhost = 'h'\nports = [1]\n[db]\nA = 1\n",
	} {
		t.Run(name, func(t *testing.T) {
			app := appIn(t, name, content)
			assert.True(t, app.Config.FromFile(name))
			for key, value := range want {
				assert.Equal(t, value, app.Config.Get(key), key)
			}
		})
	}
}

func TestConfigFromFileOfAnotherFormat(t *testing.T) {
	app := appIn(t, "config.txt", `{"N": 7, "MAX_FORM_PARTS": 9, "n": 8}`)
	assert.True(t, app.Config.FromFile("config.txt", retort.LoadWith(json.Unmarshal)))
	assert.Equal(t, 7.0, app.Config.Get("N"), "as the decoder gives it")
	assert.Equal(t, int64(9), app.Config.Get("MAX_FORM_PARTS"), "a key that retort reads has one type")
	assert.Equal(t, "retort: config.txt: no", configErrorOf(t, func() {
		app.Config.FromFile("config.txt", retort.LoadWith(func([]byte, any) error { return errors.New("no") }))
	}))
	assert.Equal(t, "retort: LoadWith takes a func(data []byte, v any) error, not nil", panicOf(t, func() { retort.LoadWith(nil) }))
}

func TestConfigFilesAreLookedForBelowTheRootPath(t *testing.T) {
	app := appIn(t, "config.json", `{"N": 1}`)
	t.Chdir(t.TempDir())
	assert.True(t, app.Config.FromFile("config.json"))
	assert.Equal(t, int64(1), app.Config.Int("N"))

	embedded := quiet(retort.Files(fstest.MapFS{}))
	assert.False(t, embedded.Config.FromFile("config.json", retort.Silent()), "the working directory has none")
	assert.True(t, embedded.Config.FromFile(filepath.Join(app.RootPath(), "config.json")))
}

func TestConfigFaultsInFilesHaveTheirPlace(t *testing.T) {
	for _, tt := range []struct{ name, file, content, want string }{
		{"JSON that is none", "c.json", "{\n  \"A\": }", "retort: c.json:2:8: invalid character '}' looking for beginning of value"},
		{"JSON that ends early", "c.json", "{\n  \"A\": 1", "retort: c.json:2:9: unexpected end of JSON input"},
		{"an empty JSON file", "c.json", "", "retort: c.json:1:1: unexpected end of JSON input"},
		{"more than one value", "c.json", "{}\n{}", "retort: c.json:2:1: invalid character '{' after top-level value"},
		{"a JSON list", "c.json", "[]", `retort: c.json:1:1: a configuration is a JSON object: {"KEY": value}`},
		{"a JSON key twice", "c.json", "{\"A\": 1,\n\n \"A\": 2}", `retort: c.json:3:2: the key "A" is there twice, first in line 1`},
		{"JSON that is no UTF-8", "c.json", "{\"A\":\n\"\xff\"}", "retort: c.json:2:2: the text is not UTF-8"},
		{"an ill-typed value in JSON", "c.json", "{\n  \"DEBUG\": \"yes\"}", "retort: c.json:2:3: config key DEBUG is a bool, not a string (yes)"},
		{"TOML that is none", "c.toml", "A = 1\nB = \n", "retort: c.toml:2:5: unexpected character U+000A at start of value"},
		{"a TOML key twice", "c.toml", "A = 1\nA = 2", "retort: c.toml:2:1: key A is already defined"},
		{"an ill-typed value in TOML", "c.toml", "A = 1\n  DEBUG = 'yes'", "retort: c.toml:2:3: config key DEBUG is a bool, not a string (yes)"},
		{"a table for a value in TOML", "c.toml", "A = 1\n[SERVER_NAME]\nA.DEBUG = 1", "retort: c.toml:2:2: config key SERVER_NAME is a string, not a map[string]interface {} (map[A:map[DEBUG:1]])"},
		{"a secret of another type", "c.toml", "SECRET_KEY = 123456", "retort: c.toml:1:1: config key SECRET_KEY is a string or a []byte, not a int64"},
		{"one secret where a list is wanted", "c.toml", "SECRET_KEY_FALLBACKS = 'hush'", "retort: c.toml:1:1: config key SECRET_KEY_FALLBACKS is a list of strings or of []byte, not a string"},
		{"another ending", "c.yaml", "A: 1", `retort: c.yaml: the ending ".yaml" is neither .json nor .toml; say how to read it: retort.LoadWith(yaml.Unmarshal)`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := appIn(t, tt.file, tt.content)
			assert.Equal(t, tt.want, configErrorOf(t, func() { app.Config.FromFile(tt.file) }))
			assert.Equal(t, tt.want, configErrorOf(t, func() { app.Config.FromFile(tt.file, retort.Silent()) }), "silence is for files that are not there")
			assert.Nil(t, app.Config.Get("A"), "nothing is set")
		})
	}
}

func TestConfigFilesThatAreNotThere(t *testing.T) {
	app := appIn(t, "file", "")
	require.NoError(t, os.Mkdir("folder.json", 0o700))
	for name, want := range map[string]string{
		"missing.json": "retort: missing.json: the configuration file cannot be read: no such file or directory",
		"folder.json":  "retort: folder.json: the configuration file cannot be read: is a directory",
		"file/a.json":  "retort: file/a.json: the configuration file cannot be read: not a directory",
	} {
		assert.Equal(t, want, configErrorOf(t, func() { app.Config.FromFile(name) }))
		assert.False(t, app.Config.FromFile(name, retort.Silent()), name)
	}
	err, _ := panicOf(t, func() { app.Config.FromFile("missing.json") }).(error)
	assert.ErrorIs(t, err, fs.ErrNotExist)

	require.NoError(t, os.WriteFile("large.json", []byte(strings.Repeat(" ", 16<<20)+"{}"), 0o600))
	assert.Equal(t, "retort: large.json: the configuration file cannot be read: the file has more than 16 MiB, so it is no configuration",
		configErrorOf(t, func() { app.Config.FromFile("large.json", retort.Silent()) }))
}

func TestConfigFromEnvvar(t *testing.T) {
	app := appIn(t, "config.json", `{"N": 1}`)
	t.Setenv("FOO_SETTINGS", "")
	assert.Equal(t, "retort: the environment variable FOO_SETTINGS is not set, and it is to name the configuration file: FOO_SETTINGS=/etc/app/config.toml",
		configErrorOf(t, func() { app.Config.FromEnvvar("FOO_SETTINGS") }))
	assert.False(t, app.Config.FromEnvvar("FOO_SETTINGS", retort.Silent()))

	t.Setenv("FOO_SETTINGS", "missing.json")
	assert.Equal(t, "retort: missing.json: the configuration file cannot be read: no such file or directory",
		configErrorOf(t, func() { app.Config.FromEnvvar("FOO_SETTINGS") }))
	assert.False(t, app.Config.FromEnvvar("FOO_SETTINGS", retort.Silent()))

	t.Setenv("FOO_SETTINGS", "config.json")
	assert.True(t, app.Config.FromEnvvar("FOO_SETTINGS"))
	assert.Equal(t, int64(1), app.Config.Int("N"))
}

func TestConfigFromMapping(t *testing.T) {
	c := quiet().Config
	c.FromMapping(map[string]any{"SECRET_KEY": "config", "TEST_KEY": "foo", "skip_key": "skip", "Skip": 1, "_1": 1})
	assert.Equal(t, "config", c.String("SECRET_KEY"))
	assert.Equal(t, "foo", c.String("TEST_KEY"))
	for _, key := range []string{"skip_key", "Skip", "_1"} {
		assert.Nil(t, c.Get(key), key)
	}
	assert.Regexp(t, `^retort: configload_test\.go:\d+: config key DEBUG is a bool, not a int \(1\)$`,
		configErrorOf(t, func() { c.FromMapping(map[string]any{"A": 1, "DEBUG": 1}) }))
	assert.Nil(t, c.Get("A"), "all or nothing")
}

func TestConfigLoadersAreForTheSetup(t *testing.T) {
	app := quiet()
	app.TestClient().Get("/")
	for name, f := range map[string]func(){
		"FromMapping":     func() { app.Config.FromMapping(nil) },
		"FromObject":      func() { app.Config.FromObject(struct{}{}) },
		"FromFile":        func() { app.Config.FromFile("x") },
		"FromEnvvar":      func() { app.Config.FromEnvvar("x") },
		"FromPrefixedEnv": func() { app.Config.FromPrefixedEnv() },
	} {
		assert.Contains(t, panicOf(t, f), "retort: Config."+name+` can no longer be called on the app "test": `)
	}
}

func TestConfigKeysThatAreNearlyThere(t *testing.T) {
	const file = "SESION_COOKIE_NAME = 'x'\nPAGE_SIZE = 1\nRETORT_DEBUG = true\nsecret_key = 'x'\nSESSION_COOKIE_SIZE = 1\ndebug = 1\nFLASK_TESTING = 1\nTEST_KEY = 1\n"
	app := appIn(t, "c.toml", file)
	var log bytes.Buffer
	app.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	app.Config.FromFile("c.toml")
	app.TestClient().Get("/")
	const text = "level=WARN msg=\"retort does not read this config key, but one of nearly the same name\" "
	assert.Equal(t, text+"key=FLASK_TESTING meant=TESTING set=c.toml:7:1\n"+
		text+"key=RETORT_DEBUG meant=DEBUG set=c.toml:3:1\n"+
		text+"key=SESION_COOKIE_NAME meant=SESSION_COOKIE_NAME set=c.toml:1:1\n"+
		text+"key=debug meant=DEBUG set=c.toml:6:1\n"+
		text+"key=secret_key meant=SECRET_KEY set=c.toml:4:1\n", log.String())

	strict := quiet()
	assert.Equal(t, "retort: c.toml:1:1: config key SESION_COOKIE_NAME is not one that retort reads; is SESSION_COOKIE_NAME meant?",
		configErrorOf(t, func() { strict.Config.FromFile(filepath.Join(app.RootPath(), "c.toml"), retort.Strict()) }))
	assert.Nil(t, strict.Config.Get("PAGE_SIZE"))
}
