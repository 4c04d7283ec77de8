// Cli is a list of things to do, with a page and a command line. The commands of
// the blueprint todo are a group; export is one of the app.
//
//	$ go run ./examples/cli todo add Water the plants
//	1. Water the plants
//
//	$ go run ./examples/cli export --format json
//	["Water the plants"]
//
//	$ go run ./examples/cli routes
//	Endpoint    Methods  Rule
//	----------  -------  ------
//	todo.index  GET      /todo/
//
//	$ go run ./examples/cli run --debug
//
//	$ curl http://127.0.0.1:5000/todo/
//	1. Water the plants
//
// --help shows the others. The list is kept in a file, which the setting TASKS_FILE
// names: RETORT_TASKS_FILE in the environment, or in a file .env beside the program.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/cli"
)

// main gives cli.Main the function and not the app, so that the files of the
// environment are read before the app reads its settings.
func main() { cli.Main(newApp) }

func newApp() *retort.App {
	app := retort.New("tasks")
	app.Config.Set("TASKS_FILE", filepath.Join(os.TempDir(), "retort-todo.txt"))
	app.Config.FromPrefixedEnv()
	app.RegisterBlueprint(newTodo())
	app.Command(retort.Command{
		Name: "export",
		Help: "Print the list for other programs.",
		Flags: []retort.Flag{
			{Name: "format", Short: "f", Value: "text", Choices: []string{"text", "json"}, Help: "How to write it."},
		},
		Run: export,
	})
	return app
}

func newTodo() *retort.Blueprint {
	todo := retort.NewBlueprint("todo", retort.URLPrefix("/todo"))
	todo.Get("/")(index)
	todo.Command(retort.Command{
		Name: "add",
		Help: "Add something to do.",
		Args: []retort.Argument{{Name: "text", Many: true, Help: "What there is to do."}},
		Run:  add,
	})
	todo.Command(retort.Command{
		Name: "done",
		Help: "Take what is done off the list.",
		Args: []retort.Argument{{Name: "number", Value: 0, Help: "Its number in the list."}},
		Run:  done,
	})
	return todo
}

func index(c *retort.Context) (any, error) {
	items, err := load(c)
	return retort.Text(numbered(items)), err
}

func add(c *retort.Context, args *retort.CommandArgs) error {
	items, err := load(c)
	if err != nil {
		return err
	}
	items = append(items, strings.Join(args.Strings("text"), " "))
	if _, err := fmt.Fprint(args.Stdout, numbered(items)); err != nil {
		return err
	}
	return save(c, items)
}

func done(c *retort.Context, args *retort.CommandArgs) error {
	items, err := load(c)
	if err != nil {
		return err
	}
	n := args.Int("number")
	if n < 1 || n > len(items) {
		return args.Errorf("there is no number %d in a list of %d", n, len(items))
	}
	return save(c, slices.Delete(items, n-1, n))
}

func export(c *retort.Context, args *retort.CommandArgs) error {
	items, err := load(c)
	if err != nil {
		return err
	}
	if args.String("format") == "json" {
		return json.NewEncoder(args.Stdout).Encode(items)
	}
	_, err = fmt.Fprint(args.Stdout, numbered(items))
	return err
}

func numbered(items []string) string {
	var b strings.Builder
	for i, item := range items {
		fmt.Fprintf(&b, "%d. %s\n", i+1, item)
	}
	return b.String()
}

// load reads the list. One that nobody has written to is empty.
func load(c *retort.Context) ([]string, error) {
	data, err := os.ReadFile(c.App.Config.String("TASKS_FILE"))
	if errors.Is(err, fs.ErrNotExist) {
		return []string{}, nil
	}
	return strings.FieldsFunc(string(data), func(r rune) bool { return r == '\n' }), err
}

func save(c *retort.Context, items []string) error {
	text := strings.Join(items, "\n")
	return os.WriteFile(c.App.Config.String("TASKS_FILE"), []byte(text), 0o600)
}
