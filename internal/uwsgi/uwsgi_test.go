package uwsgi

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseVars(t *testing.T) {
	vars, err := ParseVars("\x01\x00A\x02\x00bc\x06\x00HTTP_X\x00\x00")
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"A": "bc", "HTTP_X": ""}, vars.ByName())
}

func TestHeader(t *testing.T) {
	h, ok := ParseHeader([]byte{1, 2, 3, 4, 5})
	require.True(t, ok)
	assert.Equal(t, Header{1, 0x302, 4}, h)
	assert.Equal(t, []byte{1, 2, 3, 4}, h.Append(nil))
	_, ok = ParseHeader([]byte{1, 2, 3})
	assert.False(t, ok)
}

// FuzzParseVars: nothing panics; what was read and is written again reads the
// same.
func FuzzParseVars(f *testing.F) {
	f.Add("")
	f.Add("\x01\x00A\x02\x00bc")
	f.Add("\x00\x00\x00\x00")
	f.Add("\xff\xffA")
	f.Add("\x06\x00HTTP_X\x01\x00a\x06\x00HTTP_X\x01\x00b")
	f.Fuzz(func(t *testing.T, block string) {
		vars, err := ParseVars(block)
		if err != nil {
			return
		}
		var again []byte
		for name, value := range vars.ByName() {
			if len(value) > 0xffff {
				return // joined beyond what the wire can carry
			}
			again = AppendVar(again, name, value)
		}
		if len(again) > 0xffff {
			return
		}
		second, err := ParseVars(string(again))
		require.NoError(t, err)
		assert.Equal(t, vars.ByName(), second.ByName())
	})
}
