package fastcgi

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseParams(t *testing.T) {
	long := strings.Repeat("x", 300)
	vars, err := ParseParams("\x01\x02Abc" + "\x01\x80\x00\x01\x2cB" + long)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"A": "bc", "B": long}, vars.ByName())
	for _, block := range []string{"\x01", "\x01\x02Ab", "\x80\x00\x00", "\x01\xff\xff\xff\xffA", "\xff\xff\xff\xff\xff\xff\xff\xffA"} {
		_, err := ParseParams(block)
		assert.EqualError(t, err, "the block of variables ends inside of one", "%q", block)
	}
}

func TestRecordsRoundTrip(t *testing.T) {
	b := AppendRecord(nil, Stdin, 0x102, []byte("body"))
	h, err := ParseHeader((*[HeaderLen]byte)(b))
	require.NoError(t, err)
	assert.Equal(t, Header{Type: Stdin, ID: 0x102, Length: 4}, h)
	assert.Equal(t, "body", string(b[HeaderLen:]))
}

func TestSessionGoesThroughItsPhases(t *testing.T) {
	var s Session
	for _, step := range []struct {
		h       Header
		content string
		want    Kind
		phase   Phase
	}{
		{Header{Type: Stdin, ID: 3}, "of nobody", Nothing, Idle},
		{Header{Type: BeginRequest, ID: 3}, "\x00\x01\x01\x00\x00\x00\x00\x00", Begun, InParams},
		{Header{Type: Params, ID: 3}, "\x01\x01AB", Nothing, InParams},
		{Header{Type: Params, ID: 4}, "\x01\x01CD", Nothing, InParams},
		{Header{Type: Params, ID: 3}, "", Request, InBody},
		{Header{Type: Stdin, ID: 3}, "body", Input, InBody},
		{Header{Type: Data, ID: 3}, "a filter's", Nothing, InBody},
		{Header{Type: Stdin, ID: 3}, "", InputEnd, Answering},
		{Header{Type: Stdin, ID: 3}, "", Nothing, Answering},
		{Header{Type: AbortRequest, ID: 3}, "", Aborted, Answering},
	} {
		event, err := s.Receive(step.h, []byte(step.content))
		require.NoError(t, err)
		assert.Equal(t, step.want, event.Kind)
		assert.Equal(t, step.phase, s.Phase())
		assert.Empty(t, event.Reply)
	}
	assert.True(t, s.Keep())
	assert.Equal(t, AppendEnd(nil, 3, 0, Overloaded), s.End(nil, Overloaded))
	assert.Equal(t, Idle, s.Phase())
}

// FuzzParseParams: nothing panics; what was read and is written again reads the
// same.
func FuzzParseParams(f *testing.F) {
	f.Add("")
	f.Add("\x01\x02Abc")
	f.Add("\x80\x00\x00\x01\x80\x00\x00\x01AB")
	f.Add("\xff\xff\xff\xff\xff\xff\xff\xff")
	f.Fuzz(func(t *testing.T, block string) {
		vars, err := ParseParams(block)
		if err != nil {
			return
		}
		var again []byte
		for name, value := range vars.ByName() {
			again = AppendPair(again, name, value)
		}
		second, err := ParseParams(string(again))
		if err != nil {
			assert.Greater(t, len(again), len(block)) // joined beyond the limit
			return
		}
		assert.Equal(t, vars.ByName(), second.ByName())
	})
}

// FuzzSession: whatever records come, nothing panics, a request is handed out
// once and its body only in between, and every reply is made of whole records.
func FuzzSession(f *testing.F) {
	begin := AppendBegin(nil, 1, Responder, true)
	f.Add(AppendRecord(AppendRecord(begin, Params, 1, nil), Stdin, 1, []byte("x")))
	f.Add(AppendRecord(nil, GetValues, 0, AppendPair(nil, "FCGI_MPXS_CONNS", "")))
	f.Add(AppendRecord(begin, AbortRequest, 1, nil))
	f.Add(AppendBegin(begin, 2, Responder, false))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s Session
		open := false
		for len(b) >= HeaderLen {
			h, err := ParseHeader((*[HeaderLen]byte)(b))
			if err != nil || len(b) < HeaderLen+int(h.Length)+int(h.Padding) {
				return
			}
			event, err := s.Receive(h, b[HeaderLen:HeaderLen+int(h.Length)])
			if err != nil {
				return
			}
			b = b[HeaderLen+int(h.Length)+int(h.Padding):]
			switch event.Kind {
			case Request:
				require.False(t, open)
				require.NotNil(t, event.Vars)
				open = true
			case Input, InputEnd, Aborted:
				require.True(t, open)
			}
			for reply := event.Reply; len(reply) > 0; {
				require.GreaterOrEqual(t, len(reply), HeaderLen)
				h, err := ParseHeader((*[HeaderLen]byte)(reply))
				require.NoError(t, err)
				reply = reply[HeaderLen+int(h.Length):]
			}
			if event.Kind == Aborted {
				s.End(nil, RequestComplete)
				open = false
			}
		}
	})
}
