package tests

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// source is a shipped package as it is written, without its tests.
type source struct {
	path  string
	fset  *token.FileSet
	files []*ast.File
}

// sources reads the shipped packages.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	for _, p := range packages(t) {
		if !p.shipped() {
			continue
		}
		s := source{path: p.ImportPath, fset: token.NewFileSet()}
		names, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
		require.NoError(t, err)
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			data, err := os.ReadFile(name)
			require.NoError(t, err)
			file, err := parser.ParseFile(s.fset, name, data, parser.ParseComments|parser.SkipObjectResolution)
			require.NoError(t, err)
			s.files = append(s.files, file)
		}
		require.NotEmpty(t, s.files)
		all = append(all, s)
	}
	return all
}

// at is the place of a node for a message.
func (s *source) at(n ast.Node) string {
	p := s.fset.Position(n.Pos())
	return fmt.Sprintf("%s/%s:%d", s.path, filepath.Base(p.Filename), p.Line)
}

// startsWith reports whether a comment begins with the name that it is about.
func startsWith(comment, name string) bool {
	for _, article := range []string{"", "A ", "An ", "The "} {
		rest, ok := strings.CutPrefix(comment, article+name)
		if ok && (rest == "" || strings.ContainsAny(rest[:1], " \n,.:'")) {
			return true
		}
	}
	return strings.HasPrefix(comment, "Deprecated:")
}

func TestEveryExportedNameIsDocumented(t *testing.T) {
	for _, s := range sources(t) {
		described := false
		for _, file := range s.files {
			described = described || file.Doc.Text() != ""
			for _, decl := range file.Decls {
				s.checkDecl(t, decl)
			}
		}
		assert.True(t, described, "%s has no package comment", s.path)
	}
}

func (s *source) checkDecl(t *testing.T, decl ast.Decl) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && exportedReceiver(d) {
			assert.True(t, startsWith(d.Doc.Text(), d.Name.Name), "%s: the comment of %s begins with its name", s.at(d), d.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			s.checkSpec(t, d, spec)
		}
	}
}

func (s *source) checkSpec(t *testing.T, d *ast.GenDecl, spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		text := spec.Doc.Text()
		if text == "" {
			text = d.Doc.Text()
		}
		if spec.Name.IsExported() {
			assert.True(t, startsWith(text, spec.Name.Name), "%s: the comment of %s begins with its name", s.at(spec), spec.Name)
			s.checkMembers(t, spec, text)
		}
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			if !name.IsExported() {
				continue
			}
			own := spec.Doc.Text() + spec.Comment.Text()
			single := len(d.Specs) == 1 && startsWith(d.Doc.Text(), name.Name)
			assert.True(t, own != "" || single || d.Lparen.IsValid() && d.Doc.Text() != "", "%s: %s has a comment, or its group has", s.at(spec), name)
		}
	}
}

// checkMembers wants a comment for each method of an exported interface, unless
// that of the interface speaks of it.
func (s *source) checkMembers(t *testing.T, spec *ast.TypeSpec, typeDoc string) {
	i, ok := spec.Type.(*ast.InterfaceType)
	if !ok {
		return
	}
	for _, m := range i.Methods.List {
		for _, name := range m.Names {
			if name.IsExported() && !strings.Contains(typeDoc, name.Name) && len(i.Methods.List) > 1 {
				assert.NotEmpty(t, m.Doc.Text()+m.Comment.Text(), "%s: %s.%s has a comment", s.at(m), spec.Name, name)
			}
		}
	}
}

// exportedReceiver reports whether a function is no method, or one of an
// exported type.
func exportedReceiver(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	return ast.IsExported(receiverName(f.Recv.List[0].Type))
}

func receiverName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiverName(e.X)
	case *ast.IndexExpr:
		return receiverName(e.X)
	case *ast.IndexListExpr:
		return receiverName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// docLink is a link such as [App], [App.Run], [*App] or [http.Handler].
var docLink = regexp.MustCompile(`\[\*?((?:[A-Za-z]\w*\.){0,2}[A-Z]\w*)\]`)

func TestEveryDocLinkLeadsSomewhere(t *testing.T) {
	for _, s := range sources(t) {
		p, err := doc.NewFromFiles(s.fset, s.files, s.path, doc.AllDecls|doc.PreserveAST)
		require.NoError(t, err)
		names, imported := symbols(p), importNames(s.files)
		for _, file := range s.files {
			for _, comment := range file.Comments {
				for _, m := range docLink.FindAllStringSubmatch(prose(comment.Text()), -1) {
					first, _, qualified := strings.Cut(m[1], ".")
					if qualified && !ast.IsExported(first) {
						assert.True(t, imported[first], "%s: [%s] is of a package that is not imported", s.at(comment), m[1])
					} else {
						assert.True(t, names[m[1]], "%s: [%s] is not there", s.at(comment), m[1])
					}
				}
			}
		}
	}
}

// prose is a comment without its code blocks.
func prose(comment string) string {
	lines := strings.Split(comment, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "\t") }), "\n")
}

// symbols are the names that links in a package may have.
func symbols(p *doc.Package) map[string]bool {
	names := make(map[string]bool)
	values := func(list []*doc.Value) {
		for _, v := range list {
			for _, name := range v.Names {
				names[name] = true
			}
		}
	}
	funcs := func(of string, list []*doc.Func) {
		for _, f := range list {
			names[of+f.Name] = true
		}
	}
	values(p.Consts)
	values(p.Vars)
	funcs("", p.Funcs)
	for _, typ := range p.Types {
		names[typ.Name] = true
		values(typ.Consts)
		values(typ.Vars)
		funcs("", typ.Funcs)
		funcs(typ.Name+".", typ.Methods)
		members(names, typ)
	}
	return names
}

// members adds the fields of a struct and the methods of an interface.
func members(names map[string]bool, typ *doc.Type) {
	for _, spec := range typ.Decl.Specs {
		ast.Inspect(spec, func(n ast.Node) bool {
			if f, ok := n.(*ast.Field); ok {
				for _, name := range f.Names {
					names[typ.Name+"."+name.Name] = true
				}
			}
			return true
		})
	}
}

// importNames are the last parts of what the files import.
func importNames(files []*ast.File) map[string]bool {
	names := make(map[string]bool)
	for _, file := range files {
		for _, i := range file.Imports {
			path := strings.Trim(i.Path.Value, `"`)
			names[path[strings.LastIndexByte(path, '/')+1:]] = true
			if i.Name != nil {
				names[i.Name.Name] = true
			}
		}
	}
	return names
}
