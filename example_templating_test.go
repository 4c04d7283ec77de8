package retort_test

import (
	"fmt"
	"testing/fstest"

	"github.com/retort-go/retort"
)

func ExampleContext_RenderTemplate() {
	files := fstest.MapFS{ // an embed.FS, or no option at all for the folder templates
		"templates/layout.html": {Data: []byte(`<title>{{block "title" .}}Notes{{end}}</title>{{block "body" .}}{{end}}`)},
		"templates/notes.html": {Data: []byte(`{{extends "layout.html"}}
{{define "title"}}{{len .notes}} {{super}}{{end}}
{{define "body"}}{{range $i, $n := .notes}}<a href="{{url_for "note" "id" $i}}">{{$n | shorten 4}}</a>{{end}}{{end}}`)},
	}
	app := retort.New("notes", retort.Files(files))
	app.TemplateFilter("shorten", func(s string, n int) string { return s[:min(n, len(s))] })
	app.Get("/")(func(c *retort.Context) any {
		return c.RenderTemplate("notes.html", retort.H{"notes": []string{"<milk>", "rest"}})
	})
	app.Get("/note/<int:id>", retort.Endpoint("note"))(func(id int) string { return "" })
	fmt.Println(app.TestClient().Get("/").Text)
	// Output: <title>2 Notes</title><a href="/note/0">&lt;mil</a><a href="/note/1">rest</a>
}
