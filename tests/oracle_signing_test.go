package tests

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/signing"
	"github.com/retort-go/retort/taggedjson"
)

// pythonValue is a taggedValue as a session has it, and with B64 for bytes.
type pythonValue struct {
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
	B64   string          `json:"b64"`
}

// goValue is the Go value that stands for it.
func (v pythonValue) goValue(t *testing.T) any {
	t.Helper()
	read := func(into any) { require.NoError(t, json.Unmarshal(v.Value, into), v.Type) }
	switch v.Type {
	case "null":
		return nil
	case "bool":
		return string(v.Value) == "true"
	case "bytes":
		data, err := base64.StdEncoding.DecodeString(v.B64)
		require.NoError(t, err)
		return data
	case "list", "tuple":
		var list []pythonValue
		read(&list)
		values := make([]any, len(list))
		for i := range list {
			values[i] = list[i].goValue(t)
		}
		if v.Type == "tuple" {
			return taggedjson.Tuple(values)
		}
		return values
	case "dict":
		m := make(map[string]any)
		var items [][2]json.RawMessage
		read(&items)
		for _, item := range items {
			var key string
			var value pythonValue
			require.NoError(t, json.Unmarshal(item[0], &key))
			require.NoError(t, json.Unmarshal(item[1], &value))
			m[key] = value.goValue(t)
		}
		return m
	}
	var text string
	read(&text)
	return pythonText(t, v.Type, text)
}

// pythonText is the Go value of a type that is recorded as text.
func pythonText(t *testing.T, kind, text string) any {
	t.Helper()
	switch kind {
	case "str":
		return text
	case "markup":
		return template.HTML(text)
	case "int":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
		return json.Number(text)
	case "float":
		f, err := strconv.ParseFloat(text, 64)
		if !math.IsInf(f, 0) {
			require.NoError(t, err)
		}
		return f
	case "uuid":
		var u any
		require.NoError(t, new(taggedjson.Serializer).Loads([]byte(`{" u":"`+text+`"}`), &u))
		return u
	case "datetime":
		moment, err := time.Parse(time.RFC3339, text)
		require.NoError(t, err)
		return moment.UTC()
	}
	require.Fail(t, "values of this type are not read", kind)
	return nil
}

// TestRecordedTaggedJSON replays the section tagged_json, which holds without
// exception.
func TestRecordedTaggedJSON(t *testing.T) {
	var recording struct {
		Sections struct {
			TaggedJSON struct {
				Cases []struct {
					ID, JSON string
					In       pythonValue
				}
			} `json:"tagged_json"`
		} `json:"sections"`
	}
	readOracle(t, "compat.json", &recording)
	cases, hold := recording.Sections.TaggedJSON.Cases, 0
	s := new(taggedjson.Serializer)
	for _, c := range cases {
		value := c.In.goValue(t)
		text, err := s.Dumps(value)
		written := assert.NoError(t, err, c.ID) && assert.Equal(t, c.JSON, string(text), c.ID)
		var got any
		err = s.Loads([]byte(c.JSON), &got)
		read := assert.NoError(t, err, c.ID) && assert.Equal(t, fmt.Sprintf("%#v", value), fmt.Sprintf("%#v", got), c.ID)
		if written && read {
			hold++
		}
	}
	assert.NotEmpty(t, cases)
	fmt.Printf("compat.json tagged_json: %d of %d cases hold\n", hold, len(cases))
}

// sessionCookieCase is a cookie that an app in Flask gets.
type sessionCookieCase struct {
	ID        string            `json:"id"`
	SecretKey json.RawMessage   `json:"secret_key"`
	Fallbacks []json.RawMessage `json:"fallbacks"`
	Now       int64             `json:"now"`
	Lifetime  int64             `json:"lifetime"`
	Cookie    string            `json:"cookie"`
	Tags      []string          `json:"tags"`
	Expect    struct {
		Valid   bool                   `json:"valid"`
		Payload map[string]pythonValue `json:"payload"`
	} `json:"expect"`
}

// secret is a key: text, or bytes in base64.
func secret(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var b pythonValue
	require.NoError(t, json.Unmarshal(raw, &b))
	data, err := base64.StdEncoding.DecodeString(b.B64)
	require.NoError(t, err)
	return string(data)
}

// sessionSerializer has the settings of Flask's sessions.
func sessionSerializer(t testing.TB, now func() time.Time, key string, fallbacks ...string) *signing.URLSafeTimedSerializer {
	t.Helper()
	s, err := signing.NewURLSafeTimedSerializer(key,
		signing.Salt("cookie-session"), signing.Derivation(signing.DeriveHMAC),
		signing.Format(new(taggedjson.Serializer)), signing.Fallbacks(fallbacks...), signing.Clock(now))
	require.NoError(t, err)
	return s
}

// read gives the session in the cookie.
func (c *sessionCookieCase) read(t *testing.T) (map[string]any, error) {
	t.Helper()
	var fallbacks []string
	for _, raw := range c.Fallbacks {
		fallbacks = append(fallbacks, secret(t, raw))
	}
	s := sessionSerializer(t, func() time.Time { return time.Unix(c.Now, 0) }, secret(t, c.SecretKey), fallbacks...)
	var session map[string]any
	_, err := s.Loads(c.Cookie, &session, time.Duration(c.Lifetime)*time.Second)
	return session, err
}

// differences tells how the session in the cookie is not the recorded one.
func (c *sessionCookieCase) differences(t *testing.T) error {
	t.Helper()
	got, err := c.read(t)
	if !c.Expect.Valid {
		if err == nil {
			return fmt.Errorf("accepted as %v", got)
		}
		return nil
	}
	if err != nil {
		return err
	}
	want := make(map[string]any)
	for key, v := range c.Expect.Payload {
		want[key] = v.goValue(t)
	}
	if fmt.Sprintf("%#v", want) != fmt.Sprintf("%#v", got) { // where NaN is NaN
		return fmt.Errorf("read as %#v instead of %#v", got, want)
	}
	return nil
}

// TestRecordedSessionCookies replays the section session_cookie. A cookie that
// was not changed must hold.
func TestRecordedSessionCookies(t *testing.T) {
	var recording struct {
		Sections struct {
			SessionCookie struct{ Cases []sessionCookieCase } `json:"session_cookie"`
		} `json:"sections"`
	}
	readOracle(t, "compat.json", &recording)
	cases, hold := recording.Sections.SessionCookie.Cases, 0
	for i := range cases {
		c := &cases[i]
		err := c.differences(t)
		var bad *signing.BadSignature
		switch {
		case err == nil:
			hold++
		case slices.Contains(c.Tags, "lenient-base64") && errors.As(err, &bad):
			t.Logf("%s does not hold on purpose: %s", c.ID, cookieReason)
		default:
			t.Errorf("%s does not hold: %v", c.ID, err)
		}
	}
	assert.NotEmpty(t, cases)
	fmt.Printf("compat.json session_cookie: %d of %d cases hold\n", hold, len(cases))
}

// TestAnEmptyCookieIsNoSession, whatever the key.
func TestAnEmptyCookieIsNoSession(t *testing.T) {
	s := sessionSerializer(t, time.Now, "k")
	for _, cookie := range []string{"", ".", "..", "...", strings.Repeat(".", 100)} {
		var session map[string]any
		_, err := s.Loads(cookie, &session, signing.NoMaxAge)
		var bad *signing.BadSignature
		require.ErrorAs(t, err, &bad, cookie)
		assert.Nil(t, session)
	}
}
