package tests

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/retort-go/retort"

// listed is a package as go list has it.
type listed struct {
	ImportPath string
	Dir        string
	Imports    []string
	Deps       []string
	Standard   bool
	Module     *struct{ Path string }
}

// short is the path below the module: "." for the root package.
func (p *listed) short() string {
	return path.Clean("./" + strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/"))
}

// own reports whether the package belongs to the module.
func (p *listed) own() bool {
	return p.ImportPath == module || strings.HasPrefix(p.ImportPath, module+"/")
}

// shipped reports whether the package is for others to import.
func (p *listed) shipped() bool {
	first, _, _ := strings.Cut(p.short(), "/")
	return p.own() && !slices.Contains([]string{"examples", "tests", "tools"}, first)
}

// packages lists the packages of the module and all that they import.
func packages(t *testing.T) []*listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,Imports,Deps,Standard,Module", "./...")
	cmd.Dir = moduleDir
	out, err := cmd.Output()
	require.NoError(t, err)
	var all []*listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		p := new(listed)
		if err := dec.Decode(p); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
		all = append(all, p)
	}
	require.NotEmpty(t, all)
	return all
}

// floor is how deep in the house a package lies: it imports only those below.
// Packages on the same floor do not know each other, except on the ground and
// below one of them.
func floor(short string) int {
	if short == "gateway/gatewaytest" {
		return 2
	}
	first, _, _ := strings.Cut(short, "/")
	switch first {
	case "internal", "datastructures", "templates", "security", "signing", "taggedjson", "htmltemplate", "templateloader":
		return 0
	case "gateway":
		return 1
	case "middleware", "serving":
		return 2
	case ".":
		return 3
	case "cli", "websocket":
		return 4
	case "cmd", "examples", "tests":
		return 5
	}
	return -1
}

func TestImportsGoDownOnly(t *testing.T) {
	for _, p := range packages(t) {
		if !p.own() {
			continue
		}
		from := floor(p.short())
		require.NotEqual(t, -1, from, "%s has no floor; give it one in floor", p.ImportPath)
		for _, imported := range p.Imports {
			q := &listed{ImportPath: imported}
			if !q.own() {
				continue
			}
			to := floor(q.short())
			ground := from == 0 || strings.HasPrefix(q.short(), p.short()+"/")
			assert.True(t, to < from || to == from && ground, "%s must not import %s: imports go down only", p.short(), q.short())
		}
	}
}

func TestTheInnerPackagesKnowNoServer(t *testing.T) {
	refused := map[string][]string{
		"internal/urlmap":     {"net/http", "net", "os", "io/fs"},
		"internal/httpfield":  {"net/http", "net", "os", "io/fs"},
		"internal/formparser": {"net/http", "net"}, // large files of a form go to the disk
		"datastructures":      {"net/http", "net"},
	}
	for _, p := range packages(t) {
		for _, imported := range refused[p.short()] {
			assert.NotContains(t, p.Imports, imported, p.ImportPath)
		}
	}
}

func TestShippedPackagesLeaveTestingOut(t *testing.T) {
	for _, p := range packages(t) {
		if !p.shipped() {
			continue
		}
		for _, tool := range []string{"testing", "net/http/httptest", "github.com/stretchr/testify/assert"} {
			assert.NotContains(t, p.Deps, tool, p.ImportPath)
		}
	}
}

// TestEveryDependencyIsExplained: ARCHITECTURE.md says what each module is for.
func TestEveryDependencyIsExplained(t *testing.T) {
	needed := make(map[string]bool)
	for _, p := range packages(t) {
		if p.Module != nil && p.Module.Path != module {
			needed[p.Module.Path] = true
		}
	}
	cmd := exec.Command("go", "mod", "edit", "-json")
	cmd.Dir = moduleDir
	out, err := cmd.Output()
	require.NoError(t, err)
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	require.NoError(t, json.Unmarshal(out, &mod))
	require.NotEmpty(t, mod.Require)
	for _, r := range mod.Require {
		if !r.Indirect {
			needed[r.Path] = true
		}
	}
	data, err := os.ReadFile(filepath.Join(moduleDir, "ARCHITECTURE.md"))
	require.NoError(t, err)
	for modulePath := range needed {
		assert.True(t, strings.Contains(string(data), "- `"+modulePath+"`: "), "ARCHITECTURE.md does not say what %s is for", modulePath)
	}
}

func TestOnlyTheRootPackageKnowsMux(t *testing.T) {
	for _, p := range packages(t) {
		if p.shipped() && p.short() != "." {
			assert.NotContains(t, p.Imports, "github.com/gorilla/mux", p.ImportPath)
		}
	}
}
