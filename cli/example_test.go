package cli_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/cli"
)

// A program gives its app to cli.Main. Here the words come from the example.
func Example() {
	app := retort.New("hello")
	app.Command(retort.Command{
		Name:  "greet",
		Help:  "Greet somebody.",
		Args:  []retort.Argument{{Name: "name"}},
		Flags: []retort.Flag{{Name: "loud", Short: "l", Value: false, Help: "In capitals."}},
		Run: func(_ *retort.Context, args *retort.CommandArgs) error {
			text := "Hello, " + args.String("name") + "!"
			if args.Bool("loud") {
				text = strings.ToUpper(text)
			}
			_, err := fmt.Fprintln(args.Stdout, text)
			return err
		},
	})
	status := cli.Run(context.Background(), app, []string{"greet", "--loud", "Ann"}, os.Stdout, os.Stderr)
	fmt.Println(status)
	// Output:
	// HELLO, ANN!
	// 0
}
