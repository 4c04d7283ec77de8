package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/retort-go/retort/internal/cmdline"
)

// retortPath is the path of the module.
const retortPath = "github.com/retort-go/retort"

// versionCommand is the command version.
func versionCommand() *cmdline.Command {
	return &cmdline.Command{
		Name: "version",
		Help: "Show the versions of retort and Go.",
		Run: func(call *cmdline.Call) error {
			version := "(unknown)"
			if m := builtFrom(); m != nil {
				version = m.Version
			}
			_, err := fmt.Fprintf(call.Stdout, "retort %s\nGo %s\nPlatform %s/%s\n", version, strings.TrimPrefix(runtime.Version(), "go"), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// builtFrom is the module retort that this program was built from, nil if it does
// not know.
func builtFrom() *debug.Module {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == retortPath {
			return m
		}
	}
	return nil
}
