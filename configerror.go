package retort

import (
	"os"
	"strconv"
)

// ConfigOrigin says where a value of the configuration was set. The zero value
// stands for the default.
type ConfigOrigin struct {
	// File is a configuration file, or the source file of the program that
	// called Set or a loader.
	File string
	// Line and Column begin at 1, the column in bytes; 0: not known.
	Line, Column int
	// Variable is an environment variable.
	Variable string
}

// String is "config.toml:3:1", with the file relative to the working directory
// when it lies below, "RETORT_DEBUG in the environment" or "default".
func (o ConfigOrigin) String() string {
	switch {
	case o.Variable != "":
		return o.Variable + " in the environment"
	case o.File == "":
		return "default"
	}
	dir, _ := os.Getwd() // without one, the whole path is given
	s := relativeTo(dir, o.File)
	if o.Line > 0 {
		s += ":" + strconv.Itoa(o.Line)
	}
	if o.Column > 0 {
		s += ":" + strconv.Itoa(o.Column)
	}
	return s
}

// origin gives the origin of a call in the program.
func (p position) origin() ConfigOrigin { return ConfigOrigin{File: p.file, Line: p.line} }

// ConfigError says why a configuration cannot be used. The methods of [Config]
// that load one panic with it, as Flask's raise: an app must not go on without
// what it was told.
type ConfigError struct {
	Origin ConfigOrigin
	Key    string // "": the whole file
	Err    error  // its text goes on from the name of the key
}

// Error is "retort: config.toml:3:1: config key DEBUG is a bool, not a string
// (yes)". It never has the value of a key that holds a secret.
func (e *ConfigError) Error() string {
	s := "retort: "
	if e.Origin != (ConfigOrigin{}) {
		s += e.Origin.String() + ": "
	}
	if e.Key != "" {
		s += "config key " + e.Key + " "
	}
	return s + e.Err.Error()
}

// Unwrap gives the reason: fs.ErrNotExist for a file that is missing.
func (e *ConfigError) Unwrap() error { return e.Err }
