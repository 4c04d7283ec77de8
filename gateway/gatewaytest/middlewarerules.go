package gatewaytest

// middlewareRequirements are the rules for what is a server to the app inside
// and an app to the server outside.
func middlewareRequirements() []Requirement {
	const (
		middle = "PEP 3333, Middleware: Components that Play Both Sides"
		blocks = "PEP 3333, Middleware Handling of Block Boundaries"
	)
	return []Requirement{
		{ID: "M1", Strength: Must, Source: middle,
			Text: "The rules of both sides are kept."},
		{ID: "M2", Strength: MustNot, Source: blocks,
			Text: "It does not wait for several chunks of the app: for each one that it takes it gives at least one, an empty one if it needs more."},
		{ID: "M3", Strength: Must, Source: blocks,
			Text: "Its body is returned as soon as the app inside has returned, and made while it is asked for."},
		{ID: "M4", Strength: MustNot, Source: "PEP 3333, The write() Callable",
			Text: "The server's write gets what the app wrote, never what the app gave as chunks."},
		{ID: "M5", Strength: Must, Source: "PEP 3333, Specification Details",
			Text: "Close of the app's body is called exactly once, by the middleware's own."},
		{ID: "M6", Strength: Should, Source: "PEP 3333, Handling the Content-Length Header",
			Text: "A body that is changed loses its Content-Length or has the right one."},
		{ID: "M7", Strength: Must, Source: "PEP 3333, environ Variables",
			Text: "What is moved from PATH_INFO to SCRIPT_NAME stays the same when both are put together."},
		{ID: "M8", Strength: Should, Source: "PEP 3333, Specification Details",
			Text: "What is parsed out of the environ is given by functions over it, so that it cannot be older than the environ."},
		{ID: "M9", Strength: May, Source: "PEP 3333, Error Handling",
			Text: "An error of the app may be swallowed and answered with a page of the middleware's own, through start_response with exc."},
		{ID: "M10", Strength: Must, Source: middle,
			Text: "Neither the app nor the server can tell that it is there, but for what it is there to do."},
	}
}
