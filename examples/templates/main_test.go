package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

func newClient() *retort.TestClient {
	app := newApp()
	app.Config.Set("TESTING", true)
	return app.TestClient()
}

func TestIndex(t *testing.T) {
	res := newClient().Get("/")
	assert.Contains(t, res.Text, "<title>Field guide</title>")
	assert.Contains(t, res.Text, `<link rel="stylesheet" href="/static/style.css">`)
	assert.Contains(t, res.Text, `<h2><a href="/bird/grey-heron">Grey heron</a></h2>`)
}

func TestSearch(t *testing.T) {
	res := newClient().Get("/", retort.WithQuery("q", "Wren"))
	assert.Contains(t, res.Text, "Eurasian wren")
	assert.NotContains(t, res.Text, "Grey heron")

	res = newClient().Get("/", retort.WithQuery("q", `"<b>`))
	assert.Contains(t, res.Text, "No bird is called “&#34;&lt;b&gt;”.")
	assert.Contains(t, res.Text, `value="&#34;&lt;b&gt;"`)
}

func TestABird(t *testing.T) {
	res := newClient().Get("/bird/barn-swallow")
	assert.Contains(t, res.Text, "<title>Barn swallow - Field guide</title>")
	assert.Contains(t, res.Text, "<li>Wingspan: 33 cm</li>")
	assert.Contains(t, res.Text, "<li>First seen this year: 9 April</li>")
}

func TestNothingHere(t *testing.T) {
	client := newClient()
	res := client.Get("/bird/dodo")
	assert.Equal(t, 404, res.Status)
	assert.Contains(t, res.Text, "This bird is not in the book.")
	assert.Contains(t, client.Get("/fish").Text, "<title>Nothing here - Field guide</title>")
}
