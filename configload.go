package retort

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// ConfigOption is an option of the loaders of [Config].
type ConfigOption interface{ applyConfig(*configOptions) }

type configOptions struct {
	silent, strict bool
	load           func(data []byte, v any) error
}

type configOption func(*configOptions)

func (f configOption) applyConfig(o *configOptions) { f(o) }

// Silent has a loader do nothing when there is no such file; what is in a file
// must still be right.
//
// Source: Flask: config.py, silent=True.
func Silent() ConfigOption { return configOption(func(o *configOptions) { o.silent = true }) }

// Strict has a loader refuse keys that are nearly ones that retort reads, which
// are only logged otherwise.
func Strict() ConfigOption { return configOption(func(o *configOptions) { o.strict = true }) }

// LoadWith has a loader read a file of another format; load is given the content
// and a *map[string]any, as the Unmarshal functions of Go take them.
//
//	app.Config.FromFile("config.yaml", retort.LoadWith(yaml.Unmarshal))
//
// Source: Flask: config.py, from_file(load=…).
func LoadWith(load func(data []byte, v any) error) ConfigOption {
	if load == nil {
		panic("retort: LoadWith takes a func(data []byte, v any) error, not nil")
	}
	return configOption(func(o *configOptions) { o.load = load })
}

func configOptionsOf(opts []ConfigOption) (o configOptions) {
	for _, opt := range opts {
		opt.applyConfig(&o)
	}
	return o
}

// FromMapping sets the keys of values that are in upper case; the others are
// left out, as in Flask. [Config.Update] sets them all. It panics with a
// [*ConfigError] when a value cannot be used.
//
// Source: Flask: config.py, from_mapping.
func (c *Config) FromMapping(values map[string]any) {
	c.lock.check("Config.FromMapping")
	from := callerOutside().origin()
	list := located("", nil, values, nil)
	for i := range list {
		list[i].from = from
	}
	if err := c.applyUpper(list, configOptions{}); err != nil {
		panic(err)
	}
}

// applyUpper sets the keys that are in upper case.
func (c *Config) applyUpper(list []configValue, o configOptions) *ConfigError {
	if o.strict {
		if err := c.refuseNearKeys(list); err != nil {
			return err
		}
	}
	var upper, ignored []configValue
	for _, v := range list {
		if isUpperKey(v.key) {
			upper = append(upper, v)
		} else {
			ignored = append(ignored, configValue{key: v.key, from: v.from})
		}
	}
	if err := c.apply(upper); err != nil {
		return err
	}
	c.ignored = append(c.ignored, ignored...)
	return nil
}

// FromFile sets the keys of a file that are in upper case: a JSON object in
// NAME.json, TOML in NAME.toml, another format with [LoadWith]. name is relative
// to [App.RootPath], to the working directory for an app with [Files]. The result
// is whether the file was read: false only with [Silent].
//
// It panics with a [*ConfigError] that has the place when the file cannot be
// read or holds a fault.
//
// Source: Flask: config.py, from_file. Differs from Flask: the ending says how to
// read the file, and there is no from_pyfile, because Go runs no source at run
// time.
func (c *Config) FromFile(name string, opts ...ConfigOption) bool {
	c.lock.check("Config.FromFile")
	return c.fromFile(name, configOptionsOf(opts))
}

// FromEnvvar is [Config.FromFile] for the file that an environment variable
// names. With [Silent] the variable may be unset or empty, and the file missing.
//
// Source: Flask: config.py, from_envvar.
func (c *Config) FromEnvvar(variable string, opts ...ConfigOption) bool {
	c.lock.check("Config.FromEnvvar")
	o, name := configOptionsOf(opts), os.Getenv(variable)
	switch {
	case name != "":
		return c.fromFile(name, o)
	case o.silent:
		return false
	}
	panic(&ConfigError{Err: fmt.Errorf("the environment variable %s is not set, and it is to name the configuration file: %[1]s=/etc/app/config.toml", variable)})
}

func (c *Config) fromFile(name string, o configOptions) bool {
	path := name
	if !filepath.IsAbs(name) && c.root.tree == nil {
		path = filepath.Join(c.root.dir, name)
	}
	data, err := readConfigFile(path)
	if o.silent && isMissing(err) {
		return false
	}
	if err != nil {
		panic(&ConfigError{Origin: ConfigOrigin{File: path}, Err: cannotRead(err)})
	}
	values, at, err := decodeConfig(name, data, o.load)
	if err != nil {
		panic(&ConfigError{Origin: originOf(path, data, err), Err: err})
	}
	if err := c.applyUpper(located(path, data, values, at), o); err != nil {
		panic(err)
	}
	return true
}

func cannotRead(err error) error {
	return fmt.Errorf("the configuration file cannot be read: %w", err)
}

// originOf is the place of a fault, if it is known.
func originOf(path string, data []byte, err error) ConfigOrigin {
	from := ConfigOrigin{File: path}
	if e := (*textError)(nil); errors.As(err, &e) {
		from.Line, from.Column = lineColumn(data, e.offset)
	}
	return from
}

// readConfigFile reads a file. The error is without the path.
func readConfigFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, syscall.EISDIR
	}
	data, err := readConfig(f)
	return data, withoutPath(err)
}

// withoutPath is err without the name of the file, which is said elsewhere.
func withoutPath(err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// isMissing reports whether there is no such file.
//
// Source: Flask: config.py, from_pyfile: ENOENT, EISDIR, ENOTDIR.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.EISDIR) || errors.Is(err, syscall.ENOTDIR)
}
