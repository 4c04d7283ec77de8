package retort_test

import (
	"fmt"
	"strings"

	"github.com/retort-go/retort"
)

// The query, the form and their like are read with a type and a default, or must
// be there.
func ExampleRequest_Args() {
	app := retort.New("shop")
	app.Get("/items")(func(c *retort.Context) string {
		args := c.Request.Args()
		return fmt.Sprintf("page %d, tags %v, by %s", args.Int("page", 1), args.GetList("tag"), args.Require("order"))
	})
	client := app.TestClient()
	fmt.Println(client.Get("/items?order=price&tag=a&tag=b").Text)
	fmt.Println(client.Get("/items?page=2&order=name").Text)
	fmt.Println(client.Get("/items").Status)

	// Output:
	// page 1, tags [a b], by price
	// page 2, tags [], by name
	// 400
}

// A struct is bound from the request, with all its faults told at once.
func ExampleRequest_Bind() {
	type note struct {
		ID    int      `path:"id"`
		Title string   `json:"title" required:"true"`
		Tags  []string `json:"tags"`
	}
	app := retort.New("notes")
	app.Put("/notes/<int:id>")(func(c *retort.Context, id int) (any, error) {
		var n note
		if err := c.Request.Bind(&n); err != nil {
			return nil, err
		}
		return fmt.Sprintf("%d: %s %v", n.ID, n.Title, n.Tags), nil
	})
	client := app.TestClient()
	fmt.Println(client.Put("/notes/7", retort.JSON{V: retort.H{"title": "Tea", "tags": []string{"hot"}}}).Text)
	fmt.Println(client.Put("/notes/7", retort.JSON{V: retort.H{}}).Status)

	// Output:
	// 7: Tea [hot]
	// 422
}

// A response is made of what a view may return, and can be changed before it goes.
func ExampleReply() {
	app := retort.New("shop")
	app.Get("/report")(func() any {
		res := retort.Reply("a;b\n1;2\n", 200)
		res.Header.Set("Content-Type", "text/csv")
		return res
	})
	app.Post("/items")(func() (retort.H, int) { return retort.H{"id": 1}, 201 })
	app.Get("/count")(func() any {
		return func(yield func(string) bool) { // sent piece by piece
			for i := range 3 {
				if !yield(fmt.Sprint(i, " ")) {
					return // the client has gone
				}
			}
		}
	})

	client := app.TestClient()
	fmt.Println(client.Get("/report").Header.Get("Content-Type"))
	fmt.Println(client.Post("/items").Status)
	fmt.Println(strings.TrimSpace(client.Get("/count").Text))

	// Output:
	// text/csv
	// 201
	// 0 1 2
}

// user is the one that a request belongs to.
var user = retort.NewKey[string]("user")

// A key keeps a value of its type for the time of a request.
func ExampleKey() {
	app := retort.New("shop")
	app.BeforeRequest(func(c *retort.Context) {
		user.Set(c, c.Request.Args().GetDefault("user", "nobody"))
	})
	app.Get("/")(func(c *retort.Context) string { return "Hello, " + user.Get(c) + "." })
	fmt.Println(app.TestClient().Get("/?user=Ann").Text)

	// Output:
	// Hello, Ann.
}

// URLs are built from endpoints. What is no variable of the rule goes to the query.
func ExampleContext_URLFor() {
	app := retort.New("blog")
	app.Get("/<int:year>/<slug>", retort.Endpoint("post"))(func(year int, slug string) string { return "" })
	c := app.TestRequestContext("/")
	fmt.Println(c.URLFor("post", "year", 2026, "slug", "tea & cake"))
	fmt.Println(c.URLFor("post", "year", 2026, "slug", "tea", "page", 2, retort.Anchor("end")))
	fmt.Println(c.URLFor("post", "year", 2026, "slug", "tea", retort.External()))

	// Output:
	// /2026/tea%20&%20cake
	// /2026/tea?page=2#end
	// http://localhost/2026/tea
}

// countView answers each method with the Go method of its name. One value serves
// all requests, several at a time: what it changes needs a lock.
type countView struct{ start int }

func (v *countView) Get(n int) string                  { return fmt.Sprint(v.start + n) }
func (v *countView) Delete(n int) (any, int)           { return "", 204 }
func (v *countView) Post(c *retort.Context, n int) any { return c.Redirect(c.Request.Path(), 303) }

// A struct is a view, whose methods share what they need.
func ExampleMethodView() {
	app := retort.New("count")
	app.Route("/count/<int:n>")(retort.MethodView(&countView{start: 40}))
	client := app.TestClient()
	fmt.Println(client.Get("/count/2").Text)
	fmt.Println(client.Delete("/count/2").Status)
	fmt.Println(client.Put("/count/2").Header.Get("Allow"))

	// Output:
	// 42
	// 204
	// DELETE, GET, HEAD, OPTIONS, POST
}

// Settings come from maps, structs, files and the environment. A later one takes
// the place of an earlier one, and each knows where it is from.
func ExampleConfig() {
	app := retort.New("shop")
	app.Config.FromMapping(map[string]any{"PAGE_SIZE": 20, "CURRENCY": "EUR"})
	app.Config.Set("PAGE_SIZE", 50)
	fmt.Println(app.Config.Int("PAGE_SIZE"), app.Config.String("CURRENCY"))
	fmt.Println(retort.ConfigValue(app.Config, "COLOUR", "red"))

	// Output:
	// 50 EUR
	// red
}
