package retort

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

var (
	errNotBoolWord    = errors.New("is a bool: true, 1, yes, on; false, 0, no, off")
	errNotSecondsText = errors.New(`is a number of seconds, or a duration such as "1h30m"`)
	errNotCountText   = errors.New("is a whole number")
	errNotSecretsText = errors.New(`is a list of keys, as JSON: ["key", "older key"]; a single key would be taken for a list of one-letter keys`)
)

// fromText reads a value of the kind from the environment; ok is false for an
// empty text that says nothing. The result is still to be checked.
func (k configKind) fromText(text string) (value any, ok bool, err error) {
	word := strings.TrimSpace(text)
	if word == "null" {
		return nil, true, nil
	}
	if k == stringKey || k == secretKey {
		return unquotedJSON(text), true, nil
	}
	if word == "" {
		return nil, false, nil
	}
	switch k {
	case boolKey:
		b, known := parseBool(word)
		if !known {
			err = fmt.Errorf("%w; not %q", errNotBoolWord, text)
		}
		return b, true, err
	case listKey:
		return listFromText(word), true, nil
	case secretsKey:
		list, isList := looseValue(word).([]any)
		if !isList {
			err = errNotSecretsText
		}
		return list, true, err
	}
	value, err = k.numberFromText(word)
	return value, true, err
}

func (k configKind) numberFromText(word string) (any, error) {
	if n, err := strconv.ParseInt(word, 10, 64); err == nil {
		return n, nil
	}
	if k != secondsKey {
		return nil, fmt.Errorf("%w; not %q", errNotCountText, word)
	}
	d, err := time.ParseDuration(word)
	if err != nil {
		return nil, fmt.Errorf("%w; not %q", errNotSecondsText, word)
	}
	return d, nil
}

// unquotedJSON takes the quotes off a text that is a JSON string.
func unquotedJSON(text string) string {
	if s, ok := looseValue(text).(string); ok {
		return s
	}
	return text
}

// listFromText reads a JSON list, or a text with commas.
func listFromText(text string) any {
	if list, ok := looseValue(text).([]any); ok {
		return list
	}
	var list []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}

// looseValue reads a text as JSON, the words true and false in any case. What is
// neither stays text, and so does a number that is too large to be one.
//
// Source: Flask: config.py, from_prefixed_env. Differs from Flask: Python's
// spelling True is a bool too, because an app that moves brings it along.
func looseValue(text string) any {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true":
		return true
	case "false":
		return false
	}
	value, err := decodeJSON([]byte(text))
	if err != nil {
		return text
	}
	if _, tooLarge := value.(json.Number); tooLarge {
		return text
	}
	return value
}

// decodeJSON reads one JSON text, with whole numbers as int64, others as float64,
// and those too large for either as they are.
func decodeJSON(data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("there is more after the value")
	}
	return plainNumbers(value), nil
}

// plainNumbers replaces the numbers in what a decoder with UseNumber gave.
func plainNumbers(value any) any {
	switch v := value.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
			return n
		}
		if f, err := v.Float64(); err == nil && strings.ContainsAny(string(v), ".eE") {
			return f
		}
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = plainNumbers(v[key])
		}
	}
	return value
}
