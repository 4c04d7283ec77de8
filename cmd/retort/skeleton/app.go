package main

import "github.com/retort-go/retort"

// newApp makes the app: its settings, then what answers which URL. Every test
// makes one of its own.
func newApp() *retort.App {
	// Its pages and files are in templates/ and static/, beside this file.
	app := retort.New("skeleton")
	// RETORT_SECRET_KEY, in .env or in the environment, sets SECRET_KEY.
	app.Config.FromPrefixedEnv()

	v := &views{notes: new(notebook)}
	app.Get("/")(v.index)
	app.Post("/")(v.add)
	app.Post("/notes/<int:id>/remove")(v.remove)
	app.ErrorHandler(404)(notFound)
	return app
}
