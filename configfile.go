package retort

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// textError is a fault at a place in a text.
type textError struct {
	offset int // in bytes
	err    error
}

func (e *textError) Error() string { return e.err.Error() }
func (e *textError) Unwrap() error { return e.err }

// lineColumn gives the place in a text of its byte at offset.
func lineColumn(data []byte, offset int) (line, column int) {
	before := data[:min(offset, len(data))]
	return bytes.Count(before, []byte("\n")) + 1, len(before) - bytes.LastIndexByte(before, '\n')
}

// decodeConfig reads a configuration file: its values, and where the keys stand.
// load is nil when the ending of the name says what the file is.
func decodeConfig(name string, data []byte, load func([]byte, any) error) (map[string]any, map[string]int, error) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	ending := strings.ToLower(filepath.Ext(name))
	switch {
	case load != nil:
		var values map[string]any
		return values, nil, load(data, &values)
	case ending == ".json":
		return decodeJSONConfig(data)
	case ending == ".toml":
		return decodeTOMLConfig(data)
	}
	return nil, nil, fmt.Errorf("the ending %q is neither .json nor .toml; say how to read it: retort.LoadWith(yaml.Unmarshal)", ending)
}

func decodeTOMLConfig(data []byte) (map[string]any, map[string]int, error) {
	var values map[string]any
	err := toml.Unmarshal(data, &values)
	if e := (*toml.DecodeError)(nil); errors.As(err, &e) {
		line, column := e.Position()
		text := strings.TrimPrefix(e.Error(), "toml: ")
		return nil, nil, &textError{offsetOf(data, line, column), errors.New(text)}
	}
	return values, tomlKeys(data), err
}

// offsetOf is the inverse of lineColumn.
func offsetOf(data []byte, line, column int) int {
	offset := 0
	for ; line > 1; line-- {
		offset += bytes.IndexByte(data[offset:], '\n') + 1
	}
	return offset + column - 1
}

// tomlKeys finds the first place of each key and table of the top.
func tomlKeys(data []byte) map[string]int {
	at := make(map[string]int)
	inTable := false
	var p unstable.Parser
	for p.Reset(data); p.NextExpression(); {
		e := p.Expression()
		key := e.Key()
		if inTable = inTable || e.Kind != unstable.KeyValue; inTable && e.Kind == unstable.KeyValue || !key.Next() {
			continue
		}
		name := string(key.Node().Data)
		if _, there := at[name]; !there {
			at[name] = int(key.Node().Raw.Offset)
		}
	}
	return at
}

// decodeJSONConfig reads an object. Its keys are read one by one for their
// places, and because a key that is there twice is a slip.
func decodeJSONConfig(data []byte) (map[string]any, map[string]int, error) {
	if err := checkJSON(data); err != nil {
		return nil, nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if open, _ := dec.Token(); open != json.Delim('{') {
		return nil, nil, &textError{0, errors.New("a configuration is a JSON object: {\"KEY\": value}")}
	}
	values, at := make(map[string]any), make(map[string]int)
	for dec.More() {
		offset := int(dec.InputOffset())
		offset += bytes.IndexByte(data[offset:], '"')
		token, _ := dec.Token()
		key, _ := token.(string)
		if first, twice := at[key]; twice {
			line, _ := lineColumn(data, first)
			return nil, nil, &textError{offset, fmt.Errorf("the key %q is there twice, first in line %d", key, line)}
		}
		var value any
		if err := dec.Decode(&value); err != nil { // nested too deep
			return nil, nil, &textError{offset, err}
		}
		values[key], at[key] = plainNumbers(value), offset
	}
	return values, at, nil
}

// checkJSON finds the first fault of a JSON text.
func checkJSON(data []byte) error {
	if !utf8.Valid(data) {
		return &textError{len(bytes.ToValidUTF8(data[:firstInvalid(data)], nil)), errNotUnicode}
	}
	var any json.RawMessage
	err := json.Unmarshal(data, &any)
	if e := (*json.SyntaxError)(nil); errors.As(err, &e) {
		offset := int(e.Offset)
		if offset < len(data) || !strings.Contains(e.Error(), "unexpected end") {
			offset--
		}
		return &textError{max(offset, 0), err}
	}
	return err
}

// firstInvalid is the index of the first byte that is no UTF-8.
func firstInvalid(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(data)
}

// located gives the values in the order in which they stand in the file.
func located(file string, data []byte, values map[string]any, at map[string]int) []configValue {
	list := make([]configValue, 0, len(values))
	for key, value := range values {
		from := ConfigOrigin{File: file}
		if offset, ok := at[key]; ok {
			from.Line, from.Column = lineColumn(data, offset)
		}
		list = append(list, configValue{key: key, value: value, from: from})
	}
	slices.SortFunc(list, func(a, b configValue) int {
		return cmp.Or(a.from.Line-b.from.Line, a.from.Column-b.from.Column, strings.Compare(a.key, b.key))
	})
	return list
}

// maxConfigFile bounds what is read: a larger file is something else.
const maxConfigFile = 16 << 20

func readConfig(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxConfigFile+1))
	if err == nil && len(data) > maxConfigFile {
		err = fmt.Errorf("the file has more than %d MiB, so it is no configuration", maxConfigFile>>20)
	}
	return data, err
}
