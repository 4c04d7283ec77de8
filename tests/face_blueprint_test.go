package tests

import "testing"

func TestFaceBlueprint(t *testing.T) {
	goTest(t, map[string]string{"main.go": face(t, "p05"), "main_test.go": `package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

func TestBlueprint(t *testing.T) {
	main()
	app := retort.New("site")
	app.RegisterBlueprint(newBlog())
	app.RegisterBlueprint(newBlog(), retort.URLPrefix("/<lang>/old"), retort.Name("old"))
	gone := retort.NewBlueprint("gone", retort.URLPrefix("/gone"))
	gone.Get("/")(func() error { return retort.Error(404) })
	outer := newBlog()
	outer.RegisterBlueprint(gone)
	app.RegisterBlueprint(outer, retort.Name("outer"), retort.URLPrefix("/<lang>/outer"))
	client := app.TestClient()

	assert.Equal(t, "de", client.Get("/de/blog/7").Text)
	assert.Equal(t, "de", client.Get("/de/old/7").Text)
	res := client.Get("/fr/blog/")
	assert.Equal(t, 303, res.Status)
	assert.Equal(t, "/fr/blog/1", res.Header.Get("Location"))
	assert.Equal(t, "/fr/old/1", client.Get("/fr/old/").Header.Get("Location"))

	assert.Equal(t, "no such post", client.Get("/de/outer/gone/").Text)
	assert.Contains(t, client.Get("/de/blog/seven").Text, "<title>404 Not Found</title>", "no rule, no blueprint")
}
`})
}
