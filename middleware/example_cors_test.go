package middleware_test

import (
	"fmt"
	"net/http/httptest"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/middleware"
)

// An app with sessions and the pages of another origin. Both may read; only the
// one in TRUSTED_ORIGINS may also change things for the user.
func ExampleCORS() {
	app := retort.New("api")
	app.Config.Set("SECRET_KEY", "better from the environment")
	app.Config.Set("TRUSTED_ORIGINS", []string{"https://admin.example.org"})
	app.Get("/stock")(func() retort.H { return retort.H{"bolts": 7} })
	app.Post("/stock")(func() string { return "noted" })
	app.Use(middleware.CORS(middleware.CORSOptions{
		Origins:     []string{"https://admin.example.org", "https://shop.example.org"},
		Credentials: true,
	}))

	for _, origin := range []string{"https://admin.example.org", "https://shop.example.org", "https://elsewhere.test"} {
		for _, method := range []string{"GET", "POST"} {
			r := httptest.NewRequest(method, "/stock", nil)
			r.Header.Set("Origin", origin)
			w := httptest.NewRecorder()
			app.ServeHTTP(w, r)
			fmt.Printf("%-4s %-25s %d readable: %t\n", method, origin, w.Code, w.Header().Get("Access-Control-Allow-Origin") == origin)
		}
	}
	// Output:
	// GET  https://admin.example.org 200 readable: true
	// POST https://admin.example.org 200 readable: true
	// GET  https://shop.example.org  200 readable: true
	// POST https://shop.example.org  403 readable: true
	// GET  https://elsewhere.test    200 readable: false
	// POST https://elsewhere.test    403 readable: false
}
