package main

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

func newClient() *retort.TestClient {
	app := newApp()
	app.Logger = slog.New(slog.DiscardHandler)
	return app.TestClient()
}

func TestPages(t *testing.T) {
	client := newClient()
	for _, tt := range []struct {
		target, title, text string
		status              int
	}{
		{"/item/coffee", "Thank you", "Here is your coffee.", 200},
		{"/item/tea", "Sold out", "Come back in May for tea.", 409},
		{"/item/wine", "Forbidden", "Wine is for those over eighteen.", 403},
		{"/item/<milk>", "Not here", "We have no &lt;milk&gt;. Perhaps it is among our other things.", 404},
		{"/nothing", "Not here", "Perhaps it is among our other things.", 404},
		{"/item/till", "Oh no", "Something broke. It was not you, and we know of it.", 500},
	} {
		res := client.Get(tt.target)
		assert.Equal(t, tt.status, res.Status, tt.target)
		assert.Contains(t, res.Text, "<title>"+tt.title+"</title>", tt.target)
		assert.Contains(t, res.Text, tt.text, tt.target)
		assert.NotContains(t, res.Text, "fire", "an unexpected error is not for the public")
	}
}

func TestAnotherMethodIsNotAllowed(t *testing.T) {
	res := newClient().Post("/item/tea")
	assert.Equal(t, 405, res.Status)
	assert.Equal(t, "GET, HEAD, OPTIONS", res.Header.Get("Allow"))
	assert.Contains(t, res.Text, "<title>Method Not Allowed</title>")
}

func TestAPI(t *testing.T) {
	client := newClient()
	for _, tt := range []struct {
		method, target, want string
		status               int
	}{
		{"GET", "/api/item/coffee", `{"text": "Here is your coffee."}`, 200},
		{"GET", "/api/item/tea", `{"error": "tea is sold out until May"}`, 409},
		{"GET", "/api/item/wine", `{"error": "Forbidden"}`, 403},
		{"GET", "/api/item/milk", `{"error": "not found"}`, 404},
		{"GET", "/api/nothing", `{"error": "not found"}`, 404},
		{"POST", "/api/item/tea", `{"error": "Method Not Allowed"}`, 405},
		{"GET", "/api/item/till", `{"error": "internal error"}`, 500},
	} {
		res := client.Open(tt.method, tt.target)
		assert.Equal(t, tt.status, res.Status, tt.target)
		assert.JSONEq(t, tt.want, res.Text, tt.target)
	}
}
