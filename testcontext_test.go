package retort_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

func showUser(id int) string { return "" }

func TestTestRequestContext(t *testing.T) {
	app := quiet()
	app.Get("/user/<int:id>")(showUser)
	app.BeforeRequest(func(*retort.Context) { t.Error("a hook was called") })
	app.TeardownRequest(func(*retort.Context, error) { t.Error("a hook was called") })

	c := app.TestRequestContext("/user/7?tab=posts", retort.WithHost("a.test"))
	assert.Same(t, app, c.App)
	assert.Equal(t, "showUser", c.Endpoint())
	assert.Equal(t, retort.H{"id": 7}, c.ViewArgs())
	assert.Equal(t, "posts", c.Request.Args().Get("tab"))
	assert.Equal(t, "/user/8", c.URLFor("showUser", "id", 8))
	assert.Equal(t, "http://a.test/user/8", c.URLFor("showUser", "id", 8, retort.External()))
	assert.Same(t, c, retort.FromContext(c.Context()))
	c.AfterThisRequest(func(*retort.Response) {})
}

func TestTestRequestContextWithABody(t *testing.T) {
	c := quiet().TestRequestContext("/x", retort.WithMethod("POST"), retort.FormData{"name": "ada"})
	assert.Equal(t, "POST", c.Request.Method())
	assert.Equal(t, "ada", c.Request.Form().Get("name"))

	c = quiet().TestRequestContext("/x", retort.JSON{V: []int{1, 2}})
	var v []int
	require.NoError(t, c.Request.JSON(&v))
	assert.Equal(t, []int{1, 2}, v)
}

func TestTestRequestContextOfABodyThatIsTooLarge(t *testing.T) {
	app := quiet()
	app.Config.Set("MAX_CONTENT_LENGTH", 2)
	_, err := app.TestRequestContext("/x", retort.WithBody("abc", "")).Request.Data()
	assert.EqualError(t, err, "413 Request Entity Too Large: The body of the request is larger than the 2 bytes that MAX_CONTENT_LENGTH allows.")
}

func TestTestRequestContextWithoutAMatch(t *testing.T) {
	c := quiet().TestRequestContext("/nowhere")
	assert.Empty(t, c.Endpoint())
	assert.Nil(t, c.ViewArgs())
	assert.Equal(t, "/nowhere", c.Request.Path())
}

func TestPreprocessRequest(t *testing.T) {
	app := quiet()
	app.Get("/user/<int:id>")(showUser)
	var calls []string
	app.URLValuePreprocessor(func(_ *retort.Context, endpoint string, values retort.H) {
		calls = append(calls, "preprocessor "+endpoint)
		values["id"] = 8
	})
	app.BeforeRequest(func(*retort.Context) { calls = append(calls, "before") })
	app.BeforeRequest(func(c *retort.Context) any {
		switch c.Request.QueryString() {
		case "stop":
			return "stopped"
		case "fail":
			return errors.New("failed")
		}
		return nil
	})

	c := app.TestRequestContext("/user/7")
	res, err := app.PreprocessRequest(c)
	assert.Nil(t, res)
	assert.NoError(t, err)
	assert.Equal(t, []string{"preprocessor showUser", "before"}, calls)
	assert.Equal(t, retort.H{"id": 8}, c.ViewArgs())

	res, err = app.PreprocessRequest(app.TestRequestContext("/user/7?stop"))
	require.NoError(t, err)
	data, err := res.Data()
	require.NoError(t, err)
	assert.Equal(t, "stopped", string(data))

	_, err = app.PreprocessRequest(app.TestRequestContext("/user/7?fail"))
	assert.EqualError(t, err, "failed")
}
