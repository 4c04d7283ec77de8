package main

import (
	"strings"
	"testing"

	"github.com/retort-go/retort"
)

// newClient gives a browser without a window, and an app of its own.
func newClient() *retort.TestClient {
	app := newApp()
	app.Config.Set("TESTING", true) // an error fails the test with its cause
	app.Config.Set("SECRET_KEY", "for tests alone")
	return app.TestClient()
}

func TestNotes(t *testing.T) {
	client := newClient()
	page := client.Get("/")
	check(t, page, 200, "Nothing noted yet.")

	page = client.Post("/", retort.FormData{"text": "Fish & chips"}, retort.FollowRedirects())
	check(t, page, 200, "Noted.", "Fish &amp; chips")

	page = client.Post("/notes/1/remove", retort.FollowRedirects())
	check(t, page, 200, "Removed.", "Nothing noted yet.")
}

func TestAnEmptyNote(t *testing.T) {
	page := newClient().Post("/", retort.FormData{"text": " "}, retort.FollowRedirects())
	check(t, page, 200, "Write something first.", "Nothing noted yet.")
}

func TestWhatIsNotThere(t *testing.T) {
	client := newClient()
	check(t, client.Get("/nowhere"), 404, "Nothing here")
	check(t, client.Post("/notes/7/remove"), 404, "There is no such note.")
}

// check wants a status, and texts in the page.
func check(t *testing.T, page *retort.TestResponse, status int, texts ...string) {
	t.Helper()
	if page.Status != status {
		t.Errorf("the status is %d, not %d", page.Status, status)
	}
	for _, text := range texts {
		if !strings.Contains(page.Text, text) {
			t.Errorf("%q is not in the page:\n%s", text, page.Text)
		}
	}
}
