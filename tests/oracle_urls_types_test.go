package tests

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/retort-go/retort/internal/urlmap"
)

// The types of this file are the recordings of real Werkzeug maps: rule sets with the
// look-ups (routing.json) and the URLs (build.json) that were tried on them.

type oracleSet struct {
	ID         string
	Map        map[string]any
	Rules      []oracleRule
	ServerName *string `json:"server_name"`
	MapError   string  `json:"map_error"`
	Cases      []*oracleCase
}

type oracleRule struct {
	Rule, Endpoint string
	Methods        []string
	Defaults       oracleValues
	StrictSlashes  *bool `json:"strict_slashes"`
	MergeSlashes   *bool `json:"merge_slashes"`
	Subdomain      *string
	Host           string
	BuildOnly      bool   `json:"build_only"`
	RedirectTo     string `json:"redirect_to"`
	Alias          bool
	WebSocket      bool
}

type oracleCase struct {
	ID, Method, Path, Query, Scheme string
	PathInfo                        string  `json:"path_info"`
	ScriptName                      string  `json:"script_name"`
	Host                            *string // absent: bound by hand
	WebSocket                       bool
	Tags                            []string
	Bind                            oracleBind

	Endpoint      string
	Values        oracleValues
	Multidict     bool
	ForceExternal bool    `json:"force_external"`
	AppendUnknown *bool   `json:"append_unknown"`
	URLScheme     *string `json:"url_scheme"`

	Expect        oracleExpect
	ExpectRelease *oracleExpect `json:"expect_release"`
}

type oracleBind struct {
	ServerName string `json:"server_name"`
	ScriptName string `json:"script_name"`
	Scheme     string
	Subdomain  string
	Method     string
}

type oracleExpect struct {
	Endpoint  *string
	Args      oracleValues
	Redirect  string
	Status    int
	Allow     []string
	Reason    string
	Exception string
	URL       *string
	Error     string
}

// oracleValues is a JSON object of tagged values, in the order written.
type oracleValues []urlmap.Value

func (v *oracleValues) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(strings.NewReader(string(data)))
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		var value oracleValue
		if err := dec.Decode(&value); err != nil {
			return err
		}
		*v = append(*v, urlmap.Value{Name: name.(string), Value: value.value})
	}
	return nil
}

// oracleValue is {"type": T, "value": V}.
type oracleValue struct{ value any }

func (v *oracleValue) UnmarshalJSON(data []byte) error {
	var raw struct {
		Type  string
		Value json.RawMessage
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	if raw.Type == "list" || raw.Type == "tuple" {
		var list []oracleValue
		err := json.Unmarshal(raw.Value, &list)
		values := make([]any, len(list))
		for i := range list {
			values[i] = list[i].value
		}
		v.value = values
		return err
	}
	text := strings.Trim(string(raw.Value), `"`)
	var err error
	switch raw.Type {
	case "int":
		if v.value, err = strconv.Atoi(text); err != nil {
			v.value, _ = new(big.Int).SetString(text, 10)
		}
		return nil
	case "float":
		v.value, err = strconv.ParseFloat(text, 64)
	case "bool":
		v.value = strings.EqualFold(text, "true")
	case "null":
		v.value = nil
	case "uuid":
		var raw []byte
		raw, err = hex.DecodeString(strings.ReplaceAll(text, "-", ""))
		if err == nil {
			v.value = urlmap.UUID(raw)
		}
	case "str":
		var s string
		err = json.Unmarshal(raw.Value, &s)
		v.value = s
	default:
		err = fmt.Errorf("value of unknown type %q", raw.Type)
	}
	return err
}
