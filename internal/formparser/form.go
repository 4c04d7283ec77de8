package formparser

import (
	"io"
	"net/textproto"
	"strings"
	"unicode/utf8"

	"github.com/retort-go/retort/datastructures"
	"github.com/retort-go/retort/internal/httpfield"
)

// Form is what a form sent: its text fields and its files, each in the order of
// the body. Close it when the request is over.
type Form struct {
	Values *datastructures.MultiDict // never nil
	Files  []*File
	store  store
}

// File is one uploaded file. All but Size and what Content holds is what the
// client says: none of it may become a path.
type File struct {
	Name        string // of the form's field; "" if it has none
	Filename    string // as sent; "" when no file was chosen
	Header      textproto.MIMEHeader
	ContentType string // as sent; "" if there is none
	Size        int64  // bytes
	Content     *Content
}

// Close removes the temporary file, if there is one; what memory there is goes
// when the last reference to the form goes. Reading a file then gives an error.
// Closing again, or a nil form, does nothing.
func (f *Form) Close() error {
	if f == nil {
		return nil
	}
	return f.store.close()
}

// Parse reads a body in multipart/form-data or in
// application/x-www-form-urlencoded to its end. Any other contentType gives an
// empty form, and the body is left alone.
//
// Files up to [Limits.FileMemorySize] together stay in memory; the others go to
// a temporary file, which has no name any more where the system allows that,
// and is in any case gone after [Form.Close]. After an error, or a panic of
// body, nothing remains and no form is given.
//
// The error is a [*LimitError], a [*SyntaxError] or a [*ReadError]: the
// client's fault; or, wrapped, that of a temporary file: the server's.
//
// Differs from Flask: a malformed body, or one that ends too early, is an error,
// because with an empty form in its place an application takes what the user
// sent for nothing sent.
//
// Source: Werkzeug: formparser.py, FormDataParser.
func Parse(body io.Reader, contentType string, limits Limits) (*Form, error) {
	limits = limits.resolved()
	form := &Form{Values: new(datastructures.MultiDict)}
	form.store.memory = limits.FileMemorySize
	whole := false
	defer func() {
		if !whole {
			form.store.close() // the first error counts
		}
	}()
	mimetype, params := httpfield.ParseOptions(contentType)
	var err error
	switch strings.ToLower(mimetype) {
	case "multipart/form-data":
		err = parseMultipart(form, body, params.Get("boundary"), limits)
	case "application/x-www-form-urlencoded":
		form.Values, err = readURLEncoded(body, limits.FormMemorySize)
	}
	if err != nil {
		return nil, err
	}
	whole = true
	return form, nil
}

// readURLEncoded reads at most one byte more than size.
func readURLEncoded(body io.Reader, size int64) (*datastructures.MultiDict, error) {
	text, err := io.ReadAll(io.LimitReader(body, size+1))
	switch {
	case err != nil:
		return nil, &ReadError{Err: err}
	case int64(len(text)) > size:
		return nil, &LimitError{Limit: FormMemorySize, Max: size}
	case !utf8.Valid(text):
		return nil, &SyntaxError{Reason: "a urlencoded body has bytes that are not UTF-8; other bytes are sent as %XX"}
	}
	return ParseURLEncoded(string(text)), nil
}
