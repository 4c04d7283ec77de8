package retort_test

import (
	"html/template"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/taggedjson"
)

func TestFlashedMessagesAreShownOnce(t *testing.T) {
	app := signed()
	app.Get("/flash")(func(c *retort.Context) string {
		c.Flash("saved")
		c.Flash("the title is missing", "error")
		c.Flash(template.HTML("<b>new</b>"), "info")
		c.Flash(7, "info")
		return ""
	})
	var shown, again, errors []retort.FlashedMessage
	app.Get("/show")(func(c *retort.Context) string {
		errors = c.FlashedMessages("error")
		shown, again = c.FlashedMessages(), c.FlashedMessages()
		return ""
	})
	client := app.TestClient()
	client.Get("/flash")
	assert.Equal(t, []any{
		taggedjson.Tuple{"message", "saved"}, taggedjson.Tuple{"error", "the title is missing"},
		taggedjson.Tuple{"info", template.HTML("<b>new</b>")}, taggedjson.Tuple{"info", "7"},
	}, client.Session().Get("_flashes"), "as Flask keeps them")
	client.Get("/show")
	assert.Equal(t, []retort.FlashedMessage{{"message", "saved"}, {"error", "the title is missing"}, {"info", template.HTML("<b>new</b>")}, {"info", "7"}}, shown)
	assert.Equal(t, shown, again, "in one request they are the same")
	assert.Equal(t, []retort.FlashedMessage{{"error", "the title is missing"}}, errors)
	assert.Equal(t, "<b>new</b>", shown[2].String())
	assert.Nil(t, client.Cookie("session"), "the session is empty again")
	client.Get("/show")
	assert.Empty(t, shown)
}

func TestACategoryThatWasNotAskedForIsGone(t *testing.T) {
	app := signed()
	app.Get("/flash")(func(c *retort.Context) string { c.Flash("a", "info"); return "" })
	app.Get("/errors")(func(c *retort.Context) any { return c.FlashedMessages("error", "warning") })
	app.Get("/all")(func(c *retort.Context) any { return c.FlashedMessages() })
	client := app.TestClient()
	client.Get("/flash")
	client.Get("/errors")
	assert.Equal(t, "[]\n", client.Get("/all").Text)
}

func TestAMessageFlashedAfterTheOthersWereShownWaitsForTheNextRequest(t *testing.T) {
	app := signed()
	app.Get("/")(func(c *retort.Context) string {
		c.Flash("first")
		assert.Len(t, c.FlashedMessages(), 1)
		c.Flash("second")
		assert.Equal(t, []retort.FlashedMessage{{"message", "first"}}, c.FlashedMessages())
		return ""
	})
	client := app.TestClient()
	client.Get("/")
	assert.Equal(t, []any{taggedjson.Tuple{"message", "second"}}, client.Session().Get("_flashes"))
}

func TestMessagesInAnotherFormAreLeftOut(t *testing.T) {
	app := signed()
	app.Get("/")(func(c *retort.Context) any {
		c.Session().Set("_flashes", []any{"x", taggedjson.Tuple{"one"}, []any{"a", "b"}, taggedjson.Tuple{1, "x"}, nil})
		return c.FlashedMessages()
	})
	assert.JSONEq(t, `[{"Category":"a","Message":"b"}]`, app.TestClient().Get("/").Text)
}

func TestFlashTakesOneCategory(t *testing.T) {
	app := signed()
	app.Config.Set("TESTING", true)
	app.Get("/")(func(c *retort.Context) string { c.Flash("a", "b", "c"); return "" })
	assert.EqualError(t, panicOf(t, func() { app.TestClient().Get("/") }).(error),
		`panic: retort: Flash takes one category, not ["b" "c"]; call it once for each`)
}

func TestFlashingIsSignalled(t *testing.T) {
	app := signed()
	app.Get("/")(func(c *retort.Context) string { c.Flash("a", "b"); return "" })
	sent := app.Signals.MessageFlashed.Capture(t)
	app.TestClient().Get("/")
	values := sent.Values()
	if assert.Len(t, values, 1) {
		assert.Equal(t, []any{"a", "b"}, []any{values[0].Message, values[0].Category})
	}
}
