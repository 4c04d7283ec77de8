//go:build !race

// The race detector lets sync.Pool forget at random.

package urlmap

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMatchDoesNotAllocate(t *testing.T) {
	m := mapOfSpecs(t, DefaultOptions(), specs("GET /\nGET /a/b\nGET /<a>/<int:b>/<c>/<d>\nGET /p/<path:p>/\nGET /x-<a>-<b>.y\nGET /<a>/<b>/<c>/<d>/<e>/f/g"))
	for _, tt := range []struct {
		name  string
		query Query
		want  Outcome
	}{
		{"static", Query{Path: "/a/b", Method: "GET"}, Found},
		{"four values", Query{Path: "/u/7/v/w", Method: "GET"}, Found},
		{"path", Query{Path: "/p/a/b/c/", Method: "GET"}, Found},
		{"404", Query{Path: "/1/2/3/4/5/f/h", Method: "GET"}, NotFound},
		{"404 in a part of several variables", Query{Path: "/x-é-b.z", Method: "GET"}, NotFound},
		{"405", Query{Path: "/u/7/v/w", Method: "BREW"}, MethodNotAllowed},
		{"400", Query{Path: "/a/b", Method: "GET", WebSocket: true}, WebSocketMismatch},
		{"slashes in front", Query{Path: "//a/b", Method: "GET"}, Found},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var mt Match
			assert.Zero(t, testing.AllocsPerRun(200, func() { mt = m.Match(tt.query) }))
			assert.Equal(t, tt.want, mt.Outcome)
		})
	}
}
