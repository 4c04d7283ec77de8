// Package retort is a web microframework with Flask's mental model and Go's
// types: an [App] that is itself the gateway callable, a registry of views
// written as decorators, request and response wrappers, one explicit
// [Context], and a development server behind [App.Run].
//
//	app := retort.New("hello")
//	app.Get("/")(func() string { return "Hello, WSGI!" })
//	err := app.Run() // nil when it was told to stop
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
// # What a view works with
//
// Everything is reached from its Context: c.Request has the query, the form, the
// JSON ([Request.Args], [Request.Form], [Request.Bind]); [Context.Session] the
// session; [Context.URLFor], [Context.Redirect] and [Context.RenderTemplate] make
// answers; a [Key] keeps a value of its own type for the request. [Abort] leaves a
// view with an error, [Error] is one to return, [App.ErrorHandler] and [OnError]
// answer them.
//
// An app is divided by a [Blueprint], configured by its [Config], tested with
// [App.TestClient], and wrapped by [App.Use]; package cli gives it a command line.
//
// # The life of a request
//
// The app freezes at its first request: what is registered later panics. Each
// request is matched, walks the before_request functions, the view, the
// after_request functions, and leaves through the teardown functions, in
// Flask's order; [App.ServeHTTP] says it step by step.
package retort
