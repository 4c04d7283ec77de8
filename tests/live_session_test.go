package tests

import (
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/taggedjson"
)

// flaskSessions has Flask's own session interface read and write cookies. Values
// are tagged as in the recordings.
const flaskSessions = `
import base64, uuid
from datetime import datetime
from flask import Flask
from markupsafe import Markup

def plain(t):
    kind, v = t["type"], t.get("value")
    if kind == "null": return None
    if kind == "int": return int(v)
    if kind == "float": return float(v)
    if kind == "bytes": return base64.b64decode(t["b64"])
    if kind == "list": return [plain(x) for x in v]
    if kind == "tuple": return tuple(plain(x) for x in v)
    if kind == "dict": return {k: plain(x) for k, x in v}
    if kind == "markup": return Markup(v)
    if kind == "uuid": return uuid.UUID(v)
    if kind == "datetime": return datetime.fromisoformat(v)
    return v

def tagged(v):
    def t(kind, value): return {"type": kind, "value": value}
    if v is None: return {"type": "null"}
    if isinstance(v, bool): return t("bool", v)
    if isinstance(v, int): return t("int", str(v))
    if isinstance(v, float): return t("float", repr(v))
    if isinstance(v, bytes): return {"type": "bytes", "b64": base64.b64encode(v).decode()}
    if isinstance(v, tuple): return t("tuple", [tagged(x) for x in v])
    if isinstance(v, list): return t("list", [tagged(x) for x in v])
    if isinstance(v, dict): return t("dict", [[k, tagged(v[k])] for k in sorted(v)])
    if isinstance(v, Markup): return t("markup", str(v))
    if isinstance(v, uuid.UUID): return t("uuid", str(v))
    if isinstance(v, datetime): return t("datetime", v.isoformat())
    return t("str", v)

def answer(q):
    app = Flask("peer")
    app.secret_key = q["key"]
    app.config["SECRET_KEY_FALLBACKS"] = q["fallbacks"]
    headers = {"Cookie": "session=" + q["cookie"]} if q["cookie"] else {}
    with app.test_request_context("/", headers=headers) as ctx:
        if q["cookie"]:
            return {k: tagged(v) for k, v in ctx.session.items()}
        ctx.session.update({k: plain(v) for k, v in q["values"].items()})
        response = app.response_class()
        app.session_interface.save_session(app, ctx.session, response)
        return response.headers["Set-Cookie"].split(";")[0].split("=", 1)[1]
`

// flaskQuestion asks Flask for the session of the cookie, or for the cookie of
// the values.
type flaskQuestion struct {
	Key       string                    `json:"key"`
	Fallbacks []string                  `json:"fallbacks"`
	Cookie    string                    `json:"cookie"`
	Values    map[string]map[string]any `json:"values"`
}

func TestSessionsOfFlaskBothWays(t *testing.T) {
	flask := startPython(t, flaskSessions, "flask")
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 300 {
		values := randomSession(random)
		want := make(map[string]map[string]any)
		for key, v := range values {
			want[key] = sessionTagged(v)
		}
		key := trickyText(random) + "k"
		app := sessionPeer(t, key, values)

		written := app.TestClient()
		written.Get("/write")
		var read map[string]map[string]any
		flask.ask(t, flaskQuestion{Key: key, Cookie: written.Cookie("session").Value, Fallbacks: []string{"x"}}, &read)
		require.Equal(t, viaJSON(t, want), viaJSON(t, read), "case %d: what retort wrote, as Flask reads it", i)

		var cookie string
		signer := flaskQuestion{Key: key, Values: want, Fallbacks: []string{"x"}}
		if i%2 == 1 {
			signer.Key = "former" // a fallback of the app
		}
		flask.ask(t, signer, &cookie)
		res := app.TestClient(retort.NoCookies()).Get("/read", retort.WithCookie("session", cookie))
		require.JSONEq(t, viaJSON(t, want), res.Text, "case %d: what Flask wrote, as retort reads it", i)
	}
}

// sessionPeer is an app that writes the values into its session, and gives the
// tagged values of its session.
func sessionPeer(t *testing.T, key string, values map[string]any) *retort.App {
	app := retort.New("peer")
	app.Config.Update(map[string]any{"SECRET_KEY": key, "SECRET_KEY_FALLBACKS": []string{"former"}, "MAX_COOKIE_SIZE": 0, "TESTING": true})
	app.Get("/write")(func(c *retort.Context) string { c.Session().Update(values); return "" })
	app.Get("/read")(func(c *retort.Context) any {
		tags := make(map[string]any)
		for key, v := range c.Session().All() {
			tags[key] = sessionTagged(v)
		}
		return tags
	})
	return app
}

func TestMessagesFlashedByFlaskAreShown(t *testing.T) {
	flask := startPython(t, flaskSessions, "flask")
	flashes := []any{taggedjson.Tuple{"message", "hé"}, taggedjson.Tuple{"error", template.HTML("<b>")}}
	var cookie string
	flask.ask(t, flaskQuestion{Key: "dev", Values: map[string]map[string]any{"_flashes": sessionTagged(flashes)}}, &cookie)
	app := retort.New("peer")
	app.Config.Set("SECRET_KEY", "dev")
	app.Get("/")(func(c *retort.Context) any { return fmt.Sprint(c.FlashedMessages()) })
	assert.Equal(t, "[hé <b>]", app.TestClient().Get("/", retort.WithCookie("session", cookie)).Text)
}

func viaJSON(t *testing.T, v any) string {
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return string(data)
}

func randomSession(r *rand.Rand) map[string]any {
	values := map[string]any{"always": true}
	for range r.IntN(5) {
		values[trickyText(r)] = randomSessionValue(r, 3)
	}
	return values
}

// randomSessionValue is a value that comes back from a session as it was.
func randomSessionValue(r *rand.Rand, depth int) any {
	kinds := 10
	if depth > 0 {
		kinds = 13
	}
	switch r.IntN(kinds) {
	case 0:
		return nil
	case 1:
		return r.IntN(2) == 0
	case 2:
		return r.Int64() - math.MaxInt64/2
	case 3:
		return json.Number(fmt.Sprintf("-%d%d", r.Uint64()|1<<63, r.Uint32()))
	case 4:
		return math.Float64frombits(r.Uint64()&^(0x7ff<<52) | (r.Uint64N(100)+970)<<52)
	case 5:
		return []byte(trickyText(r))
	case 6:
		return template.HTML(trickyText(r))
	case 7:
		return taggedjson.UUID{byte(r.Uint32()), byte(r.Uint32()), 15: byte(r.Uint32())}
	case 8:
		return time.Unix(r.Int64N(253402300799), 0).UTC()
	case 9:
		return trickyText(r)
	case 10:
		return randomSessionList(r, depth)
	case 11:
		return taggedjson.Tuple(randomSessionList(r, depth))
	}
	dict := make(map[string]any)
	for range r.IntN(3) {
		dict[trickyText(r)] = randomSessionValue(r, depth-1)
	}
	return dict
}

func randomSessionList(r *rand.Rand, depth int) []any {
	list := []any{}
	for range r.IntN(4) {
		list = append(list, randomSessionValue(r, depth-1))
	}
	return list
}

// trickyText holds what could be taken for something else.
func trickyText(r *rand.Rand) string {
	parts := []string{"", "a", " t", " di", "__", "\x00", "\"", "\\", "é", "☃", "😀", "\u2028", "</script>", "-", "long " + fmt.Sprint(make([]int, 60))}
	var text string
	for range r.IntN(4) {
		text += parts[r.IntN(len(parts))]
	}
	return text
}
