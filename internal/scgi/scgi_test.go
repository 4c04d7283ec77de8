package scgi

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// example is the request of the specification.
const example = "70:CONTENT_LENGTH\x0027\x00SCGI\x001\x00REQUEST_METHOD\x00POST\x00REQUEST_URI\x00/deepthought\x00,What is the answer to life?"

func TestExampleOfTheSpecification(t *testing.T) {
	start, end, err := HeadLen([]byte(example))
	require.NoError(t, err)
	vars, err := ParseVars(example[start:end])
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"CONTENT_LENGTH": "27", "SCGI": "1", "REQUEST_METHOD": "POST", "REQUEST_URI": "/deepthought"}, vars.ByName())
	assert.Equal(t, ",What is the answer to life?", example[end:])
	for n := range 3 { // of the beginning alone nothing can be said
		_, end, err := HeadLen([]byte(example[:n]))
		require.NoError(t, err)
		assert.Zero(t, end)
	}
}

// FuzzParse: nothing panics; a block lies where its length says, and what was
// read and is written again reads the same.
func FuzzParse(f *testing.F) {
	f.Add(example)
	f.Add("0:,")
	f.Add("99999:")
	f.Add("24:CONTENT_LENGTH\x000\x00SCGI\x001\x00,")
	f.Fuzz(func(t *testing.T, request string) {
		start, end, err := HeadLen([]byte(request))
		if err != nil || end == 0 {
			return
		}
		require.True(t, 1 < start && start < end)
		if len(request) <= end {
			return
		}
		vars, err := ParseVars(request[start:end])
		if err != nil {
			return
		}
		again := AppendVar(nil, "CONTENT_LENGTH", vars.ByName()["CONTENT_LENGTH"])
		for name, value := range vars.ByName() {
			if name != "CONTENT_LENGTH" {
				again = AppendVar(again, name, value)
			}
		}
		head := AppendHead(nil, again)
		start, end, err = HeadLen(head)
		if err != nil {
			return // joining made it longer than may be
		}
		second, err := ParseVars(string(head[start:end]))
		require.NoError(t, err)
		assert.Equal(t, vars.ByName(), second.ByName())
	})
}
