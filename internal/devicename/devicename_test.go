package devicename

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestIs(t *testing.T) {
	for _, name := range []string{"CON", "con", "Nul.txt", "nul.tar.gz", "AUX ", " prn", "prn .x", "COM1", "com9.a", "lpt³", "COM¹.txt", "conin$", "CONOUT$"} {
		assert.True(t, Is(name), "%q", name)
	}
	for _, name := range []string{"", ".", ".con", "cone", "com", "com0", "com10", "lpt", "lpt1x", "c.con", "CON$", "xcon"} {
		assert.False(t, Is(name), "%q", name)
	}
}
