// Factory makes its app in a function: what the app works with comes in as
// arguments, its settings from the environment, and a test makes as many apps as
// it likes. The views are methods of structs that hold what they need. It serves
// on 127.0.0.1:5000.
//
//	$ RETORT_NOTES_LIMIT=2 go run ./examples/factory
//
//	$ curl --json '{"text": "hello"}' http://127.0.0.1:5000/notes
//	{"id":1,"text":"hello"}
package main

import (
	"log"

	"github.com/retort-go/retort"
)

// newApp makes the app. settings are for tests; they come before those of the
// environment, and these before the app's own.
func newApp(s *store, settings map[string]any) *retort.App {
	app := retort.New("factory")
	app.Config.Set("NOTES_LIMIT", 100)
	app.Config.FromPrefixedEnv() // RETORT_NOTES_LIMIT=2 sets NOTES_LIMIT
	app.Config.Update(settings)

	app.Route("/notes")(retort.MethodView(&noteList{s, app.Config.Int("NOTES_LIMIT")}))
	app.Route("/notes/<int:id>")(retort.MethodView(&noteItem{s}))
	retort.OnError(app, func(_ *retort.Context, e *retort.HTTPError) any {
		return retort.Reply(retort.H{"error": e.Description}, e.Code, e.Header)
	})
	return app
}

// noteList answers /notes: its methods are the methods of HTTP.
type noteList struct {
	store *store
	limit int64
}

// Get lists the notes.
func (v *noteList) Get() []note { return v.store.all() }

// Post makes a note of what was sent.
func (v *noteList) Post(c *retort.Context) (any, error) {
	var n note
	if err := c.Request.BindJSON(&n); err != nil {
		return nil, err // 400 or 422, with all that is wrong
	}
	n, ok := v.store.add(n, v.limit)
	if !ok {
		return nil, retort.Error(507, "There is no room for another note.")
	}
	res := retort.Reply(n, 201)
	res.Header.Set("Location", c.URLFor("noteItem", "id", n.ID))
	return res, nil
}

// noteItem answers /notes/<int:id>. Its methods are checked against the rule when
// the app is made.
type noteItem struct{ store *store }

// Get gives the note.
func (v *noteItem) Get(id int) (note, error) {
	n, ok := v.store.get(id)
	if !ok {
		return note{}, retort.Error(404, "There is no such note.")
	}
	return n, nil
}

// Delete removes the note; without an error that is a 204.
func (v *noteItem) Delete(id int) error {
	if !v.store.remove(id) {
		return retort.Error(404, "There is no such note.")
	}
	return nil
}

func main() {
	if err := newApp(new(store), nil).Run(); err != nil {
		log.Fatal(err)
	}
}
