package serving

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheParentIsToldWhatToHide(t *testing.T) {
	var parent handover
	tell := func(secrets ...string) {
		o := Options{Secrets: func() []string { return secrets }}
		o.saySecrets(parent.hear)
	}
	tell("one of\nthe first", "\xff", strings.Repeat("x", maxHidden+1))
	tell("one of the second", "\xff")
	assert.Equal(t, []string{"one of\nthe first", "\xff", "one of the second"}, parent.hidden())
	assert.Empty(t, parent.lines(), "no child is told")
	parent.hear("hide xyz")
	assert.Len(t, parent.hidden(), 3)
	for i := range 2 * maxHiddenKept {
		tell("secret " + strconv.Itoa(i))
	}
	kept := parent.hidden()
	assert.Len(t, kept, maxHiddenKept)
	assert.Equal(t, "secret "+strconv.Itoa(2*maxHiddenKept-1), kept[len(kept)-1])
	new(Options).saySecrets(parent.hear)
}
