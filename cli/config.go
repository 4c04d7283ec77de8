package cli

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/internal/cmdline"
	"github.com/retort-go/retort/internal/nearest"
)

// configCommand is the command config: the settings of the app.
//
// Differs from Flask, which has no such command.
func (p *program) configCommand() *cmdline.Command {
	return &cmdline.Command{
		Name: "config",
		Help: "Show the settings of the app, and where each comes from.\n\nSecrets are hidden.",
		Args: []cmdline.Argument{{Name: "key", Optional: true, Help: "Show one setting, and what it is for."}},
		Flags: []cmdline.Flag{
			{Name: "all", Short: "a", Value: false, Help: "Show what is not set, too."},
		},
		Run: func(call *cmdline.Call) error {
			text, err := p.settings(call.Bool("all")), error(nil)
			if key := call.String("key"); key != "" {
				text, err = p.setting(key)
			}
			if err == nil {
				_, err = io.WriteString(call.Stdout, text)
			}
			return err
		},
	}
}

// settings is the table of the settings, below the place of the app's files.
func (p *program) settings(all bool) string {
	var rows [][]string
	for _, e := range p.app.Config.Describe() {
		if all || p.app.Config.Get(e.Key) != nil {
			rows = append(rows, []string{e.Key, e.Value, e.Origin.String()})
		}
	}
	root := cmp.Or(p.app.RootPath(), "a tree of files") + " (" + p.app.RootPathOrigin() + ")"
	return "Root path: " + root + "\n\n" + table([]string{"Key", "Value", "Origin"}, rows)
}

// setting is what there is to say about one key, which may be in small letters.
func (p *program) setting(key string) (string, error) {
	var names []string
	for _, e := range p.app.Config.Describe() {
		if e.Key == key {
			return oneSetting(e), nil
		}
		names = append(names, e.Key)
	}
	if upper := strings.ToUpper(key); upper != key {
		return p.setting(upper)
	}
	text := fmt.Sprintf("there is no setting %s", key)
	if name := nearest.Name(names, key); name != "" {
		text += fmt.Sprintf("; did you mean %s?", name)
	}
	return "", fmt.Errorf("%s", text)
}

func oneSetting(e retort.ConfigEntry) string {
	text := fmt.Sprintf("%s = %s\nOrigin: %s\n", e.Key, e.Value, e.Origin)
	if e.Doc != "" {
		text += "\n" + e.Doc + "\n"
	}
	return text
}
