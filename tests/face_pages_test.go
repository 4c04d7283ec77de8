package tests

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The templates of these programs are not in their texts: each test brings its
// own.

func TestFaceTypedViews(t *testing.T) {
	goTest(t, map[string]string{"main.go": face(t, "p02"), "templates/u.html": "user {{.id}}", "main_test.go": `package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

func TestTyped(t *testing.T) {
	app := retort.New("typed")
	app.Get("/all/", retort.Default("page", 1))(app.Get("/all/page/<int:page>")(page))
	app.Get("/u/<int:id>")(user)
	app.Get("/add/<int:a>/<int:b>")(sum)
	app.Get("/std/<x>")(std)
	app.Get("/count")(count)
	client := app.TestClient()

	assert.JSONEq(t, ` + "`" + `{"page": 1}` + "`" + `, client.Get("/all/").Text)
	assert.JSONEq(t, ` + "`" + `{"page": 2}` + "`" + `, client.Get("/all/page/2").Text)
	assert.Equal(t, "http://localhost/all/", client.Get("/all/page/1").Location())
	assert.Equal(t, "user 7", client.Get("/u/7").Text)
	res := client.Get("/add/2/3")
	assert.Equal(t, 201, res.Status)
	assert.JSONEq(t, ` + "`" + `{"sum": 5}` + "`" + `, res.Text)
	assert.Equal(t, "tea", client.Get("/std/tea").Text)
	assert.Equal(t, 405, client.Post("/std/tea").Status)
	assert.Equal(t, 500, client.Get("/count").Status, "its sequence is nil")
	assert.Implements(t, (*http.Handler)(nil), app)
}
`})
}

func TestFaceFlash(t *testing.T) {
	goTest(t, map[string]string{
		"main.go":              face(t, "p03"),
		"templates/notes.html": `{{range get_flashed_messages}}[{{.Message}}]{{end}} page {{.page}}`,
		"main_test.go": `package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

func TestNotes(t *testing.T) {
	app := retort.New("notes")
	app.Config.Set("SECRET_KEY", "secret")
	app.Route("/notes", retort.Methods("GET", "POST"))(notes)
	client := app.TestClient()

	assert.Equal(t, " page 1", client.Get("/notes").Text)
	res := client.Post("/notes", retort.FormData{"title": "<tea>"})
	assert.Equal(t, 303, res.Status)
	assert.Equal(t, "/notes?page=1#last", res.Header.Get("Location"))
	assert.Equal(t, "[saved &lt;tea&gt;] page 1", client.Get("/notes?page=1").Text)
	assert.Equal(t, " page 2", client.Get("/notes?page=2").Text)
	assert.Equal(t, 400, client.Post("/notes").Status)
	assert.Equal(t, "GET, HEAD, OPTIONS, POST", client.Put("/notes").Header.Get("Allow"))
}
`})
}

func TestFaceSessions(t *testing.T) {
	goTest(t, map[string]string{"main.go": face(t, "p06"), "main_test.go": `package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

func TestSessions(t *testing.T) {
	main()
	app := retort.New("auth")
	app.Config.Set("SECRET_KEY", "secret")
	app.BeforeRequest(loadUser)
	app.Post("/login")(login)
	app.Get("/edit/<int:id>")(loginRequired(edit))
	client := app.TestClient()

	res := client.Get("/edit/1")
	assert.Equal(t, 303, res.Status)
	assert.Equal(t, "/login", res.Header.Get("Location"))
	assert.Equal(t, 400, client.Post("/login").Status)
	res = client.Post("/login", retort.FormData{"name": "ada"}, retort.FollowRedirects())
	assert.Equal(t, "ok", res.Text)
	assert.Equal(t, "/edit/1", res.Request.RequestURI)
	assert.Equal(t, "ada", current.Get(client.Get("/edit/2").Context()).Name)
	assert.Equal(t, 404, client.Get("/edit/two").Status)
	assert.Equal(t, 303, app.TestClient().Get("/edit/1").Status, "another browser")
}
`})
}

func TestFaceEmbeddedTemplates(t *testing.T) {
	text := face(t, "p09")
	require.Contains(t, text, "//go:embed *.go\n")
	text = strings.ReplaceAll(text, "//go:embed *.go\n", "//go:embed *.go templates\n")
	goTest(t, map[string]string{"main.go": text, "templates/hello.html": "Hello {{.name}}!", "main_test.go": `package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

func TestHello(t *testing.T) {
	main()
	t.Chdir(t.TempDir())
	app := retort.New("t", retort.Files(files))
	app.Get("/hello/<name>")(func(c *retort.Context, name string) any {
		return c.RenderTemplate("hello.html", retort.H{"name": name})
	})
	assert.Equal(t, "Hello &lt;b&gt;!", app.TestClient().Get("/hello/<b>").Text)
}
`})
}

func TestFaceFactory(t *testing.T) {
	goTest(t, map[string]string{"main.go": face(t, "p12"), "templates/index.html": "{{config.String \"TITLE\"}}: {{url_for \"show\" \"id\" 7}}", "main_test.go": `package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFactory(t *testing.T) {
	t.Setenv("RETORT_TITLE", "Blog")
	app := newApp(nil)
	client := app.TestClient()
	assert.Equal(t, "Blog: /7", client.Get("/").Text)
	assert.JSONEq(t, ` + "`" + `{"id": 7}` + "`" + `, client.Get("/7").Text)
	c := app.TestRequestContext("/")
	assert.Equal(t, "index", c.Endpoint(), "the method's name, without its receiver")
	assert.Equal(t, "/", c.URLFor("index"))
	assert.NotSame(t, app, newApp(nil))
}
`})
}
