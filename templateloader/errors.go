package templateloader

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/retort-go/retort/internal/nearest"
)

// NameError says why a text cannot be the name of a template.
type NameError struct {
	Name   string
	Reason string // "it is empty"
}

// Error says what is wrong with the name.
func (e *NameError) Error() string {
	return fmt.Sprintf("%q is no name for a template: %s", e.Name, e.Reason)
}

// NotFoundError says that no source has a template. It is an [fs.ErrNotExist].
//
// Source: Jinja: exceptions.py, TemplateNotFound.
type NotFoundError struct {
	Name   string
	loader *Loader
}

// Explanation says where the template is looked for.
func (e *NotFoundError) Explanation() *Explanation { return e.loader.Explain(e.Name) }

// Near is a template with nearly this name, which may have been meant; "" when
// there is none.
func (e *NotFoundError) Near() string { return near(e.loader.Names(), e.Name) }

// near gives the name that is most like another one. Extensions do not count:
// with them every page would be like every other.
func near(names []string, name string) string {
	stems := make([]string, len(names))
	for i, n := range names {
		stems[i] = strings.TrimSuffix(n, path.Ext(n))
	}
	if i := nearest.Index(stems, strings.TrimSuffix(name, path.Ext(name))); i >= 0 {
		return names[i]
	}
	return ""
}

// Error says in one line where the template was looked for, and what may have
// been meant. It looks at the sources to find out.
func (e *NotFoundError) Error() string {
	text := fmt.Sprintf("there is no template %q", e.Name)
	if near := e.Near(); near != "" {
		text += fmt.Sprintf(", perhaps %q is meant", near)
	}
	if len(e.loader.Sources) == 0 {
		return text + "; there is no folder of templates to look into"
	}
	var places []string
	for _, a := range e.Explanation().Attempts {
		place := describe(a.Label, a.Place)
		if a.Outcome != "not there" {
			place += ": " + a.Outcome
		}
		places = append(places, place)
	}
	return text + "; it was looked for in " + strings.Join(places, ", ")
}

// Is reports whether target is [fs.ErrNotExist].
func (e *NotFoundError) Is(target error) bool { return target == fs.ErrNotExist }
