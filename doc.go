// Package retort is a web microframework with Flask's mental model and Go's
// types: an [App] that is itself the gateway callable, a registry of views
// written as decorators, request and response wrappers, one explicit
// [Context], and a development server behind [App.Run].
//
//	app := retort.New("hello")
//	app.Get("/")(func() string { return "Hello, WSGI!" })
//	log.Fatal(app.Run())
//
// # Rules and views
//
// A rule is a path with variables, <converter(args):name>. A view is a
// function; its parameters are an optional *Context and then the variables of
// its rule, in rule order and of the converter's type:
//
//	app.Get("/user/<name>")(func(name string) string { … })
//	app.Get("/post/<int:id>")(func(c *retort.Context, id int) any { … })
//
// A view that does not fit its rule panics when it is registered, with both
// source positions in the text. [App.Route] lists the converters, [Reply] what
// a view may return.
//
// # The life of a request
//
// The app freezes at its first request: what is registered later panics. Each
// request is matched, walks the before_request functions, the view, the
// after_request functions, and leaves through the teardown functions, in
// Flask's order; [App.ServeHTTP] says it step by step.
package retort
