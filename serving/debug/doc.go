//go:build retort_dev

// Package debug shows what a request failed with: the error and those that it
// wraps, the calls that led to it with their source, how the request was routed,
// and, to who enters the PIN, the data of the request, the session, the settings
// and what the program was doing.
//
// It exists only in programs that were built with the tag retort_dev, as the
// reloader and the command retort run build them. Only requests of this machine
// see its pages, see [Handler]; there is no console, so that no request runs code.
//
// Werkzeug: debug/__init__.py, DebuggedApplication.
package debug
