package cmdline

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/retort-go/retort/internal/nearest"
)

// setting is a flag or an argument while its value is found.
type setting struct {
	name    string // for messages: --port, FILE
	kind    any    // a value of its type
	choices []string
}

// parse reads one text as a value of the type.
func (s *setting) parse(text string) (any, error) {
	var value any
	var err error
	switch s.kind.(type) {
	case bool:
		value, err = parseBool(text)
	case int:
		value, err = strconv.Atoi(text)
	case float64:
		value, err = strconv.ParseFloat(text, 64)
	case time.Duration:
		value, err = time.ParseDuration(text)
	default:
		value = text
	}
	if err != nil {
		return nil, fmt.Errorf("%s takes %s, not %q", s.name, wanted(s.kind), text)
	}
	if len(s.choices) > 0 && !slices.Contains(s.choices, text) {
		return nil, fmt.Errorf("%s takes one of %s, not %q%s", s.name, strings.Join(s.choices, ", "), text, meant("", s.choices, text))
	}
	return value, nil
}

// wanted says in words what a type takes.
func wanted(kind any) string {
	switch kind.(type) {
	case bool:
		return "yes or no"
	case int:
		return "a whole number"
	case float64:
		return "a number"
	case time.Duration:
		return `a time such as 90s or 1h30m`
	}
	return "a text"
}

// parseBool reads the words that the configuration takes for true and false.
func parseBool(text string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "1", "t", "true", "y", "yes", "on":
		return true, nil
	case "0", "f", "false", "n", "no", "off":
		return false, nil
	}
	return false, strconv.ErrSyntax
}

// meant suggests the nearest of names, each with prefix before it.
func meant(prefix string, names []string, name string) string {
	if n := nearest.Name(names, name); n != "" {
		return fmt.Sprintf("; did you mean %s%s?", prefix, n)
	}
	return ""
}

// zero is the value of a flag or argument that was left out: its default.
func zero(value any, list bool) any {
	if value != nil {
		return value
	}
	if list {
		return []string(nil)
	}
	return ""
}

// envName is the environment variable of a flag: RETORT_RUN_PORT.
func envName(parts ...string) string {
	name := strings.ToUpper(strings.Join(parts, "_"))
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '.' || r == ':' {
			return '_'
		}
		return r
	}, name)
}
