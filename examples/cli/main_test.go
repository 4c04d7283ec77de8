package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/cli"
)

func newTestApp(t *testing.T) *retort.App {
	t.Helper()
	app := newApp()
	app.Config.Set("TASKS_FILE", filepath.Join(t.TempDir(), "todo.txt"))
	return app
}

func TestTheListIsKept(t *testing.T) {
	app := newTestApp(t)
	assert.Equal(t, cli.Result{}, cli.Invoke(app, "export"))
	assert.Equal(t, cli.Result{Stdout: "1. Water the plants\n"}, cli.Invoke(app, "todo", "add", "Water", "the", "plants"))
	assert.Equal(t, cli.Result{Stdout: "1. Water the plants\n2. Sleep\n"}, cli.Invoke(app, "todo", "add", "Sleep"))
	assert.Equal(t, cli.Result{Stdout: `["Water the plants","Sleep"]` + "\n"}, cli.Invoke(app, "export", "-f", "json"))
	assert.Equal(t, cli.Result{}, cli.Invoke(app, "todo", "done", "1"))
	assert.Equal(t, cli.Result{Stdout: "1. Sleep\n"}, cli.Invoke(app, "export"))
	assert.Equal(t, "1. Sleep\n", app.TestClient().Get("/todo/").Text)
}

func TestMistakes(t *testing.T) {
	app := newTestApp(t)
	assert.Equal(t, cli.Result{ExitCode: 2, Stderr: "tasks todo done: there is no number 3 in a list of 0; see tasks todo done --help\n"}, cli.Invoke(app, "todo", "done", "3"))
	assert.Equal(t, cli.Result{ExitCode: 2, Stderr: "tasks todo done: NUMBER takes a whole number, not \"x\"; see tasks todo done --help\n"}, cli.Invoke(app, "todo", "done", "x"))
	assert.Equal(t, cli.Result{ExitCode: 2, Stderr: "tasks export: --format takes one of text, json, not \"jsn\"; did you mean json?\n"}, cli.Invoke(app, "export", "--format", "jsn"))
}

func TestRoutes(t *testing.T) {
	assert.Equal(t, cli.Result{Stdout: "Endpoint    Methods  Rule\n----------  -------  ------\ntodo.index  GET      /todo/\n"}, cli.Invoke(newTestApp(t), "routes"))
}
