package retort_test

import (
	"fmt"
	"testing/fstest"

	"github.com/retort-go/retort"
)

// The files of an app are in its tree: an embed.FS, or here one in memory.
// Those under static have a rule already; the others are sent by views, to
// which a client cannot name anything outside.
func ExampleContext_SendFromDirectory() {
	app := retort.New("shop", retort.Files(fstest.MapFS{
		"static/style.css":  {Data: []byte("body{}")},
		"manuals/kettle.md": {Data: []byte("Add water.")},
		"prices.txt":        {Data: []byte("secret")},
	}))
	app.Get("/manual/<path:name>")(func(c *retort.Context, name string) any {
		return c.SendFromDirectory("manuals", name, retort.AsAttachment(), retort.DownloadName("manual.md"))
	})

	client := app.TestClient()
	manual := client.Get("/manual/kettle.md", retort.WithHeader("Range", "bytes=0-2"))
	fmt.Println(manual.Status, manual.Text, manual.Header.Get("Content-Disposition"))
	fmt.Println(client.Get("/manual/../prices.txt").Status)
	fmt.Println(client.Get("/static/style.css").Header.Get("Content-Type"))

	// Output:
	// 206 Add attachment; filename=manual.md
	// 404
	// text/css; charset=utf-8
}
