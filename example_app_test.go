package retort_test

import (
	"errors"
	"fmt"

	"github.com/retort-go/retort"
)

// An app is its rules and views. What a rule gives, its view takes; what the view
// returns is the answer.
func Example() {
	app := retort.New("hello")
	app.Get("/")(func() string { return "Hello, WSGI!" })
	app.Get("/square/<int:n>")(func(n int) retort.H { return retort.H{"n": n, "square": n * n} })

	client := app.TestClient() // app.Run() serves it
	fmt.Println(client.Get("/").Text)
	fmt.Print(client.Get("/square/7").Text)
	fmt.Println(client.Get("/square/seven").Status)

	// Output:
	// Hello, WSGI!
	// {"n":7,"square":49}
	// 404
}

// The rule that says most about a URL wins, not the one that was registered first.
func ExampleApp_Route() {
	app := retort.New("shop")
	app.Route("/items/<name>", retort.Methods("GET", "PUT"))(func(c *retort.Context, name string) string {
		return c.Request.Method() + " " + name
	})
	app.Get("/items/new")(func() string { return "a form" })

	client := app.TestClient()
	fmt.Println(client.Put("/items/tea").Text)
	fmt.Println(client.Get("/items/new").Text)
	res := client.Delete("/items/tea")
	fmt.Println(res.Status, res.Header.Get("Allow"))

	// Output:
	// PUT tea
	// a form
	// 405 GET, HEAD, OPTIONS, PUT
}

// The explanation of a match is what the command routes --match prints.
func ExampleApp_Explain() {
	app := retort.New("shop")
	app.Get("/items/<int:id>", retort.Endpoint("item"))(func(id int) string { return "" })
	fmt.Print(app.Explain("GET", "", "/items/tea"))

	// Output:
	// GET /items/tea
	//   ✓ "items"   is the next segment
	//   ✗   <int>   refused "tea"   weight: converters 50
	// 404: no rule matches
}

// A blueprint is a part of an app, with a prefix, hooks and error handlers of its
// own. Its endpoints begin with its name.
func ExampleBlueprint() {
	admin := retort.NewBlueprint("admin", retort.URLPrefix("/admin"))
	admin.BeforeRequest(func(c *retort.Context) any {
		if c.Request.Header().Get("X-User") != "ann" {
			return retort.Error(403, "Only Ann may.")
		}
		return nil // go on
	})
	admin.Get("/", retort.Endpoint("index"))(func(c *retort.Context) string {
		return c.Endpoint() + " at " + c.URLFor(".index")
	})

	app := retort.New("shop")
	app.RegisterBlueprint(admin)
	client := app.TestClient()
	fmt.Println(client.Get("/admin/").Status)
	fmt.Println(client.Get("/admin/", retort.WithHeader("X-User", "ann")).Text)

	// Output:
	// 403
	// admin.index at /admin/
}

// errSoldOut is an error of the shop, which knows nothing of HTTP.
type errSoldOut struct{ item string }

func (e errSoldOut) Error() string { return e.item + " is sold out" }

// Errors are answered by those who know how: by their type, or by their status.
func ExampleOnError() {
	app := retort.New("shop")
	retort.OnError(app, func(c *retort.Context, err errSoldOut) any {
		return retort.Reply(retort.H{"error": err.Error()}, 409)
	})
	app.ErrorHandler(404)(func(c *retort.Context, err *retort.HTTPError) any {
		return retort.Reply("Nothing is at "+c.Request.Path(), 404)
	})
	app.Post("/buy/<item>")(func(item string) error {
		return fmt.Errorf("buying: %w", errSoldOut{item})
	})

	client := app.TestClient()
	res := client.Post("/buy/tea")
	fmt.Print(res.Status, " ", res.Text)
	fmt.Println(client.Get("/nowhere").Text)

	// Output:
	// 409 {"error":"tea is sold out"}
	// Nothing is at /nowhere
}

// A decorator goes around views of any signature.
func ExampleDecorate() {
	loginRequired := func(view any) any {
		return retort.Decorate(view, func(c *retort.Context, next retort.Next) any {
			if c.Request.Args().Get("user") == "" {
				return c.Redirect("/login")
			}
			return next()
		})
	}
	app := retort.New("shop")
	app.Get("/orders/<int:id>")(loginRequired(func(id int) string { return fmt.Sprint("order ", id) }))

	client := app.TestClient()
	fmt.Println(client.Get("/orders/7").Header.Get("Location"))
	fmt.Println(client.Get("/orders/7?user=ann").Text)

	// Output:
	// /login
	// order 7
}

// brightness is what the variable of a rule becomes.
type brightness int

// A converter of one's own: the text of a URL becomes a value, or is no such URL.
func ExampleNewConverter() {
	names := []string{"low", "high"}
	levels := retort.NewConverter(`[a-z]+`,
		func(text string) (brightness, error) {
			for i, name := range names {
				if name == text {
					return brightness(i), nil
				}
			}
			return 0, errors.New("no level")
		},
		func(l brightness) (string, error) { return names[l], nil })

	app := retort.New("lamp")
	app.AddConverter("level", levels)
	app.Get("/light/<level:l>", retort.Endpoint("light"))(func(c *retort.Context, l brightness) string {
		return fmt.Sprint(int(l), " ", c.URLFor("light", "l", brightness(0)))
	})
	client := app.TestClient()
	fmt.Println(client.Get("/light/high").Text)
	fmt.Println(client.Get("/light/blinding").Status)

	// Output:
	// 1 /light/low
	// 404
}
