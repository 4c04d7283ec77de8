package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

func newClient() *retort.TestClient {
	app := newApp()
	app.Config.Set("TESTING", true)
	return app.TestClient()
}

func TestAnEntryIsShownAfterARedirect(t *testing.T) {
	client := newClient()
	assert.Contains(t, client.Get("/").Text, "Be the first to write something.")

	res := client.Post("/", retort.FormData{"name": " Ada ", "text": "Hello <world>,\nit is me."})
	assert.Equal(t, 303, res.Status)
	assert.Equal(t, "/#entry-1", res.Header.Get("Location"))

	res = client.Get("/")
	assert.Contains(t, res.Text, `<p class="flash">Thank you, Ada.</p>`)
	assert.Contains(t, res.Text, `<article id="entry-1">`)
	assert.Contains(t, res.Text, "<p>Hello &lt;world&gt;,\nit is me.</p>")
	assert.NotContains(t, client.Get("/").Text, "Thank you", "the message is shown once")
}

func TestAFormWithMistakesComesBack(t *testing.T) {
	client := newClient()
	for _, tt := range []struct {
		name string
		form retort.FormData
		want []string
	}{
		{"empty", nil, []string{"<strong>Who are you?</strong>", "<strong>You have written nothing yet.</strong>"}},
		{"no name", retort.FormData{"name": " ", "text": "a & b"}, []string{"<strong>Who are you?</strong>", ">a &amp; b</textarea>"}},
		{"too long", retort.FormData{"name": `A"B`, "text": strings.Repeat("é", 282)}, []string{"<strong>That is 2 characters too long.</strong>", `value="A&#34;B"`}},
	} {
		res := client.Post("/", tt.form)
		assert.Equal(t, 422, res.Status, tt.name)
		for _, want := range tt.want {
			assert.Contains(t, res.Text, want, tt.name)
		}
	}
	assert.Contains(t, client.Get("/").Text, "Be the first to write something.")
}

func TestAPageOfAnotherSiteCannotSign(t *testing.T) {
	res := newClient().Post("/", retort.FormData{"name": "Eve", "text": "spam"}, retort.WithHeader("Origin", "https://evil.example"))
	assert.Equal(t, 403, res.Status)
}
