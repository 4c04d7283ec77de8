package gateway

import (
	"context"
	"io"
	"maps"
	"slices"
)

// VariableNames gives the names of all derived variables but the HTTP_* ones.
func VariableNames() []string { return slices.Sorted(maps.Keys(variables)) }

// ServeCGIProcess is ServeCGI for a process that a test makes up.
func ServeCGIProcess(app App, environ []string, in io.Reader, out io.Writer, nph bool, opts ...Option) error {
	return ServeCGIRun(context.Background(), app, environ, in, out, nph, opts...)
}

// ServeCGIRun is ServeCGIProcess with the context that a signal ends.
func ServeCGIRun(ctx context.Context, app App, environ []string, in io.Reader, out io.Writer, nph bool, opts ...Option) error {
	return serveCGI(ctx, app, cgiProcess{environ, in, out, nph}, newConfig(opts))
}
