package devpage

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/retort-go/retort/internal/dotenv"
	"github.com/retort-go/retort/internal/mask"
	"github.com/retort-go/retort/internal/reloader"
)

// secrets are those of the environment, which a program is started with, and of
// the files by which it completes that: this process need not have read them.
func secrets() *mask.Secrets {
	s := new(mask.Secrets)
	s.AddEnviron(os.Environ())
	for _, name := range envFiles() {
		s.AddEnviron(variablesIn(name))
	}
	return s
}

// secretsOf are those of a program that has ended, and of the source that is shown
// where it did: its last words are apt to quote that.
func secretsOf(p *reloader.Problem, root string) *mask.Secrets {
	s := secrets()
	s.Add(p.Secrets...)
	for _, line := range readEnding(withoutColors(p.Output), root).Excerpt {
		s.AddLiterals(line.Text)
	}
	return s
}

// envFiles are the files of variables that a program reads: those that were named,
// and those that it reads anyhow.
func envFiles() []string {
	files := filepath.SplitList(os.Getenv("RETORT_ENV_FILE"))
	files = append(files, filepath.SplitList(os.Getenv("RETORT_RUN_DOTENV_FILES"))...)
	return append(files, ".env", ".retortenv")
}

// variablesIn are the variables in a file as os.Environ gives them. Of one that
// holds a fault they are its words.
func variablesIn(name string) []string {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	variables, err := dotenv.Parse(string(text), os.LookupEnv)
	if err != nil {
		return strings.Fields(string(text))
	}
	var all []string
	for _, v := range variables {
		all = append(all, v.Name+"="+v.Value)
	}
	return all
}
