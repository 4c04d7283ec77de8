package tests

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

type baseConfig struct{ TestKey string }

type ownConfig struct {
	baseConfig
	SecretKey string
}

func TestEveryWayToFillAConfiguration(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		return path
	}
	object := write("config.json", `{"SECRET_KEY": "config", "TEST_KEY": "foo", "lower": 1}`)
	table := write("config.toml", "SECRET_KEY = 'config'\nTEST_KEY = 'foo'\nlower = 1\n")
	t.Setenv("FOO_SETTINGS", object)
	for name, fill := range map[string]func(*retort.Config){
		"a JSON file":         func(c *retort.Config) { assert.True(t, c.FromFile(object)) },
		"a TOML file":         func(c *retort.Config) { assert.True(t, c.FromFile(table)) },
		"a file of any sort":  func(c *retort.Config) { assert.True(t, c.FromFile(object, retort.LoadWith(json.Unmarshal))) },
		"a file that is told": func(c *retort.Config) { assert.True(t, c.FromEnvvar("FOO_SETTINGS")) },
		"a map": func(c *retort.Config) {
			c.FromMapping(map[string]any{"SECRET_KEY": "config", "TEST_KEY": "foo", "lower": 1})
		},
		"a struct":         func(c *retort.Config) { c.FromObject(ownConfig{baseConfig{"foo"}, "config"}) },
		"a pointer to one": func(c *retort.Config) { c.FromObject(&ownConfig{baseConfig{"foo"}, "config"}) },
	} {
		t.Run(name, func(t *testing.T) {
			app := silentApp()
			fill(app.Config)
			assert.Equal(t, "config", app.Config.String("SECRET_KEY"))
			assert.Equal(t, "foo", app.Config.String("TEST_KEY"))
			assert.Nil(t, app.Config.Get("lower"))
			assert.Nil(t, app.Config.Get("BASE_CONFIG"))
		})
	}
}

func TestAConfigurationFromTheEnvironment(t *testing.T) {
	for name, value := range map[string]string{
		"RETORT_STRING": "value", "RETORT_BOOL": "true", "RETORT_INT": "1", "RETORT_FLOAT": "1.2", "RETORT_LIST": "[1, 2]", "RETORT_DICT": `{"k": "v"}`,
		"NOT_RETORT_OTHER": "other", "RETORT_EXIST__ok": "other", "RETORT_EXIST__inner__ik": "2", "RETORT_EXIST__new__more": `{"k": false}`, "RETORT_NEW__K": "v",
	} {
		t.Setenv(name, value)
	}
	app := silentApp()
	app.Config.Set("EXIST", map[string]any{"ok": "value", "flag": true, "inner": map[string]any{"ik": 1}})
	app.Config.FromPrefixedEnv()
	assert.Equal(t, "value", app.Config.String("STRING"))
	assert.True(t, app.Config.Bool("BOOL"))
	assert.Equal(t, int64(1), app.Config.Int("INT"))
	assert.Equal(t, 1.2, app.Config.Float("FLOAT"))
	assert.Equal(t, []int{1, 2}, retort.ConfigValue(app.Config, "LIST", []int(nil)))
	assert.Equal(t, map[string]string{"k": "v"}, retort.ConfigValue(app.Config, "DICT", map[string]string(nil)))
	assert.Nil(t, app.Config.Get("OTHER"))
	var exist struct {
		OK    string `config:"ok"`
		Flag  bool   `config:"flag"`
		Inner struct {
			IK int `config:"ik"`
		} `config:"inner"`
		New struct {
			More map[string]bool `config:"more"`
		} `config:"new"`
	}
	exist = retort.ConfigValue(app.Config, "EXIST", exist)
	assert.Equal(t, "other", exist.OK)
	assert.True(t, exist.Flag)
	assert.Equal(t, 2, exist.Inner.IK)
	assert.Equal(t, map[string]bool{"k": false}, exist.New.More)
	assert.Equal(t, map[string]string{"K": "v"}, retort.ConfigValue(app.Config, "NEW", map[string]string(nil)))
	own := silentApp()
	own.Config.FromPrefixedEnv("NOT_RETORT")
	assert.Equal(t, "other", own.Config.String("OTHER"))
	assert.Nil(t, own.Config.Get("STRING"))
}

func TestAConfigurationThatIsMissing(t *testing.T) {
	failure := func(f func()) (err error) {
		defer func() {
			if e, ok := recover().(error); ok {
				err = e
			}
		}()
		f()
		return nil
	}
	c := silentApp().Config
	missing := filepath.Join(t.TempDir(), "missing.json")
	err := failure(func() { c.FromFile(missing) })
	var told *retort.ConfigError
	require.ErrorAs(t, err, &told)
	assert.True(t, errors.Is(err, fs.ErrNotExist))
	assert.Contains(t, err.Error(), "missing.json")
	assert.False(t, c.FromFile(missing, retort.Silent()))
	t.Setenv("FOO_SETTINGS", "")
	assert.ErrorContains(t, failure(func() { c.FromEnvvar("FOO_SETTINGS") }), "FOO_SETTINGS")
	assert.False(t, c.FromEnvvar("FOO_SETTINGS", retort.Silent()))
	t.Setenv("FOO_SETTINGS", missing)
	assert.ErrorContains(t, failure(func() { c.FromEnvvar("FOO_SETTINGS") }), "missing.json")
	assert.False(t, c.FromEnvvar("FOO_SETTINGS", retort.Silent()))
}

func TestPartsOfAConfiguration(t *testing.T) {
	c := silentApp().Config
	c.FromMapping(map[string]any{"FOO_OPTION_1": "foo option 1", "FOO_OPTION_2": "foo option 2", "BAR_STUFF_1": "bar stuff 1", "PERMANENT_SESSION_LIFETIME": 42})
	assert.Equal(t, map[string]any{"option_1": "foo option 1", "option_2": "foo option 2"}, c.Namespace("FOO_"))
	assert.Equal(t, map[string]any{"stuff_1": "bar stuff 1"}, c.Namespace("BAR_"))
	assert.Equal(t, 42*time.Second, c.Duration("PERMANENT_SESSION_LIFETIME"), "a number counts seconds")
}
