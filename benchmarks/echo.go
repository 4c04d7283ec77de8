package benchmarks

import (
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/labstack/echo/v5"

	"github.com/retort-go/retort"
)

// Note is what the echo applications read and answer.
type Note struct {
	ID    int      `json:"id"`
	Title string   `json:"title"`
	Text  string   `json:"text"`
	Tags  []string `json:"tags"`
	Done  bool     `json:"done"`
	Score float64  `json:"score"`
}

// EchoBody is a Note of 200 bytes.
const EchoBody = `{"id":123456,"title":"A letter to the editor","text":"The quick brown fox jumps over the lazy dog, again and again, until it is full.","tags":["letters","foxes","dogs","lo"],"done":false,"score":9.75}`

// Echoes are applications that answer POST /echo with the JSON they are sent, by
// name.
func Echoes() map[string]http.Handler {
	return map[string]http.Handler{"retort": RetortEcho(), "gin": GinEcho(), "echo": EchoEcho(), "chi": ChiEcho()}
}

// RetortEcho is the echo in retort.
func RetortEcho() http.Handler {
	app := retort.New("echo")
	app.Post("/echo")(func(c *retort.Context) (any, error) {
		var n Note
		if err := c.Request.JSON(&n); err != nil {
			return nil, err
		}
		return n, nil
	})
	return app
}

// GinEcho is the echo in gin.
func GinEcho() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	g := gin.New()
	g.POST("/echo", func(c *gin.Context) {
		var n Note
		if err := c.ShouldBindJSON(&n); err != nil {
			c.String(http.StatusBadRequest, err.Error())
			return
		}
		c.JSON(http.StatusOK, n)
	})
	return g
}

// EchoEcho is the echo in echo.
func EchoEcho() http.Handler {
	e := echo.New()
	e.POST("/echo", func(c *echo.Context) error {
		var n Note
		if err := c.Bind(&n); err != nil {
			return err
		}
		return c.JSON(http.StatusOK, n)
	})
	return e
}

// ChiEcho is the echo in chi, which leaves JSON to encoding/json.
func ChiEcho() http.Handler {
	r := chi.NewRouter()
	r.Post("/echo", func(w http.ResponseWriter, r *http.Request) {
		var n Note
		if err := json.NewDecoder(r.Body).Decode(&n); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(n)
	})
	return r
}
