package main

import (
	"os"
	"path/filepath"

	"github.com/retort-go/retort/internal/dotenv"
)

// environment is the environment of a program: that of this process, and the files
// that the program reads at its start. The files are looked at because they may
// say where to listen; what they say is set by the program alone, which reads them
// anew each time. What is wrong with them, it says too.
type environment map[string]string

// environmentOf is that of a program that starts in the folder dir and reads more
// files before the usual ones.
func environmentOf(dir string, more []string) environment {
	env := make(environment)
	files := more
	if skip := os.Getenv("RETORT_SKIP_DOTENV"); skip == "" || skip == "0" || skip == "false" {
		files = append(files[:len(files):len(files)], filepath.Join(dir, ".env"), filepath.Join(dir, ".retortenv"))
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		variables, err := dotenv.Parse(string(text), env.lookup)
		if err != nil {
			continue
		}
		for _, v := range variables {
			if _, ok := env[v.Name]; !ok {
				env[v.Name] = v.Value
			}
		}
	}
	return env
}

// lookup finds a variable. What this process has goes before the files.
func (e environment) lookup(name string) (string, bool) {
	if value, ok := os.LookupEnv(name); ok {
		return value, true
	}
	value, ok := e[name]
	return value, ok
}
