package main

import (
	"html"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

func TestConverters(t *testing.T) {
	client := newApp().TestClient()
	for _, tt := range []struct{ target, want string }{
		{"/user/ada", "This is ada.\n"},
		{"/user/<b>", "This is &lt;b&gt;.\n"},
		{"/language/de", "The language is de.\n"},
		{"/post/7", "This is post 7.\n"},
		{"/celsius/-2.5", "That is 27.5 °F.\n"},
		{"/files/docs/a.txt", "The file is docs/a.txt.\n"},
		{"/about", "The page is about.\n"},
		{"/order/C0FFEE00-0000-4000-8000-000000000001", "The order is c0ffee00-0000-4000-8000-000000000001.\n"},
		{"/day/2024-02-29", "2024-02-29 is a Thursday.\n"},
		{"/archive/page/2", "This is page 2 of the archive.\n"},
	} {
		res := client.Get(tt.target)
		assert.Equal(t, 200, res.Status, tt.target)
		assert.Equal(t, tt.want, res.Text, tt.target)
	}
}

func TestWhatNoConverterTakesIsNotFound(t *testing.T) {
	client := newApp().TestClient()
	for _, target := range []string{"/language/deu", "/post/seven", "/celsius/3", "/contact", "/order/1", "/day/2023-02-29", "/projects/x"} {
		res := client.Get(target)
		assert.Equal(t, 404, res.Status, target)
		assert.Equal(t, "There is no "+target+" here.\n", res.Text)
	}
	assert.Equal(t, "There is no /&lt;i&gt; here.\n", client.Get("/<i>").Text)
}

func TestRedirects(t *testing.T) {
	client := newApp().TestClient()
	for target, want := range map[string]string{
		"/projects":       "http://localhost/projects/",
		"/archive/page/1": "http://localhost/archive/",
		"/article/7":      "http://localhost/post/7",
		"/p/7":            "http://localhost/post/7",
	} {
		res := client.Get(target)
		assert.Equal(t, 308, res.Status, target)
		assert.Equal(t, want, res.Location(), target)
		assert.Equal(t, 200, client.Get(target, retort.FollowRedirects()).Status, target)
	}
}

func TestAnotherMethodIsNotAllowed(t *testing.T) {
	res := newApp().TestClient().Post("/post/7")
	assert.Equal(t, 405, res.Status)
	assert.Equal(t, "GET, HEAD, OPTIONS", res.Header.Get("Allow"))
}

func TestEveryLinkOfTheIndexWorks(t *testing.T) {
	client := newApp().TestClient()
	links := regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(client.Get("/").Text, -1)
	require.Len(t, links, 11)
	for _, link := range links {
		assert.Equal(t, 200, client.Get(html.UnescapeString(link[1])).Status, link[1])
	}
}
