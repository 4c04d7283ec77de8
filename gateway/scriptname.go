package gateway

import (
	"context"
	"net/http"
)

// scriptNameKey is the context key of the SCRIPT_NAME of a request that
// [Environ.Request] made.
type scriptNameKey struct{}

// ScriptNameOf gives the SCRIPT_NAME of a request that came through a gateway:
// the part of the path before r.URL.Path, "" if there is none. An app puts it
// in front of the URLs that it builds.
func ScriptNameOf(r *http.Request) string {
	name, _ := r.Context().Value(scriptNameKey{}).(string)
	return name
}

// WithScriptName gives a copy of r with name as its SCRIPT_NAME, for code that
// takes a prefix off r.URL.Path before it hands the request on. [ScriptNameOf]
// finds it.
func WithScriptName(r *http.Request, name string) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), scriptNameKey{}, name))
}
