package gateway_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

func lines(in *gateway.Input) (texts []string, err error) {
	for line, err := range in.Lines() {
		texts = append(texts, string(line))
		if err != nil {
			return texts, err
		}
	}
	return texts, nil
}

func TestInputEndsAtItsLength(t *testing.T) {
	conn := strings.NewReader("one\ntwoGET /next HTTP/1.1\r\n")
	for name, read := range map[string]func(*gateway.Input) string{
		"read":  func(in *gateway.Input) string { all, _ := io.ReadAll(in); return string(all) },
		"lines": func(in *gateway.Input) string { all, _ := lines(in); return strings.Join(all, "") },
		"line+read": func(in *gateway.Input) string {
			a, _ := in.ReadLine(0)
			b, _ := io.ReadAll(in)
			return string(a) + string(b)
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := conn.Seek(0, io.SeekStart)
			require.NoError(t, err)
			in := gateway.NewInput(conn, 7)
			assert.EqualValues(t, 7, in.Remaining())
			assert.Equal(t, "one\ntwo", read(in))
			assert.Zero(t, in.Remaining())
			_, err = in.Read(make([]byte, 1))
			assert.Equal(t, io.EOF, err)
			_, err = in.ReadLine(0)
			assert.Equal(t, io.EOF, err)
			next, err := io.ReadAll(conn)
			require.NoError(t, err)
			assert.Equal(t, "GET /next HTTP/1.1\r\n", string(next), "the next request is not eaten")
		})
	}
}

func TestInputWithoutALengthEndsWithItsData(t *testing.T) {
	in := gateway.NewInput(strings.NewReader("a\nb"), -1)
	assert.EqualValues(t, -1, in.Remaining())
	got, err := lines(in)
	require.NoError(t, err)
	assert.Equal(t, []string{"a\n", "b"}, got)
	assert.Zero(t, in.Remaining())
}

func TestReadLineHasALimit(t *testing.T) {
	in := gateway.NewInput(strings.NewReader("abcde\nf\n"), -1)
	for _, want := range []string{"ab", "cd", "e\n", "f\n"} {
		line, err := in.ReadLine(2)
		require.NoError(t, err)
		assert.Equal(t, want, string(line))
	}
	_, err := in.ReadLine(2)
	assert.Equal(t, io.EOF, err)
}

func TestInputThatEndsEarlyIsAnInputError(t *testing.T) {
	for name, read := range map[string]func(*gateway.Input) error{
		"read":  func(in *gateway.Input) error { _, err := io.ReadAll(in); return err },
		"lines": func(in *gateway.Input) error { _, err := lines(in); return err },
	} {
		t.Run(name, func(t *testing.T) {
			err := read(gateway.NewInput(strings.NewReader("abc"), 4))
			var input *gateway.InputError
			require.ErrorAs(t, err, &input)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			require.EqualError(t, err, "gateway: reading the request body: unexpected EOF")
		})
	}
}

func TestInputErrorIsPassedOn(t *testing.T) {
	broken := errors.New("malformed")
	got, err := lines(gateway.NewInput(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken)), -1))
	require.ErrorIs(t, err, broken)
	assert.Equal(t, []string{"a\n", "b"}, got, "what was read of the line comes with the error")
}

func TestLinesStopWhenNobodyWantsMore(t *testing.T) {
	in := gateway.NewInput(strings.NewReader("a\nb\n"), 4)
	for line, err := range in.Lines() {
		require.NoError(t, err)
		assert.Equal(t, "a\n", string(line))
		break
	}
	assert.EqualValues(t, 2, in.Remaining())
}

// However an input is read, its bytes come out once each and in order, never
// more than its length; a line ends at its newline or its limit.
func FuzzInput(f *testing.F) {
	f.Add([]byte("a\nb\n\nc"), int64(5), 3)
	f.Add([]byte(""), int64(0), 0)
	f.Add([]byte("\n"), int64(-1), 1)
	f.Fuzz(func(t *testing.T, data []byte, length int64, limit int) {
		in := gateway.NewInput(iotest.HalfReader(bytes.NewReader(data)), length)
		want := data
		if length >= 0 && length < int64(len(data)) {
			want = data[:length]
		}
		var got []byte
		for i := 0; ; i++ {
			var p []byte
			var err error
			if i%2 == 0 {
				p, err = in.ReadLine(limit)
				assert.NotContains(t, string(p[:max(0, len(p)-1)]), "\n")
				if limit > 0 {
					assert.LessOrEqual(t, len(p), limit)
				}
			} else {
				buf := make([]byte, 3)
				n := 0
				n, err = in.Read(buf)
				p = buf[:n]
			}
			got = append(got, p...)
			if err != nil {
				assert.Equal(t, length > int64(len(data)), errors.Is(err, io.ErrUnexpectedEOF))
				break
			}
		}
		assert.Equal(t, string(want), string(got))
	})
}
