package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

func newClient(settings map[string]any) *retort.TestClient {
	app := newApp(new(store), settings)
	app.Config.Set("TESTING", true)
	return app.TestClient()
}

func TestNotes(t *testing.T) {
	client := newClient(nil)
	assert.JSONEq(t, `[]`, client.Get("/notes").Text)

	res := client.Post("/notes", retort.JSON{V: retort.H{"text": "hello"}})
	assert.Equal(t, 201, res.Status)
	assert.Equal(t, "/notes/1", res.Header.Get("Location"))
	assert.JSONEq(t, `{"id": 1, "text": "hello"}`, res.Text)

	assert.JSONEq(t, `{"id": 1, "text": "hello"}`, client.Get("/notes/1").Text)
	assert.JSONEq(t, `[{"id": 1, "text": "hello"}]`, client.Get("/notes").Text)
	assert.Equal(t, 204, client.Delete("/notes/1").Status)
	assert.Equal(t, 404, client.Delete("/notes/1").Status)
	assert.JSONEq(t, `{"error": "There is no such note."}`, client.Get("/notes/1").Text)
}

func TestMethods(t *testing.T) {
	client := newClient(nil)
	assert.Equal(t, "GET, HEAD, OPTIONS, POST", client.Options("/notes").Header.Get("Allow"))
	res := client.Put("/notes/1")
	assert.Equal(t, 405, res.Status)
	assert.Equal(t, "DELETE, GET, HEAD, OPTIONS", res.Header.Get("Allow"))
}

func TestANoteThatIsNone(t *testing.T) {
	client := newClient(nil)
	res := client.Post("/notes", retort.JSON{V: retort.H{"text": 7}})
	assert.Equal(t, 422, res.Status)
	assert.JSONEq(t, `{"error": "The request cannot be used: text is not a text."}`, res.Text)
	assert.Equal(t, 400, client.Post("/notes", retort.WithBody("{", "application/json")).Status)
}

func TestTheLimitOfASetting(t *testing.T) {
	client := newClient(map[string]any{"NOTES_LIMIT": 1})
	assert.Equal(t, 201, client.Post("/notes", retort.JSON{V: retort.H{"text": "a"}}).Status)
	assert.Equal(t, 507, client.Post("/notes", retort.JSON{V: retort.H{"text": "b"}}).Status)
}

func TestTheLimitOfTheEnvironment(t *testing.T) {
	t.Setenv("RETORT_NOTES_LIMIT", "0")
	res := newClient(nil).Post("/notes", retort.JSON{V: retort.H{"text": "a"}})
	assert.Equal(t, 507, res.Status)
}

// Two apps share nothing.
func TestEveryAppHasItsOwnNotes(t *testing.T) {
	newClient(nil).Post("/notes", retort.JSON{V: retort.H{"text": "a"}})
	assert.JSONEq(t, `[]`, newClient(nil).Get("/notes").Text)
}
