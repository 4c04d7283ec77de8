package middleware_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"testing/fstest"

	"github.com/retort-go/retort/middleware"
)

func ExampleSharedData() {
	files := fstest.MapFS{"hello.txt": {Data: []byte("from a file")}}
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "from the app") })
	handler := middleware.SharedData(map[string]fs.FS{"/static": files})(app)
	for _, path := range []string{"/static/hello.txt", "/static/other.txt"} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		fmt.Println(w.Body, w.Header().Get("Cache-Control"))
	}
	// Output:
	// from a file max-age=43200, public
	// from the app
}
