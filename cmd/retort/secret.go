package main

import (
	"fmt"

	"github.com/retort-go/retort/internal/cmdline"
	"github.com/retort-go/retort/security"
)

// secretBytes is how much of a SECRET_KEY is random.
const secretBytes = 32

// secretCommand is the command secret.
func secretCommand() *cmdline.Command {
	return &cmdline.Command{
		Name: "secret",
		Help: "Print a new SECRET_KEY.\n\n" +
			"It is 32 random bytes as text. An app reads it from the environment, as " +
			"RETORT_SECRET_KEY, or from the file .env, which belongs in no repository.",
		Run: func(call *cmdline.Call) error {
			_, err := fmt.Fprintln(call.Stdout, security.Token(secretBytes))
			return err
		},
	}
}
