package retort_test

import (
	"fmt"
	"html"

	"github.com/retort-go/retort"
)

// A test client calls the app without a socket. It keeps cookies and, when
// asked, follows redirects.
func ExampleApp_TestClient() {
	app := retort.New("notes")
	var titles []string
	app.Post("/notes")(func(c *retort.Context) any {
		titles = append(titles, c.Request.Form().Require("title"))
		return c.Redirect(c.URLFor("note", "id", len(titles)))
	})
	app.Get("/notes/<int:id>", retort.Endpoint("note"))(func(id int) (any, error) {
		if id < 1 || id > len(titles) {
			return nil, retort.Error(404)
		}
		return "<h1>" + html.EscapeString(titles[id-1]) + "</h1>", nil
	})

	client := app.TestClient()
	res := client.Post("/notes", retort.FormData{"title": "Tea & cake"}, retort.FollowRedirects())
	fmt.Println(res.Status, res.Text)
	fmt.Println(res.History[0].Status, res.History[0].Header.Get("Location"))
	fmt.Println(client.Get("/notes/2").Status, client.Post("/notes").Status)

	// Output:
	// 200 <h1>Tea &amp; cake</h1>
	// 303 /notes/1
	// 404 400
}

// A Context without a running request is for testing what takes one.
func ExampleApp_TestRequestContext() {
	app := retort.New("users")
	app.Get("/user/<int:id>", retort.Endpoint("user"))(func(id int) string { return "" })

	c := app.TestRequestContext("/user/7?tab=posts")
	fmt.Println(c.Endpoint(), c.ViewArgs()["id"], c.Request.Args().Get("tab"))
	fmt.Println(c.URLFor("user", "id", 8))

	// Output:
	// user 7 posts
	// /user/8
}
