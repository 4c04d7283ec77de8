package retort

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/retort-go/retort/internal/dotenv"
)

// LoadDotenv sets the variables of files of the form NAME=value in the
// environment of the process, for [Config.FromPrefixedEnv] and all else that
// reads it. What the environment has already stays, and of two files the first
// goes before the second. Without names these are .env and .retortenv in the
// working directory, if they are there; named files must be. The result is
// whether a file was read. RETORT_SKIP_DOTENV=1 in the environment has it read
// none when there are no names.
//
// A value may be in quotes, 'as it is' or "with \n and ${NAME}", over several
// lines, and a comment begins with # after a blank; export before a name is
// passed over. ${NAME} is that of the environment, else of an earlier file or line, and
// ${NAME:-text} is text when it is unset or empty.
//
// Call it first in main: other goroutines may be reading the environment. It
// panics with a [*ConfigError] that has the place when a file cannot be read or
// holds a fault, and then sets nothing.
//
// Source: Flask: cli.py, load_dotenv; python-dotenv. Differs from Flask: only the
// working directory is looked at and not those above, because their files belong
// to something else, and a malformed line is not passed over.
func LoadDotenv(names ...string) bool {
	optional := len(names) == 0
	if skip, _ := parseBool(os.Getenv("RETORT_SKIP_DOTENV")); optional && skip {
		return false
	}
	if optional {
		names = defaultDotenv()
	}
	loaded := false
	var all []dotenv.Variable
	lookup := func(name string) (string, bool) {
		value, ok := os.LookupEnv(name)
		i := slices.IndexFunc(all, func(v dotenv.Variable) bool { return v.Name == name })
		if !ok && i >= 0 {
			return all[i].Value, true
		}
		return value, ok
	}
	for _, name := range names {
		variables, err := readDotenv(name, lookup)
		if optional && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			panic(err)
		}
		loaded = true
		all = append(all, variables...)
		note(envDotenvFiles, string(filepath.ListSeparator), absolute(name))
	}
	setMissing(all)
	return loaded
}

// defaultDotenv are the files that are read when none is named.
func defaultDotenv() []string { return []string{".env", ".retortenv"} }

// setMissing sets the variables that the environment does not have.
func setMissing(variables []dotenv.Variable) {
	for _, v := range variables {
		if _, has := os.LookupEnv(v.Name); !has {
			os.Setenv(v.Name, v.Value) // name and value were checked
			note(envDotenvNames, ",", v.Name)
		}
	}
}

// In the environment the reloader finds which variables come from files, because
// the app that it starts reads them anew, and which files these are.
const (
	envDotenvNames = "RETORT_RUN_DOTENV"
	envDotenvFiles = "RETORT_RUN_DOTENV_FILES"
)

// note adds an item to the list that an environment variable holds.
func note(variable, separator, item string) {
	if list := os.Getenv(variable); list != "" {
		item = list + separator + item
	}
	os.Setenv(variable, item)
}

// readDotenv reads one file. The error is a *ConfigError.
func readDotenv(name string, lookup func(string) (string, bool)) ([]dotenv.Variable, error) {
	from := ConfigOrigin{File: name}
	if abs, err := filepath.Abs(name); err == nil {
		from.File = abs
	}
	data, err := readConfigFile(name)
	if err != nil {
		return nil, &ConfigError{Origin: from, Err: cannotRead(err)}
	}
	variables, err := dotenv.Parse(string(data), lookup)
	if fault := (*dotenv.Error)(nil); errors.As(err, &fault) {
		from.Line, from.Column = fault.Line, fault.Column
		return nil, &ConfigError{Origin: from, Err: fault.Err}
	}
	return variables, err
}
