package gateway_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/gateway"
)

func TestHeadersCompareNamesWithoutCase(t *testing.T) {
	h := gateway.Headers{{"Content-Type", "text/plain"}, {"set-cookie", "a=1"}, {"Set-Cookie", "b=2"}}
	assert.Equal(t, "text/plain", h.Get("content-type"))
	assert.Equal(t, "a=1", h.Get("SET-COOKIE"))
	assert.Equal(t, []string{"a=1", "b=2"}, h.Values("Set-Cookie"))
	assert.True(t, h.Has("CONTENT-TYPE"))
	assert.False(t, h.Has("Vary"))
	assert.Empty(t, h.Get("Vary"))
	assert.Nil(t, h.Values("Vary"))
}

func TestHeadersChange(t *testing.T) {
	start := gateway.Headers{{"A", "1"}, {"B", "2"}, {"a", "3"}, {"C", "4"}}
	for name, tt := range map[string]struct {
		change func(h *gateway.Headers)
		want   gateway.Headers
	}{
		"add appends":                {func(h *gateway.Headers) { h.Add("B", "5") }, gateway.Headers{{"A", "1"}, {"B", "2"}, {"a", "3"}, {"C", "4"}, {"B", "5"}}},
		"set replaces in place":      {func(h *gateway.Headers) { h.Set("a", "5") }, gateway.Headers{{"a", "5"}, {"B", "2"}, {"C", "4"}}},
		"set of the last":            {func(h *gateway.Headers) { h.Set("C", "5") }, gateway.Headers{{"A", "1"}, {"B", "2"}, {"a", "3"}, {"C", "5"}}},
		"set of a new one appends":   {func(h *gateway.Headers) { h.Set("D", "5") }, gateway.Headers{{"A", "1"}, {"B", "2"}, {"a", "3"}, {"C", "4"}, {"D", "5"}}},
		"del removes all":            {func(h *gateway.Headers) { h.Del("a") }, gateway.Headers{{"B", "2"}, {"C", "4"}}},
		"del of an absent one stays": {func(h *gateway.Headers) { h.Del("D") }, start},
	} {
		t.Run(name, func(t *testing.T) {
			h := start.Clone()
			tt.change(&h)
			assert.Equal(t, tt.want, h)
			assert.Equal(t, gateway.Headers{{"A", "1"}, {"B", "2"}, {"a", "3"}, {"C", "4"}}, start, "a clone shares nothing")
		})
	}
}

func TestZeroHeadersAreEmpty(t *testing.T) {
	var h gateway.Headers
	assert.Empty(t, h.Get("A"))
	assert.Nil(t, h.Clone())
	h.Del("A")
	h.Set("A", "1")
	assert.Equal(t, gateway.Headers{{"A", "1"}}, h)
}

func TestHeadersAndHTTPHeader(t *testing.T) {
	m := http.Header{"B": {"1", "2"}, "A": {"3"}, "C": nil}
	h := gateway.HeadersFrom(m)
	assert.Equal(t, gateway.Headers{{"A", "3"}, {"B", "1"}, {"B", "2"}}, h)
	assert.Equal(t, http.Header{"B": {"1", "2"}, "A": {"3"}}, h.HTTP())
	assert.Equal(t, http.Header{"X-A": {"1", "2"}}, gateway.Headers{{"x-a", "1"}, {"X-A", "2"}}.HTTP())
}
