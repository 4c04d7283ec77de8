package tests

import "testing"

func TestFaceJSONAPI(t *testing.T) {
	goTest(t, map[string]string{"main.go": face(t, "p04"), "main_test.go": `package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

func TestAPI(t *testing.T) {
	main()
	app := retort.New("api")
	app.Get("/notes/<int:id>")(get)
	app.Post("/notes")(create)
	app.Delete("/notes/<int:id>")(del)
	retort.OnError(app, func(c *retort.Context, err *notFound) any {
		return retort.Reply(retort.H{"error": err.Error()}, 404)
	})
	retort.OnError(app, func(c *retort.Context, err *retort.HTTPError) any {
		return retort.Reply(retort.H{"error": err.Description}, err.Code)
	})
	client := app.TestClient()

	res := client.Get("/notes/7")
	assert.Equal(t, 404, res.Status)
	assert.JSONEq(t, ` + "`" + `{"error": "no note 7"}` + "`" + `, res.Text)

	res = client.Post("/notes", retort.JSON{V: retort.H{"id": 3, "title": "a"}})
	assert.Equal(t, 201, res.Status)
	assert.JSONEq(t, ` + "`" + `{"id": 3, "title": "a"}` + "`" + `, res.Text)

	res = client.Post("/notes", retort.JSON{V: retort.H{"id": "x", "title": 4}})
	assert.Equal(t, 422, res.Status)
	assert.JSONEq(t, ` + "`" + `{"error": "The request cannot be used: id is not a whole number; title is not a text."}` + "`" + `, res.Text)

	assert.Equal(t, 204, client.Delete("/notes/1").Status)
	assert.Equal(t, 403, client.Delete("/notes/0").Status)
}
`})
}

func TestFaceUpload(t *testing.T) {
	goTest(t, map[string]string{"main.go": face(t, "p07"), "main_test.go": `package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

func TestUpload(t *testing.T) {
	main()
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("uploads", 0o700))
	app := retort.New("up")
	app.Post("/upload")(upload)
	app.Get("/gallery", retort.Endpoint("gallery"))(func() string { return "" })
	client := app.TestClient()

	res := client.Post("/upload", retort.FormData{"picture": retort.File{Name: "../../etc/a b.png", Content: []byte("png")}})
	require.Equal(t, 303, res.Status, res.Text)
	saved, err := os.ReadFile("uploads/etc_a_b.png")
	require.NoError(t, err)
	assert.Equal(t, "png", string(saved))

	res = client.Post("/upload", retort.FormData{"picture": "a.png"})
	assert.Equal(t, 400, res.Status)
	assert.Contains(t, res.Text, "send the picture in the field")
}
`})
}
