// Package serving is the development server: it listens, says where, logs one
// line a request and stops without losing requests. It is what an application's
// Run method calls, and it takes any [http.Handler].
//
//	err := serving.RunSimple("127.0.0.1", 5000, handler, serving.Options{AppName: "hello"})
//
// The pieces can be had one by one:
//
//   - [RunSimple] does everything, until a signal arrives; if it is told to, with
//     the reloader, the debugger, TLS and static files.
//   - [Listen] opens the socket. Its errors say who is in the way and what to do.
//   - [Server] serves on any listener. [Server.Drain] stops it in an order that
//     loses no request that reached it, which [http.Server.Shutdown] does.
//   - [Guard] refuses requests that are legal for net/http's parser but not for
//     an origin server. A Server always has it in front of its handler.
//
// # The reloader
//
// With Options.UseReloader the program is built and started anew when a file
// changes: its source and that of the modules that are worked on with it, what it
// embeds, go.mod and go.work, and the files of Options. The process that was
// started holds the socket and never calls the handler, so that no request is
// lost; each child is built with the flags of the program and the tag retort_dev.
// [RunProgram] does it for the program in a folder.
//
// # What a handler gets
//
// The [http.ResponseWriter] is net/http's own, wrapped once. [http.Flusher],
// [http.Hijacker], [io.ReaderFrom] (sendfile for files) and every method of
// [http.ResponseController] work through it.
//
// Slow peers are cut off when nothing moves for [Options].ProgressTimeout: each
// read of a request body and each write of a response starts the time anew, so
// an upload or download may last as long as it likes while it goes on.
//
// The request context is cancelled when the client goes away, when the server
// is closed, and for a hijacked connection as soon as the server begins to stop.
// A response without end, such as a stream of events, should also watch
// [Draining], otherwise it is waited for.
//
// Source: Werkzeug: serving.py.
package serving
