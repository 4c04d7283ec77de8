package retort

import (
	"fmt"
	"io"
	"iter"
)

// cut leaves n bytes of the body, those from start on; both lie within it.
func (b *content) cut(start, n int64) error {
	switch b.kind {
	case textBody:
		b.text = b.text[start : start+n]
	case bytesBody:
		b.data = b.data[start : start+n : start+n]
	case chunksBody:
		b.chunks = cutChunks(b.chunks, start, n)
	case readerBody:
		if err := skip(b.reader, start); err != nil {
			return fmt.Errorf("retort: the body cannot be cut to the range that was asked for: %w", err)
		}
		if s, ok := b.reader.(*sizedReader); ok {
			s.left = n
			return nil
		}
		b.reader = &io.LimitedReader{R: b.reader, N: n} // over a file, sendfile(2) still works
	}
	return nil
}

// skip goes n bytes ahead in r, without reading them where it can.
func skip(r io.Reader, n int64) error {
	if s, ok := r.(io.Seeker); ok {
		_, err := s.Seek(n, io.SeekCurrent)
		return err
	}
	_, err := io.CopyN(io.Discard, r, n)
	return err
}

// cutChunks gives the n bytes from start on of the bytes in chunks. A sequence
// that ends before has the length wrong: its end is an error, so that what is
// missing is noticed.
func cutChunks(chunks iter.Seq2[[]byte, error], start, n int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		ahead, left := start, n
		for p, err := range chunks {
			if err != nil {
				yield(nil, err)
				return
			}
			passed := min(ahead, int64(len(p)))
			ahead -= passed
			p = p[passed:]
			p = p[:min(left, int64(len(p)))]
			left -= int64(len(p))
			if len(p) > 0 && !yield(p, nil) || left == 0 {
				return
			}
		}
		yield(nil, io.ErrUnexpectedEOF)
	}
}
