package cli

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/retort-go/retort/internal/cmdline"
)

// modulePath is the path of retort's module.
const modulePath = "github.com/retort-go/retort"

// versionCommand is the command version.
//
// Source: Flask: cli.py, get_version.
func (p *program) versionCommand() *cmdline.Command {
	return &cmdline.Command{
		Name: "version",
		Help: "Show the versions of the app, retort and Go.",
		Run: func(call *cmdline.Call) error {
			info, ok := debug.ReadBuildInfo()
			if !ok {
				info = new(debug.BuildInfo)
			}
			_, err := io.WriteString(call.Stdout, p.versions(info))
			return err
		},
	}
}

// versions has a line for each: the app, retort, Go, the platform.
func (p *program) versions(info *debug.BuildInfo) string {
	own, library := info.Main.Version, ""
	for _, m := range info.Deps {
		if m.Path == modulePath {
			library = m.Version
			if m.Replace != nil {
				library = strings.TrimSpace(m.Replace.Path + " " + m.Replace.Version)
			}
		}
	}
	if info.Main.Path == modulePath {
		library = own
	}
	name := p.name
	if p.app != nil {
		name = p.app.Name
	}
	const unknown = "(devel)"
	return fmt.Sprintf("%s %s\nretort %s\nGo %s\nPlatform %s/%s\n", name, cmp.Or(own, unknown), cmp.Or(library, unknown),
		strings.TrimPrefix(runtime.Version(), "go"), runtime.GOOS, runtime.GOARCH)
}
