package tests

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// recording is http.json: applications described in JSON, and what Flask
// answered for each.
type recording struct {
	Apps []recordedApp `json:"apps"`
}

type recordedApp struct {
	App   appSpec        `json:"app"`
	Cases []recordedCase `json:"cases"`
}

// appSpec describes an application.
type appSpec struct {
	ID      string         `json:"id"`
	Config  map[string]any `json:"config"`
	Options map[string]any `json:"options"`
	scopeSpec
	TeardownAppContext []steps             `json:"teardown_appcontext"`
	Files              map[string]fileSpec `json:"files"`
	Templates          map[string]string   `json:"templates"`
	ProxyFix           map[string]int      `json:"proxy_fix"` // null: none
	URLValueTrace      bool                `json:"url_value_trace"`

	root string // where Files and Templates were written
}

// scopeSpec is what the description of an app and that of a blueprint have in
// common.
type scopeSpec struct {
	Routes          []routeSpec     `json:"routes"`
	BeforeRequest   []steps         `json:"before_request"`
	AfterRequest    []steps         `json:"after_request"`
	TeardownRequest []steps         `json:"teardown_request"`
	ErrorHandlers   []handlerSpec   `json:"error_handlers"`
	Blueprints      []blueprintSpec `json:"blueprints"`
}

type routeSpec struct {
	Rule                    string                 `json:"rule"`
	Endpoint                string                 `json:"endpoint"`
	Methods                 []string               `json:"methods"`
	Defaults                pairs[json.RawMessage] `json:"defaults"`
	StrictSlashes           *bool                  `json:"strict_slashes"`
	Subdomain               string                 `json:"subdomain"`
	Host                    string                 `json:"host"`
	ProvideAutomaticOptions *bool                  `json:"provide_automatic_options"`
	RedirectTo              string                 `json:"redirect_to"`
	View                    steps                  `json:"view"`
}

// handlerSpec is an error handler; On is a status code or the name of a class.
type handlerSpec struct {
	On   any   `json:"on"`
	View steps `json:"view"`
}

// responseSpec describes a response that a view makes by hand.
type responseSpec struct {
	Body            string           `json:"body"`
	Status          json.RawMessage  `json:"status"`
	Headers         [][2]string      `json:"headers"`
	Mimetype        string           `json:"mimetype"`
	ContentType     string           `json:"content_type"`
	CacheControl    []string         `json:"cache_control"`
	MaxAge          *int             `json:"max_age"`
	Vary            []string         `json:"vary"`
	Allow           []string         `json:"allow"`
	ContentLanguage []string         `json:"content_language"`
	Location        *string          `json:"location"`
	RetryAfter      *int             `json:"retry_after"`
	Age             *int             `json:"age"`
	Expires         *int64           `json:"expires"`
	LastModified    *int64           `json:"last_modified"`
	ETag            *string          `json:"etag"`
	Weak            bool             `json:"weak"`
	AddETag         bool             `json:"add_etag"`
	Conditional     bool             `json:"conditional"`
	AcceptRanges    bool             `json:"accept_ranges"`
	WWWAuthenticate *authenticateRaw `json:"www_authenticate"`
}

type authenticateRaw struct {
	Type   string        `json:"type"`
	Params pairs[string] `json:"params"`
}

type recordedCase struct {
	ID    string         `json:"id"`
	Tags  []string       `json:"tags"`
	Steps []recordedStep `json:"steps"`
}

type recordedStep struct {
	Release *expectation `json:"expect_release"` // of the released Flask, where it answers differently
	Request request      `json:"request"`
	Expect  expectation  `json:"expect"`
}

// request is what was sent. Target is raw, as on the request line.
type request struct {
	Method          string          `json:"method"`
	Target          string          `json:"target"`
	Host            json.RawMessage `json:"host"` // absent: localhost; null: none
	Scheme          string          `json:"scheme"`
	Headers         [][2]string     `json:"headers"`
	Body            *string         `json:"body"`
	BodyB64         *string         `json:"body_b64"`
	ScriptName      string          `json:"script_name"`
	RemoteAddr      string          `json:"remote_addr"`
	NoContentLength bool            `json:"no_content_length"`
	InputTerminated bool            `json:"input_terminated"`
}

// expectation is what Flask answered; Propagated is the class of the exception
// that left the app instead.
type expectation struct {
	Status     int             `json:"status"`
	StatusLine string          `json:"status_line"`
	Headers    [][2]string     `json:"headers"`
	Body       bodySpec        `json:"body"`
	Session    json.RawMessage `json:"session"`
	Trace      []string        `json:"trace"`
	Propagated string          `json:"propagated"`
}

type bodySpec struct {
	Text   *string `json:"text"`
	B64    *string `json:"b64"`
	SHA256 *string `json:"sha256"`
	Length int     `json:"length"`
}

// step is one instruction of a view or hook.
type step struct {
	name string
	arg  json.RawMessage
}

// steps is a list of one-key objects.
type steps []step

func (s *steps) UnmarshalJSON(data []byte) error {
	var list []pairs[json.RawMessage]
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	for _, object := range list {
		if len(object) != 1 {
			return fmt.Errorf("a step is an object with one key, not %d", len(object))
		}
		*s = append(*s, step{object[0].key, object[0].value})
	}
	return nil
}

// pairs is a JSON object whose order counts.
type pairs[T any] []pair[T]

type pair[T any] struct {
	key   string
	value T
}

func (p *pairs[T]) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return errors.Join(fmt.Errorf("%.40s is no object", data), err)
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		var value T
		if err := dec.Decode(&value); err != nil {
			return err
		}
		*p = append(*p, pair[T]{key.(string), value})
	}
	return nil
}

// taggedValue is {"type": T, "value": V}: a Python value.
type taggedValue struct {
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
}

// goValue is the Go value that stands for it in a rule's defaults.
func (t taggedValue) goValue() (any, error) {
	var text string
	switch t.Type {
	case "null":
		return nil, nil
	case "bool":
		return string(t.Value) == "true", nil
	}
	if err := json.Unmarshal(t.Value, &text); err != nil {
		return nil, err
	}
	switch t.Type {
	case "int":
		return strconv.Atoi(text)
	case "float":
		return strconv.ParseFloat(text, 64)
	case "str", "uuid":
		return text, nil
	}
	return nil, fmt.Errorf("values of type %q are not read", t.Type)
}

// tagged gives the tagged form of an argument of a view.
func tagged(v any) map[string]any {
	switch v := v.(type) {
	case nil:
		return map[string]any{"type": "null", "value": nil}
	case string:
		return map[string]any{"type": "str", "value": v}
	case bool:
		return map[string]any{"type": "bool", "value": v}
	case int:
		return map[string]any{"type": "int", "value": strconv.Itoa(v)}
	case float64:
		return map[string]any{"type": "float", "value": pythonFloat(v)}
	case fmt.Stringer:
		return map[string]any{"type": "uuid", "value": v.String()}
	}
	return map[string]any{"type": fmt.Sprintf("%T", v), "value": fmt.Sprint(v)}
}

// pythonFloat writes f as Python's repr does.
func pythonFloat(f float64) string {
	short := strconv.FormatFloat(f, 'e', -1, 64)
	_, exponent, _ := strings.Cut(short, "e")
	if n, err := strconv.Atoi(exponent); err != nil || n < -4 || n >= 16 {
		return short
	}
	plain := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(plain, ".") {
		plain += ".0"
	}
	return plain
}

// jsonValue decodes data with the number types that a Go program would use.
func jsonValue(data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return withNumbers(v), nil
}

func withNumbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			v[key] = withNumbers(value)
		}
	case []any:
		for i := range v {
			v[i] = withNumbers(v[i])
		}
	case json.Number:
		return number(string(v))
	}
	return v
}

func number(text string) any {
	if strings.ContainsAny(text, ".eE") {
		f, _ := strconv.ParseFloat(text, 64)
		return f
	}
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	n, _ := new(big.Int).SetString(text, 10)
	return n
}

// bytes gives the body, nil when only its hash was recorded.
func (b bodySpec) bytes() []byte {
	switch {
	case b.Text != nil:
		return []byte(*b.Text)
	case b.B64 != nil:
		data, _ := base64.StdEncoding.DecodeString(*b.B64)
		return data
	}
	return nil
}
