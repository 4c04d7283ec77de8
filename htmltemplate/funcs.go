package htmltemplate

import (
	"errors"
	"fmt"
	"reflect"
	"unicode"
)

// words are what this package adds to the language. The parser must know them;
// none is left in a compiled page.
var words = FuncMap{
	"extends": misplaced,
	"import":  misplaced,
	"super":   misplaced,
}

func misplaced(...any) (string, error) {
	return "", errors.New("extends, import and super stand alone in their action")
}

// taken are the names that mean something to html/template itself.
var taken = map[string]bool{
	"and": true, "or": true, "not": true, "call": true, "len": true, "index": true, "slice": true,
	"html": true, "js": true, "urlquery": true, "print": true, "printf": true, "println": true,
	"eq": true, "ne": true, "lt": true, "le": true, "gt": true, "ge": true,
	"block": true, "break": true, "continue": true, "define": true, "else": true, "end": true, "if": true,
	"nil": true, "range": true, "template": true, "with": true, "true": true, "false": true,
	"extends": true, "import": true, "super": true,
}

// CheckFunc says why f cannot be a function of templates under a name: the name
// must be one that can be written in templates and no word of theirs, and f a
// function with one result, or with one and an error.
func CheckFunc(name string, f any) error {
	if !isName(name) {
		return fmt.Errorf("%q cannot be the name of a function in templates: names are letters, digits and underscores, a letter first", name)
	}
	if taken[name] {
		return fmt.Errorf("%q cannot be the name of a function in templates: it has a meaning there already", name)
	}
	v := reflect.ValueOf(f)
	if v.Kind() != reflect.Func || v.IsNil() {
		return fmt.Errorf("the template function %q must be a function, not a %T (%v)", name, f, f)
	}
	t := v.Type()
	if t.NumOut() == 1 || t.NumOut() == 2 && t.Out(1) == reflect.TypeFor[error]() {
		return nil
	}
	return fmt.Errorf("the template function %q must have one result, or one and an error, and is a %v", name, t)
}

// isName reports whether templates can call a function of this name. Those with
// an underscore first are this package's own.
func isName(name string) bool {
	for i, r := range name {
		if !unicode.IsLetter(r) && (i == 0 || r != '_' && !unicode.IsDigit(r)) {
			return false
		}
	}
	return name != ""
}
