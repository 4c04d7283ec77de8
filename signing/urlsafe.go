package signing

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

// URLSafeSerializer is a [Serializer] whose tokens consist of letters, digits,
// "-", "_" and the separator. A value whose text has 200 bytes or more is
// compressed if that makes it shorter; its token begins with ".".
//
// Source: itsdangerous: url_safe.py, URLSafeSerializer.
//
// Differs from itsdangerous: it compresses shorter texts too, which takes longer
// than all the rest and gains little. Each reads what the other writes.
type URLSafeSerializer struct{ Serializer }

// NewURLSafeSerializer makes a serializer; the key and the errors are as for
// [NewSigner].
func NewURLSafeSerializer(secretKey string, opts ...Option) (*URLSafeSerializer, error) {
	s, err := newSerializer(secretKey, true, opts)
	if err != nil {
		return nil, err
	}
	return &URLSafeSerializer{*s}, nil
}

// URLSafeTimedSerializer is a [TimedSerializer] whose tokens are written as those
// of [URLSafeSerializer]. Flask's sessions are such tokens.
//
// Source: itsdangerous: url_safe.py, URLSafeTimedSerializer.
type URLSafeTimedSerializer struct{ TimedSerializer }

// NewURLSafeTimedSerializer makes a serializer; the key and the errors are as for
// [NewSigner].
func NewURLSafeTimedSerializer(secretKey string, opts ...Option) (*URLSafeTimedSerializer, error) {
	s, err := newTimedSerializer(secretKey, true, opts)
	if err != nil {
		return nil, err
	}
	return &URLSafeTimedSerializer{*s}, nil
}

// payload is how a serializer writes values into tokens.
type payload struct {
	codec   Codec
	urlSafe bool // in base64, perhaps compressed
	maxSize int
}

// compressed marks a payload that is compressed.
const compressed = "."

// worthCompressing is the length from which compressing is tried.
const worthCompressing = 200

// append appends the payload of v.
func (p *payload) append(dst []byte, v any) ([]byte, error) {
	data, err := p.codec.Dumps(v)
	if err != nil {
		return dst, err
	}
	if !p.urlSafe {
		return append(dst, data...), nil
	}
	if len(data) < worthCompressing {
		return encoding.AppendEncode(dst, data), nil
	}
	z := compressors.Get().(*compressor)
	defer compressors.Put(z)
	if short := z.compress(data); len(short) < len(data)-1 {
		dst, data = append(dst, compressed...), short
	}
	return encoding.AppendEncode(dst, data), nil
}

// load stores the value of a payload in what v points to.
func (p *payload) load(text string, v any) error {
	data := []byte(text)
	if p.urlSafe {
		var err error
		if data, err = p.decode(text); err != nil {
			return err
		}
	}
	if err := p.codec.Loads(data, v); err != nil {
		return &BadPayload{"decode", err}
	}
	return nil
}

// decode gives the bytes of a URL-safe payload. Who signed it may have padded
// it; nobody else can have.
func (p *payload) decode(text string) ([]byte, error) {
	text, short := strings.CutPrefix(strings.TrimRight(text, "="), compressed)
	data, err := appendDecoded(nil, text)
	if err != nil {
		return nil, &BadPayload{"base64", err}
	}
	if !short {
		return data, nil
	}
	if data, err = inflate(data, p.maxSize); err != nil {
		return nil, &BadPayload{"zlib", err}
	}
	return data, nil
}

// compressor is a zlib writer and the buffer it writes to.
type compressor struct {
	buf bytes.Buffer
	w   *zlib.Writer
}

// compressors are free ones; each needs some hundred kB.
var compressors = sync.Pool{New: func() any {
	z := new(compressor)
	z.w = zlib.NewWriter(&z.buf)
	return z
}}

// compress gives data compressed, until the compressor is used again.
func (z *compressor) compress(data []byte) []byte {
	z.buf.Reset()
	z.w.Reset(&z.buf)
	_, _ = z.w.Write(data) // into memory: neither can fail
	_ = z.w.Close()
	return z.buf.Bytes()
}

// inflaters are free zlib readers.
var inflaters sync.Pool

// newInflater gives a reader of a zlib stream.
func newInflater(data []byte) (io.ReadCloser, error) {
	src := bytes.NewReader(data)
	r, ok := inflaters.Get().(io.ReadCloser)
	if !ok {
		return zlib.NewReader(src)
	}
	if err := r.(zlib.Resetter).Reset(src, nil); err != nil {
		inflaters.Put(r)
		return nil, err
	}
	return r, nil
}

// inflate gives the bytes of a zlib stream, up to a limit.
func inflate(data []byte, limit int) ([]byte, error) {
	r, err := newInflater(data)
	if err != nil {
		return nil, err
	}
	defer inflaters.Put(r)
	out := make([]byte, 0, min(4*len(data), limit)+1)
	for {
		n, err := r.Read(out[len(out):cap(out)])
		out = out[:len(out)+n]
		switch {
		case len(out) > limit:
			return nil, fmt.Errorf("more than %d bytes, the limit that MaxSize sets", limit)
		case err == io.EOF:
			return out, nil
		case err != nil:
			return nil, err
		}
		if len(out) == cap(out) {
			out = slices.Grow(out, min(len(out)+1, limit+1-len(out)))
		}
	}
}
