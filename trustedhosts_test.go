package retort_test

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

func TestTrustedHosts(t *testing.T) {
	trusted := []string{"example.com", ".Sub.test", "bücher.test", "[::1]", "127.0.0.1", "port.test:8080"}
	for host, status := range map[string]int{
		"example.com": 200, "example.com:8080": 200, "EXAMPLE.com": 200, "a.example.com": 400, "example.com.evil.test": 400, "notexample.com": 400, "example.com.": 400,
		"sub.test": 200, "a.sub.test": 200, "a.b.SUB.test:1": 200, "notsub.test": 400, ".sub.test": 200, "sub.test.evil.test": 400,
		"xn--bcher-kva.test": 200, "[::1]": 200, "[::1]:5000": 200, "[::2]": 400, "127.0.0.1:80": 200, "127.0.0.2": 400,
		"port.test": 200, "port.test:9": 200, "evil.test": 400, "": 400, "example.com@evil.test": 400, "evil.test/example.com": 400, "example.com:x": 400,
	} {
		for _, hooked := range []bool{false, true} {
			app := quiet()
			app.Config.Set("TRUSTED_HOSTS", trusted)
			app.Get("/")(func() string { return "ok" })
			if hooked {
				app.BeforeRequest(func(*retort.Context) {})
			}
			r := httptest.NewRequest("GET", "/", nil)
			r.Host = host
			w := httptest.NewRecorder()
			app.ServeHTTP(w, r)
			assert.Equal(t, status, w.Code, "%q, hooked %v", host, hooked)
		}
	}
}

func TestAnUntrustedHostIsToldSoEverywhere(t *testing.T) {
	app := quiet()
	app.Config.Set("TRUSTED_HOSTS", []string{"example.com"})
	app.Get("/dir/")(func() string { return "" })
	client := app.TestClient(retort.WithDefaults(retort.WithBaseURL("http://evil.test")))
	for _, path := range []string{"/dir/", "/dir", "/none"} {
		res := client.Get(path)
		assert.Equal(t, 400, res.Status, path)
		assert.Contains(t, res.Text, "The Host field of the request names a host that this site does not answer for.", path)
		assert.Empty(t, res.Header.Get("Location"), path)
	}
}

func TestTrustedHostsThatAreNoHosts(t *testing.T) {
	for _, tt := range []struct{ entry, want string }{
		{"", `retort: config key TRUSTED_HOSTS holds "", which is no host name; an entry is a host ("example.com"), or a domain with all below it (".example.com")`},
		{"http://example.com", `retort: config key TRUSTED_HOSTS holds "http://example.com", which is no host name; an entry is a host ("example.com"), or a domain with all below it (".example.com")`},
		{"*.example.com", `retort: config key TRUSTED_HOSTS holds "*.example.com", which is no host name; an entry is a host ("example.com"), or a domain with all below it (".example.com")`},
	} {
		app := quiet()
		assert.PanicsWithValue(t, tt.want, func() { app.Config.Set("TRUSTED_HOSTS", []string{tt.entry}) })
	}
}
