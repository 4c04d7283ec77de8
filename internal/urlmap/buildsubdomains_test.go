package urlmap

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSubdomainsThatAreOnlyBuilt(t *testing.T) {
	m := New(Options{BuildSubdomains: true})
	for _, s := range []Spec{
		{Rule: "/a", Endpoint: "bare"},
		{Rule: "/a", Endpoint: "api", Subdomain: "api"},
		{Rule: "/b", Endpoint: "user", Subdomain: "<user>"},
	} {
		_, err := m.Add(s)
		require.NoError(t, err)
	}
	m.Freeze()
	a := Adapter{Map: m, ServerName: "example.org", Scheme: "http", Method: "GET"}
	for _, tt := range []struct {
		endpoint string
		values   []Value
		want     string
	}{
		{"bare", nil, "/a"},
		{"api", nil, "http://api.example.org/a"},
		{"user", []Value{{"user", "joe"}}, "http://joe.example.org/b"},
	} {
		url, err := a.Build(tt.endpoint, tt.values, BuildOptions{})
		require.NoError(t, err)
		assert.Equal(t, tt.want, url)
	}
	mt := m.Match(Query{Path: "/a", Method: "GET"})
	require.Equal(t, Found, mt.Outcome)
	assert.Equal(t, "bare", mt.Rule.Endpoint)
	assert.Equal(t, NotFound, m.Match(Query{Path: "/b", Method: "GET"}).Outcome)
}
