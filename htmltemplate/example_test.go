package htmltemplate_test

import (
	"fmt"
	"os"
	"testing/fstest"

	"github.com/retort-go/retort/htmltemplate"
	"github.com/retort-go/retort/templateloader"
)

func Example() {
	files := fstest.MapFS{
		"layout.html": {Data: []byte("<title>{{block \"title\" .}}Shop{{end}}</title>\n{{block \"body\" .}}{{end}}")},
		"forms.html":  {Data: []byte(`{{define "field"}}<input name="{{.}}">{{end}}`)},
		"cart.html": {Data: []byte(`{{extends "layout.html"}}{{import "forms.html"}}
{{define "title"}}Cart - {{super}}{{end}}
{{define "body"}}{{user}} {{range .fields}}{{template "field" .}}{{end}}{{end}}`)},
	}
	engine, err := htmltemplate.New(htmltemplate.Options{
		Loader: &templateloader.Loader{Sources: []templateloader.Source{{Label: "the shop", FS: files}}},
		Bind: func(current func() any) htmltemplate.FuncMap {
			return htmltemplate.FuncMap{"user": current}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	data := map[string]any{"fields": []string{"name", "a<b"}}
	if err := engine.Render(os.Stdout, "cart.html", data, "Ann"); err != nil {
		fmt.Println(err)
	}
	// Output:
	// <title>Cart - Shop</title>
	// Ann <input name="name"><input name="a&lt;b">
}
