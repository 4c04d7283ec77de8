package retort_test

import (
	"fmt"

	"github.com/retort-go/retort"
)

// A session counts the visits of a client, and a message waits in it for the
// page after a redirect.
func ExampleContext_Session() {
	app := retort.New("visits")
	app.Config.Set("SECRET_KEY", "for examples only")
	app.Post("/visit")(func(c *retort.Context) any {
		session := c.Session()
		session.Set("visits", retort.SessionValue(session, "visits", 0)+1)
		c.Flash("Welcome back.")
		return c.Redirect("/")
	})
	app.Get("/")(func(c *retort.Context) string {
		return fmt.Sprint(c.FlashedMessages(), " visits: ", c.Session().Get("visits"))
	})

	client := app.TestClient()
	client.Post("/visit")
	fmt.Println(client.Post("/visit", retort.FollowRedirects()).Text)
	fmt.Println(client.Get("/").Text)
	// Output:
	// [Welcome back. Welcome back.] visits: 2
	// [] visits: 2
}

// A test sets the session as if the client had logged in.
func ExampleTestClient_SessionTransaction() {
	app := retort.New("profile")
	app.Config.Set("SECRET_KEY", "for examples only")
	app.Get("/profile")(func(c *retort.Context) string {
		return "Hello, " + retort.SessionValue(c.Session(), "user", "stranger")
	})

	client := app.TestClient()
	client.SessionTransaction(func(s *retort.Session) { s.Set("user", "ada") })
	fmt.Println(client.Get("/profile").Text)
	// Output: Hello, ada
}
