//go:build !race

package htmltemplate

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestRenderAllocatesNothingOfItsOwn: no more than html/template by itself.
func TestRenderAllocatesNothingOfItsOwn(t *testing.T) {
	e, set := benchEngine(t), bare(t)
	var b bytes.Buffer
	want := testing.AllocsPerRun(100, func() { b.Reset(); _ = set.Execute(&b, benchData) })
	got := testing.AllocsPerRun(100, func() { b.Reset(); _ = e.Render(&b, "p.html", benchData, nil) })
	assert.LessOrEqual(t, got, want)
}
