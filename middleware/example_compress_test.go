package middleware_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/klauspost/compress/gzip"

	"github.com/retort-go/retort/middleware"
)

func ExampleCompress() {
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, strings.Repeat("the same line again\n", 100))
	})
	handler := middleware.Compress(middleware.CompressOptions{})(app)
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept-Encoding", "gzip, deflate")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	fmt.Println(w.Header().Get("Content-Encoding"), w.Body.Len() < 100)
	z, _ := gzip.NewReader(w.Body)
	all, _ := io.ReadAll(z)
	fmt.Println(len(all))
	// Output:
	// gzip true
	// 2000
}
