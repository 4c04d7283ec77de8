package reloader

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// folderPrefix begins the names of the folders in which programs are built.
const folderPrefix = "retort-build-"

// programName begins the names of programs there.
const programName = "program"

// RemoveFolder removes a folder in which programs were built, with them and what
// the go command has left there. Whatever
// else is in it stays, and so does a folder of another name.
func RemoveFolder(dir string) {
	if !strings.HasPrefix(filepath.Base(dir), folderPrefix) {
		return
	}
	left, _ := filepath.Glob(filepath.Join(dir, workName, "go-build[0-9]*"))
	for _, name := range left {
		_ = os.RemoveAll(name)
	}
	_ = os.Remove(filepath.Join(dir, workName))
	built, _ := filepath.Glob(filepath.Join(dir, programName+"[0-9]*")) // the pattern is one
	for _, name := range built {
		_ = os.Remove(name) // what is left of it takes room, no more
	}
	_ = os.Remove(dir)
}

// workName is the folder in which the go command builds. It leaves much there when
// it is killed.
const workName = "gotmp"

// compile builds the program and removes what the go command has left behind.
func (r *reloader) compile(ctx context.Context, output string) error {
	work := filepath.Join(r.folder, workName)
	if err := os.MkdirAll(work, 0o700); err != nil {
		return err
	}
	defer os.RemoveAll(work)
	p := r.Program
	p.Env = append(slices.Clip(p.Env), "GOTMPDIR="+work)
	return p.Build(ctx, output)
}

// removeOld removes the programs before build n. The last one may still run.
func (r *reloader) removeOld(n int) {
	for i := n - 2; i > 0; i-- {
		if os.Remove(filepath.Join(r.folder, programName+strconv.Itoa(i)+exeSuffix)) != nil {
			return
		}
	}
}
