package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

func newClient() *retort.TestClient {
	app := newApp()
	app.Config.Set("TESTING", true)
	return app.TestClient()
}

func login(client *retort.TestClient, password string, more ...string) *retort.TestResponse {
	form := retort.FormData{"name": "ada", "password": password}
	for _, next := range more {
		form["next"] = next
	}
	return client.Post("/login", form)
}

func TestAVisitorIsSentToTheLoginAndBack(t *testing.T) {
	client := newClient()
	res := client.Get("/diary", retort.FollowRedirects())
	assert.Equal(t, "http://localhost/login?next=/diary", res.History[0].Location())
	assert.Contains(t, res.Text, "Log in to see this page.")
	assert.Contains(t, res.Text, `name="next" value="/diary"`)
	assert.Equal(t, "/diary", login(client, "lovelace", "/diary").Header.Get("Location"))
}

func TestADiary(t *testing.T) {
	client := newClient()
	login(client, "lovelace")
	assert.Contains(t, client.Get("/diary").Text, "There is nothing in it yet.")
	res := client.Post("/diary", retort.FormData{"text": "<b>Today</b> I wrote a program."}, retort.FollowRedirects())
	assert.Contains(t, res.Text, "<article>&lt;b&gt;Today&lt;/b&gt; I wrote a program.</article>")

	assert.Contains(t, client.Post("/logout", retort.FollowRedirects()).Text, "You have logged out.")
	assert.Equal(t, 303, client.Get("/diary").Status)
	assert.NotContains(t, client.Get("/").Text, "You have logged out.", "it was shown once")
}

func TestAWrongPassword(t *testing.T) {
	client := newClient()
	res := login(client, "byron", "/diary")
	assert.Equal(t, "/login?next=/diary", res.Header.Get("Location"))
	assert.Contains(t, client.Get("/login").Text, `<p class="flash error">There is nobody with this name and password.</p>`)
	assert.Equal(t, 303, client.Get("/diary").Status)
}

func TestTheWayBackStaysOnTheSite(t *testing.T) {
	for _, next := range []string{"", "https://evil.example/", "//evil.example", `/\evil.example`, "/\t/evil.example", "javascript:alert(1)"} {
		assert.Equal(t, "/diary", login(newClient(), "lovelace", next).Header.Get("Location"), next)
	}
}

func TestTheCookie(t *testing.T) {
	client := newClient()
	field := login(client, "lovelace").Header.Get("Set-Cookie")
	assert.Contains(t, field, "HttpOnly")
	assert.Contains(t, field, "SameSite=Lax")
	assert.NotContains(t, field, "Expires", "it goes when the browser is closed")
	res := client.Post("/login", retort.FormData{"name": "ada", "password": "lovelace", "remember": "on"})
	assert.Contains(t, res.Header.Get("Set-Cookie"), "Expires")

	stranger := newClient()
	res = stranger.Get("/diary", retort.WithCookie("session", "eyJ1c2VyIjoiYWRhIn0.ZVPxAA.AAAAAAAAAAAAAAAAAAAAAAAAAAA"))
	assert.Equal(t, 303, res.Status, "a cookie that was not signed here is none")
}

// A session transaction puts the client into the state that a test begins with.
func TestAUserWhoIsGone(t *testing.T) {
	client := newClient()
	client.SessionTransaction(func(s *retort.Session) { s.Set("user", "bob") })
	assert.Equal(t, 303, client.Get("/diary").Status)
	client.SessionTransaction(func(s *retort.Session) { s.Set("user", "ada") })
	assert.Equal(t, 200, client.Get("/diary").Status)
}

func TestAnotherSiteCannotWrite(t *testing.T) {
	client := newClient()
	login(client, "lovelace")
	res := client.Post("/diary", retort.FormData{"text": "spam"}, retort.WithHeader("Sec-Fetch-Site", "cross-site"))
	assert.Equal(t, 403, res.Status)
	assert.NotContains(t, client.Get("/diary").Text, "spam")
}
