package retort

import (
	"fmt"
	"io"
	"os"
)

// sizedContent is a body of the first size bytes of r, which is closed
// afterwards if it can be. It sends no more than the file had when it was looked
// at: one that grows would overrun Content-Length.
func sizedContent(r io.Reader, size int64) content {
	b := readerContent(r)
	b.reader = &sizedReader{r, size}
	return b
}

// readerFile is what is sent of a reader that the application gives.
func readerFile(r io.Reader) *fileBody {
	if n, ok := readerLength(r); ok {
		return &fileBody{content: sizedContent(r, n), size: n}
	}
	return &fileBody{content: readerContent(r), size: -1}
}

// sizedReader reads the next bytes of a file. That it knows how many are left
// has them copied at once, by the operating system where it can.
type sizedReader struct {
	file io.Reader
	left int64
}

// Len is the number of bytes that are left.
func (r *sizedReader) Len() int { return int(r.left) }

// Read reads from the file.
func (r *sizedReader) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, io.EOF
	}
	n, err := r.file.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	if err == io.EOF && r.left > 0 {
		err = errShrunk
	}
	return n, err
}

// errShrunk is the error of a file that ended before the length that was
// announced: the client must not take what it got for the whole.
var errShrunk = fmt.Errorf("the file became shorter while it was sent: %w", io.ErrUnexpectedEOF)

// smallFile is the length up to which a file is faster read and written together
// with the header of the response than handed to the operating system.
const smallFile = 4 << 10

// copyTo copies what is left to w, with sendfile(2) where w offers that.
func (r *sizedReader) copyTo(w io.Writer) error {
	if r.left <= smallFile {
		w = struct{ io.Writer }{w}
	}
	rest := io.LimitedReader{R: r.file, N: r.left}
	n, err := io.Copy(w, &rest)
	r.left -= n
	if err == nil && r.left > 0 {
		err = errShrunk
	}
	return err
}

// Seek goes ahead: offset is counted from where the reader stands.
func (r *sizedReader) Seek(offset int64, whence int) (int64, error) {
	if whence != io.SeekCurrent || offset < 0 || offset > r.left {
		return 0, os.ErrInvalid
	}
	var err error
	if s, ok := r.file.(io.Seeker); ok {
		_, err = s.Seek(offset, io.SeekCurrent)
	} else {
		_, err = io.CopyN(io.Discard, r.file, offset)
	}
	r.left -= offset
	return offset, err
}
