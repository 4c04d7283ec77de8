package middleware

import (
	"io"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// encoder is what the three libraries have in common.
type encoder interface {
	io.WriteCloser
	Flush() error
	Reset(io.Writer)
}

// coding is a content coding with its spare encoders. An encoder is lent to one
// response, which uses it under its own lock and gives it back when it is over:
// no caller can hold one longer.
type coding struct {
	name  string
	field []string // the Content-Encoding; shared, its capacity is its length
	spare sync.Pool
}

// window is how far back brotli and zstd look, as a power of two. RFC 9659
// allows 8 MiB; more than a page's size costs memory and gains little.
const window = 18

func newCoding(name string) (*coding, bool) {
	c := &coding{name: name, field: []string{name}}
	switch name {
	case "gzip":
		c.spare.New = func() any { return gzip.NewWriter(io.Discard) }
	case "br":
		c.spare.New = func() any {
			return brotli.NewWriterOptions(io.Discard, brotli.WriterOptions{Quality: 4, LGWin: window})
		}
	case "zstd":
		c.spare.New = newZstd
	default:
		return nil, false
	}
	return c, true
}

// newZstd makes an encoder that works in the goroutine of its caller, so that
// what it writes to is never used by another.
func newZstd() any {
	e, err := zstd.NewWriter(io.Discard, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<window), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // the options are constants: not reached
	}
	return e
}

// lend gives an encoder that writes to w.
func (c *coding) lend(w io.Writer) encoder {
	e := c.spare.Get().(encoder)
	e.Reset(w)
	return e
}

// takeBack keeps an encoder for another response.
func (c *coding) takeBack(e encoder) {
	e.Reset(io.Discard) // let go of the response
	c.spare.Put(e)
}
