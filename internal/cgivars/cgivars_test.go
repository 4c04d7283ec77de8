package cgivars

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAddCountsWhatItDrops(t *testing.T) {
	var v Vars
	for range MaxCount {
		require.NoError(t, v.Add("UWSGI_FILE", "x"))
	}
	err := v.Add("A", "b")
	assert.EqualError(t, err, "there are more than 1000 variables")
	assert.Equal(t, 431, err.(*Refusal).Status)
	assert.Empty(t, v.ByName())
}

// FuzzAdd: what is kept can be an environ: no name that commands a server, no
// HTTP_ name that no field has, and no line break in a field.
func FuzzAdd(f *testing.F) {
	f.Add("HTTP_X", "a", "HTTP_X", "b")
	f.Add("HTTP_COOKIE", "a", "HTTP_COOKIE", "b")
	f.Add("HTTP_HOST", "a", "HTTP_HOST", "a")
	f.Add("uwsgi_file", "a", "wsgi.input", "b")
	f.Add("HTTP_PROXY", "a", "http_proxy", "b")
	f.Add("A.b_1", "\r\n", "HTTP_A", "\n")
	f.Fuzz(func(t *testing.T, name, value, name2, value2 string) {
		var v Vars
		if v.Add(name, value) != nil || v.Add(name2, value2) != nil {
			return
		}
		for name, value := range v.ByName() {
			upper := strings.ToUpper(name)
			assert.NotEqual(t, "HTTP_PROXY", upper)
			assert.False(t, strings.HasPrefix(upper, "UWSGI_"), name)
			assert.False(t, strings.HasPrefix(upper, "WSGI."), name)
			assert.NotContains(t, name, "\x00")
			assert.NotContains(t, name, "=")
			if strings.HasPrefix(upper, "HTTP_") {
				assert.Equal(t, upper, name)
				assert.False(t, strings.ContainsAny(value, "\r\n\x00"), value)
			}
		}
		if name != name2 && v.ByName()[name] != "" {
			assert.Equal(t, value, v.ByName()[name])
		}
	})
}
