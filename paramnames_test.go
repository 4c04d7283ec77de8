package retort_test

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

type shelf struct{}

func (shelf) book(c *retort.Context, author string, id int) string { return "" }
func mixed(c *retort.Context, page, book string) string            { return "" }
func pair(a, b string) (string, error)                             { return "", nil }
func swapped(b, a string) string                                   { return "" }

// warnings freezes an app in debug mode and gives its log.
func warnings(t *testing.T, debug bool, register func(*retort.App)) string {
	t.Helper()
	var log bytes.Buffer
	app := retort.New("names")
	app.Config.Set("DEBUG", debug)
	app.Logger = slog.New(slog.NewTextHandler(&log, nil))
	register(app)
	app.TestClient().Get("/nothing/here")
	return log.String()
}

func TestPermutedParameterNamesAreReported(t *testing.T) {
	for name, register := range map[string]func(*retort.App){
		"a function":         func(app *retort.App) { app.Get("/<a>/<b>")(swapped) },
		"with a Context":     func(app *retort.App) { app.Get("/<book>/<page>")(mixed) },
		"a function literal": func(app *retort.App) { app.Get("/<a>/<b>")(func(b, a string) string { return "" }) },
	} {
		t.Run(name, func(t *testing.T) {
			assert.Contains(t, warnings(t, true, register), "names of its rule's variables in another order")
			assert.Empty(t, warnings(t, false, register), "without debug mode")
		})
	}
}

func TestParameterNamesThatFitAreNotReported(t *testing.T) {
	log := warnings(t, true, func(app *retort.App) {
		app.Get("/at/<page>/<book>")(mixed)
		app.Get("/<a>/<b>")(pair)
		app.Get("/of/<author>/<int:id>")(shelf{}.book)
		app.Get("/other/<x>/<y>")(pair)
		app.Get("/literal/<a>/<b>")(func(a, b string) string { return "" })
	})
	assert.Empty(t, log)
}
