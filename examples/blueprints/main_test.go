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

func TestTheLanguageIsThatOfTheBrowser(t *testing.T) {
	client := newClient()
	for accept, want := range map[string]string{"de-AT,de;q=0.9": "/de/", "fr, en;q=0.5": "/en/", "": "/en/"} {
		assert.Equal(t, want, client.Get("/", retort.WithHeader("Accept-Language", accept)).Header.Get("Location"), accept)
	}
}

func TestPagesStayInTheirLanguage(t *testing.T) {
	client := newClient()
	res := client.Get("/de/")
	assert.Contains(t, res.Text, "<h1>Willkommen</h1>")
	assert.Contains(t, res.Text, `<a href="/de/blog/">Blog</a>`)
	assert.Contains(t, res.Text, `<a href="/en/">English</a>`)

	res = client.Get("/en/blog/")
	assert.Contains(t, res.Text, `<a href="/en/blog/2">Distilling</a>`)
	assert.Equal(t, "site.blog.index", res.Context().Endpoint())

	res = client.Get("/de/blog/2")
	assert.Contains(t, res.Text, "<title>Destillieren - Retort</title>")
	assert.Contains(t, res.Text, `href="/de/blog/static/blog.css"`)
	assert.Equal(t, 200, client.Get("/de/blog/static/blog.css").Status)
}

func TestEveryPartAnswersItsOwn404(t *testing.T) {
	client := newClient()
	for target, want := range map[string]string{
		"/de/nichts":   "Diese Seite gibt es nicht.",
		"/en/blog/99":  "There is no such page.",
		"/en/blog/a/b": "There is no such page.",
		"/fr/":         "<title>404 Not Found</title>",
		"/api/nothing": `{"error":"Not Found"}`,
	} {
		res := client.Get(target)
		assert.Equal(t, 404, res.Status, target)
		assert.Contains(t, res.Text, want, target)
	}
	res := client.Post("/api/posts")
	assert.Equal(t, 405, res.Status)
	assert.JSONEq(t, `{"error": "Method Not Allowed"}`, res.Text)
}

func TestTheAPI(t *testing.T) {
	var posts []struct{ Title map[string]string }
	assert.NoError(t, newClient().Get("/api/posts").JSON(&posts))
	assert.Equal(t, "Ein neuer Kolben", posts[1].Title["de"])
}
