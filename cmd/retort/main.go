package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/retort-go/retort/internal/cmdline"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := answer(ctx, program(), os.Args[1:])
	stop()
	os.Exit(status)
}

// answer does what the words say and gives the exit status. --version is the
// command version.
func answer(ctx context.Context, p *cmdline.Program, words []string) int {
	if len(words) > 0 && words[0] == "--version" {
		words = []string{"version"}
	}
	return p.Run(ctx, words)
}

// program is the command line.
func program() *cmdline.Program {
	return &cmdline.Program{
		Name:      "retort",
		EnvPrefix: "RETORT",
		Root: &cmdline.Command{
			Name: "retort",
			Help: "Make apps, and run them while they are being written. To begin:\n\n" +
				"  retort new notes\n" +
				"  cd notes\n" +
				"  retort run",
			Commands: []*cmdline.Command{newCommand(), runCommand(), routesCommand(), secretCommand(), versionCommand()},
		},
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	}
}
