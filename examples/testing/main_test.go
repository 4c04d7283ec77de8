package main

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// newTestApp gives each test an app and a ballot box of its own. With TESTING an
// error that no handler took fails the test with its cause, not with a 500.
func newTestApp() *retort.App {
	app := newApp(&box{count: make(map[string]int)})
	app.Config.Set("TESTING", true)
	return app
}

// A client calls the app without a socket. It keeps cookies as a browser does.
func TestAVoteCounts(t *testing.T) {
	client := newTestApp().TestClient()
	assert.Contains(t, client.Get("/").Text, "tabs: 0")

	res := client.Post("/vote", retort.FormData{"answer": "tabs"})
	assert.Equal(t, 303, res.Status)
	assert.Equal(t, "/", res.Header.Get("Location"))

	res = client.Get("/")
	assert.Contains(t, res.Text, "tabs: 1")
	assert.Contains(t, res.Text, "Thank you for your vote.")
}

// Another client is another visitor.
func TestEveryVisitorHasOneVote(t *testing.T) {
	app := newTestApp()
	ada, bob := app.TestClient(), app.TestClient()
	for _, tt := range []struct {
		name   string
		client *retort.TestClient
		answer string
		want   int
	}{
		{"the first vote", ada, "tabs", 200},
		{"once more", ada, "tabs", 403},
		{"the other answer", ada, "spaces", 403},
		{"another visitor", bob, "spaces", 200},
	} {
		res := tt.client.Post("/vote", retort.FormData{"answer": tt.answer}, retort.FollowRedirects())
		assert.Equal(t, tt.want, res.Status, tt.name)
	}

	ada.DeleteCookie("voted")
	assert.Contains(t, ada.Get("/").Text, "<button name=answer value=tabs>")
}

func TestABadVote(t *testing.T) {
	client := newTestApp().TestClient()
	for name, form := range map[string]retort.FormData{
		"no answer":      {},
		"another answer": {"answer": "semicolons"},
		"another field":  {"vote": "tabs"},
	} {
		assert.Equal(t, 400, client.Post("/vote", form).Status, name)
	}
	assert.Equal(t, 405, client.Get("/vote").Status)
}

// JSON is read into whatever it should be.
func TestTheVotesAsJSON(t *testing.T) {
	app := newTestApp()
	app.TestClient().Post("/vote", retort.FormData{"answer": "tabs"})
	var got map[string]int
	require.NoError(t, app.TestClient().Get("/votes.json").JSON(&got))
	assert.Equal(t, map[string]int{"tabs": 1, "spaces": 0}, got)
}

// The Context of a response shows what the hooks and the view left in it.
func TestWhoHasVoted(t *testing.T) {
	client := newTestApp().TestClient()
	assert.False(t, voted.Get(client.Get("/").Context()))
	assert.True(t, voted.Get(client.Get("/", retort.WithCookie("voted", "yes")).Context()))
}

// A function that takes a Context is tested without a view.
func TestTheURLs(t *testing.T) {
	c := newTestApp().TestRequestContext("/", retort.WithBaseURL("https://polls.example/tabs"))
	assert.Equal(t, "/tabs/vote", c.URLFor("vote"))
	assert.Equal(t, "https://polls.example/tabs/vote", c.URLFor("vote", retort.External()))
}

// full is a ballot box that takes no more.
type full struct{}

var errFull = errors.New("the box is full")

func (full) Add(string) error               { return errFull }
func (full) Count() (map[string]int, error) { return nil, nil }

func TestAFullBox(t *testing.T) {
	app := newApp(full{})
	app.Config.Set("TESTING", true)
	client := app.TestClient()
	defer func() { assert.ErrorIs(t, recover().(error), errFull, "with TESTING the error itself") }()
	client.Post("/vote", retort.FormData{"answer": "tabs"})
}

func TestAFullBoxInProduction(t *testing.T) {
	res := newApp(full{}).TestClient().Post("/vote", retort.FormData{"answer": "tabs"})
	assert.Equal(t, 500, res.Status)
	assert.NotContains(t, res.Text, "full", "what went wrong is for the log")
	assert.Empty(t, res.Header.Get("Set-Cookie"))
}
