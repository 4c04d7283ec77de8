package datastructures

import (
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"strings"

	"github.com/retort-go/retort/internal/httpfield"
)

// FileContent is what an uploaded file is read from: memory or a temporary file.
type FileContent interface {
	io.Reader
	io.ReaderAt
	io.Seeker
	io.Closer
}

// FileStorage is an uploaded file. It reads like a file; a nil *FileStorage and
// one without content read like an empty one. Its content is gone when the
// request ends.
//
// Source: Werkzeug: datastructures/file_storage.py.
type FileStorage struct {
	Name     string               // of the form field
	Filename string               // as the client sent it: see SecureName
	Header   textproto.MIMEHeader // of the part; may be nil

	content FileContent
	size    int64
}

// NewFileStorage gives a file with a content of that many bytes; a nil content
// is empty.
func NewFileStorage(name, filename string, header textproto.MIMEHeader, content FileContent, size int64) *FileStorage {
	return &FileStorage{Name: name, Filename: filename, Header: header, content: content, size: size}
}

// Chosen reports whether the user chose a file: browsers send an empty part
// without a file name for a file field that was left alone.
func (f *FileStorage) Chosen() bool { return f != nil && f.Filename != "" }

// Size is the number of bytes.
func (f *FileStorage) Size() int64 {
	if f == nil || f.content == nil {
		return 0
	}
	return f.size
}

// ContentType gives the Content-Type that the client sent, "" without one. The
// client may say what it likes.
func (f *FileStorage) ContentType() string {
	if f == nil {
		return ""
	}
	return f.Header.Get("Content-Type")
}

// MIMEType is the content type without its parameters, in lower case.
func (f *FileStorage) MIMEType() string {
	value, _ := httpfield.ParseOptions(f.ContentType())
	return strings.ToLower(value)
}

// MIMETypeParameters are the parameters of the content type, such as charset.
func (f *FileStorage) MIMETypeParameters() map[string]string {
	_, options := httpfield.ParseOptions(f.ContentType())
	m := make(map[string]string, len(options))
	for _, p := range options {
		m[p.Name] = p.Value
	}
	return m
}

// Read reads on from where the file stands.
func (f *FileStorage) Read(p []byte) (int, error) {
	if f == nil || f.content == nil {
		return 0, io.EOF
	}
	return f.content.Read(p)
}

// ReadAt reads from a place, without moving where the file stands.
func (f *FileStorage) ReadAt(p []byte, offset int64) (int, error) {
	switch {
	case offset < 0:
		return 0, errors.New("an offset before the beginning of the file")
	case f == nil || f.content == nil:
		return 0, io.EOF
	}
	return f.content.ReadAt(p, offset)
}

// Seek moves where the file stands.
func (f *FileStorage) Seek(offset int64, whence int) (int64, error) {
	if f == nil || f.content == nil {
		return io.NewSectionReader(f, 0, 0).Seek(offset, whence)
	}
	return f.content.Seek(offset, whence)
}

// Close releases the content; nothing can be read afterwards. The end of the
// request does it, too.
func (f *FileStorage) Close() error {
	if f == nil || f.content == nil {
		return nil
	}
	return f.content.Close()
}

// Open gives a reader of the whole content of its own, which stands at the
// beginning. Several of them may be read at the same time.
func (f *FileStorage) Open() *io.SectionReader { return io.NewSectionReader(f, 0, f.Size()) }

// SecureName gives a name that is safe to save the file under, "" when nothing
// is left of the client's name: see [SecureFilename].
func (f *FileStorage) SecureName() string {
	if f == nil {
		return ""
	}
	return SecureFilename(f.Filename)
}

// SaveTo writes the whole content to a file below root, in the place of one that
// is there already. The name cannot lead out of root, not by "..", not by a
// symbolic link. When it fails half way, nothing is left behind.
//
//	uploads, err := os.OpenRoot("uploads")
//	...
//	err = file.SaveTo(uploads, cmp.Or(file.SecureName(), "unnamed"))
//
// Differs from Flask: save writes from where the file stands, to any path.
func (f *FileStorage) SaveTo(root *os.Root, name string) (err error) {
	if name == "" {
		return fmt.Errorf("saving the uploaded file %q: the name to save it under is empty; "+
			"SecureName gives \"\" when nothing of the client's name is safe, so choose another one then", f.filename())
	}
	out, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return fmt.Errorf("saving the uploaded file %q: %w", f.filename(), err)
	}
	_, err = io.Copy(out, f.Open())
	if err = errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("saving the uploaded file %q: %w", f.filename(), errors.Join(err, root.Remove(name)))
	}
	return nil
}

func (f *FileStorage) filename() string {
	if f == nil {
		return ""
	}
	return f.Filename
}
