package middleware_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/middleware"
)

// compressedApp serves an app behind Compress and gives what it answers in gzip.
func compressedApp(t *testing.T, view any) *http.Response {
	app := retort.New("compressed")
	app.Use(middleware.Compress(middleware.CompressOptions{}))
	app.Get("/")(view)
	server := httptest.NewServer(app)
	t.Cleanup(server.Close)
	r, err := http.NewRequest("GET", server.URL, nil)
	require.NoError(t, err)
	r.Header.Set("Accept-Encoding", "gzip")
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	t.Cleanup(func() { res.Body.Close() })
	return res
}

func TestCompressAnApp(t *testing.T) {
	res := compressedApp(t, func() string { return page })
	assert.Equal(t, "gzip", res.Header.Get("Content-Encoding"))
	assert.Equal(t, "text/html; charset=utf-8", res.Header.Get("Content-Type"))
	all, err := io.ReadAll(decoder(t, "gzip", res.Body))
	require.NoError(t, err)
	assert.Equal(t, page, string(all))
	res = compressedApp(t, func() string { return "few" })
	assert.Empty(t, res.Header["Content-Encoding"])
	assert.EqualValues(t, 3, res.ContentLength)
}

func TestCompressTheStreamOfAnApp(t *testing.T) {
	next := make(chan int, 1)
	next <- 0
	res := compressedApp(t, func() iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			for i := range next {
				if !yield(fmt.Sprintln("line", i), nil) {
					return
				}
			}
			yield("", errors.New("half way"))
		}
	})
	assert.Equal(t, "gzip", res.Header.Get("Content-Encoding"))
	lines := bufio.NewReader(decoder(t, "gzip", res.Body))
	for i := range 3 {
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		assert.Equal(t, fmt.Sprintln("line", i), line)
		if i < 2 {
			next <- i + 1
		}
	}
	close(next)
	_, err := lines.ReadString('\n')
	assert.Equal(t, io.ErrUnexpectedEOF, err, "a stream that fails does not end like a whole one")
}
