package main

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// listener is an open stream of events.
type listener struct {
	t     *testing.T
	lines *bufio.Scanner
}

// listen opens the stream as a client that saw the event with the given ID.
func listen(t *testing.T, url, seen string) *listener {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", url+"/events", nil)
	require.NoError(t, err)
	r.Header.Set("Last-Event-ID", seen)
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	t.Cleanup(func() { res.Body.Close() })
	require.Equal(t, "text/event-stream", res.Header.Get("Content-Type"))
	l := &listener{t, bufio.NewScanner(res.Body)}
	require.Equal(t, ":", l.next())
	return l
}

// next reads to the next empty line.
func (l *listener) next() string {
	var event []string
	for l.lines.Scan() && l.lines.Text() != "" {
		event = append(event, l.lines.Text())
	}
	require.NoError(l.t, l.lines.Err())
	return strings.Join(event, "\n")
}

func TestEveryListenerGetsTheNotes(t *testing.T) {
	app := newApp()
	server := httptest.NewServer(app)
	defer server.Close()
	defer server.CloseClientConnections()
	client := app.TestClient()
	one, two := listen(t, server.URL, ""), listen(t, server.URL, "")
	for i, text := range []string{"hello", "</script>\nid: 9"} {
		res := client.Post("/notes", retort.JSON{V: note{Text: text}})
		require.Equal(t, 200, res.Status, res.Text)
		want := []string{"id: 1\ndata: {\"text\":\"hello\"}", "id: 2\ndata: {\"text\":\"</script>\\nid: 9\"}"}[i]
		assert.Equal(t, want, one.next())
		assert.Equal(t, want, two.next())
	}
	assert.Equal(t, "id: 2\ndata: {\"text\":\"</script>\\nid: 9\"}", listen(t, server.URL, "1").next(), "what it missed")
	for _, strange := range []string{"x", "99", "-1"} {
		assert.Equal(t, "id: 1\ndata: {\"text\":\"hello\"}", listen(t, server.URL, strange).next(), "%q is none of ours", strange)
	}
}

func TestThePageAndBadNotes(t *testing.T) {
	client := newApp().TestClient()
	assert.Contains(t, client.Get("/").Text, "EventSource")
	assert.Equal(t, 400, client.Post("/notes", retort.JSON{V: []int{1}}).Status)
	assert.Equal(t, 415, client.Post("/notes").Status)
}
