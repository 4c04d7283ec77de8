package gatewaytest

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"strings"

	"github.com/retort-go/retort/gateway"
)

// chunkChecks are about the way of the body: S27 to S29, S31 and S32.
func chunkChecks() []check[*Server] {
	return []check[*Server]{
		serverCheck("S27/chunk", aChunkIsNotDelayed),
		serverCheck("S27/write", aWriteIsNotDelayed),
		serverCheck("S27/sized", aSizedBodyIsNotDelayed),
		serverCheck("S28/chunks", chunksArriveAsTheyAre),
		serverCheck("S28/write", writesArriveAsTheyAre),
		serverCheck("S29", lenCountsChunks),
		serverCheck("S31/chunk", startInTheFirstStep),
		serverCheck("S31/end", startWithoutAChunk),
		serverCheck("S32", otherMethodsAreNotUsed),
	}
}

// gated tries an app that gives "first", waits at the gate, and gives "second".
// The client opens the gate when it has the first.
func (t *trial) gated(app func(gate func() error) call) error {
	open := make(chan struct{})
	gate := func() error { return t.wait(open, "the arrival of the first chunk while the app waits") }
	if err := t.serve(app(gate)); err != nil {
		return err
	}
	res, err := t.door.Send(t.ctx, &Request{})
	if err != nil {
		return fmt.Errorf("while the app waits after its first chunk: %w", err)
	}
	defer res.Body.Close()
	first := make([]byte, len("first"))
	if _, err := io.ReadFull(res.Body, first); err != nil {
		return wrong("before the first chunk has arrived, while the app waits: %v", "the chunk arrives before the app is asked for more", err)
	}
	close(open)
	rest, err := io.ReadAll(res.Body)
	return errors.Join(err, mismatch("the body", string(first)+string(rest), "firstsecond"))
}

func aChunkIsNotDelayed(t *trial) error {
	return t.gated(func(gate func() error) call {
		return giving("200 OK", plain(), func() gateway.Body { return gatedBody(gate) })
	})
}

func gatedBody(gate func() error) gateway.Body {
	return gateway.Seq2(func(yield func([]byte, error) bool) {
		if !yield([]byte("first"), nil) {
			return
		}
		err := gate()
		yield([]byte("second"), err)
	})
}

func aWriteIsNotDelayed(t *trial) error {
	return t.gated(func(gate func() error) call {
		return func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			write, err := start("200 OK", plain(), nil)
			if err == nil {
				err = write([]byte("first"))
			}
			if err == nil {
				err = gate()
			}
			return gateway.String("second"), err
		}
	})
}

// sizedBody says how many chunks it has, without having them.
type sizedBody struct {
	gateway.Body
	n int
}

// Len implements [gateway.Sized].
func (b sizedBody) Len() int { return b.n }

func aSizedBodyIsNotDelayed(t *trial) error {
	return t.gated(func(gate func() error) call {
		return giving("200 OK", plain(), func() gateway.Body { return sizedBody{gatedBody(gate), 2} })
	})
}

// content is what no translation of line ends or codings leaves as it is.
func content() string {
	var b strings.Builder
	for i := range 256 {
		b.WriteByte(byte(i))
	}
	b.WriteString("\r\n\n\r\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
	random := rand.NewChaCha8([32]byte{})
	for range 20_000 {
		b.WriteByte(byte(random.Uint64()))
	}
	return b.String() + strings.Repeat("long ", 40_000)
}

// pieces gives a text in pieces of growing size, all in one buffer: each is gone
// with the next.
func pieces(text string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		buf := make([]byte, len(text))
		for size := 1; text != ""; size *= 2 {
			n := min(size, len(text))
			copy(buf, text[:n])
			if !yield(buf[:n]) {
				return
			}
			clear(buf)
			text = text[n:]
		}
	}
}

// isContent compares a body without printing it.
func (a *answer) isContent() error {
	right := content()
	if a.err == nil && a.body == right {
		return nil
	}
	at := 0
	for at < min(len(a.body), len(right)) && a.body[at] == right[at] {
		at++
	}
	return wrong("%d bytes, with the error %v, other than those of the app from byte %d on", fmt.Sprintf("the %d bytes of the app", len(right)), len(a.body), a.err, at)
}

func chunksArriveAsTheyAre(t *trial) error {
	a, err := t.fetch(giving("200 OK", plain(), func() gateway.Body { return gateway.Seq(pieces(content())) }), &Request{})
	if err != nil {
		return err
	}
	return a.isContent()
}

func writesArriveAsTheyAre(t *trial) error {
	a, err := t.fetch(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		write, err := start("200 OK", plain(), nil)
		if err != nil {
			return nil, err
		}
		for p := range pieces(content()) {
			if err := write(p); err != nil {
				return nil, err
			}
		}
		return gateway.Empty(), nil
	}, &Request{})
	if err != nil {
		return err
	}
	return a.isContent()
}

func lenCountsChunks(t *trial) error {
	a, err := t.fetch(giving("200 OK", plain(), func() gateway.Body { return sizedBody{streamed("three", "sized", "parts"), 3} }), &Request{})
	if err != nil {
		return err
	}
	err = a.is("200", "threesizedparts")
	if length := a.Header.Get("Content-Length"); length != "" {
		err = errors.Join(err, mismatch("Content-Length", length, "15"))
	}
	return err
}

func startInTheFirstStep(t *trial) error {
	a, err := t.fetch(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		return gateway.Seq2(func(yield func([]byte, error) bool) {
			_, err := start("201 Made", plain([2]string{"X-Late", "1"}), nil)
			yield([]byte("late"), err)
		}), nil
	}, &Request{})
	if err != nil {
		return err
	}
	return errors.Join(a.is("201", "late"), mismatch("X-Late", a.Header.Get("X-Late"), "1"))
}

func startWithoutAChunk(t *trial) error {
	return t.expect(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		return gateway.Seq2(func(yield func([]byte, error) bool) {
			if _, err := start("404 Not Found", plain(), nil); err != nil {
				yield(nil, err)
			}
		}), nil
	}, &Request{}, "404", "")
}

// tempting is a body with methods that are none of a server's business.
type tempting struct{ gateway.Body }

// Read and the rest are what io knows of.
func (tempting) Read([]byte) (int, error)          { panic("the server calls Read of a body") }
func (tempting) WriteTo(io.Writer) (int64, error)  { panic("the server calls WriteTo of a body") }
func (tempting) Seek(int64, int) (int64, error)    { panic("the server calls Seek of a body") }
func (tempting) ReadAt([]byte, int64) (int, error) { panic("the server calls ReadAt of a body") }
func (tempting) Bytes() []byte                     { panic("the server calls Bytes of a body") }
func (tempting) String() string                    { panic("the server calls String of a body") }
func (tempting) File() string                      { panic("the server calls a File of a body that is not FileBody's") }
func (tempting) Size() int64                       { panic("the server calls Size of a body") }

func otherMethodsAreNotUsed(t *trial) error {
	return t.expect(giving("200 OK", plain(), func() gateway.Body { return tempting{streamed("as ", "chunks")} }), &Request{}, "200", "as chunks")
}
