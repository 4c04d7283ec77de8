//go:build !race

package retort_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Under the race detector a sync.Pool drops what it is given now and then.
func TestAllocationsOfJSON(t *testing.T) {
	app := quiet()
	value := any(jsonValue{"a", 1})
	app.Get("/")(func() any { return value })
	assert.LessOrEqual(t, allocations(t, app, "GET", "/", http.StatusOK), 2.0, "the Context and the text")
}
