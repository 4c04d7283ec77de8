package retort

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/retort-go/retort/datastructures"
	"github.com/retort-go/retort/internal/formparser"
)

// The content types that a form comes in.
const (
	multipartType  = "multipart/form-data"
	urlencodedType = "application/x-www-form-urlencoded"
)

// form is what came of reading a form: its fields and files, or the error.
type form struct {
	values *datastructures.MultiDict
	files  *datastructures.FileMultiDict
	parsed *formparser.Form
	err    error
}

// Form holds the text fields of the form in the body, in order: that of an
// HTML form in multipart/form-data or application/x-www-form-urlencoded, for
// any method. For any other content type it is empty, and the body stays where
// it is, unless it says that it is larger than MAX_CONTENT_LENGTH.
//
// A body that is no such form ends the view with the page of its error:
//
//   - 413 when it exceeds MAX_CONTENT_LENGTH, MAX_FORM_MEMORY_SIZE or
//     MAX_FORM_PARTS; the page says which of them;
//   - 400 when it is malformed, cut off, or broken off by the client.
//
// [Request.ParseForm] gives the error instead.
//
// Differs from Flask: a form that is malformed or incomplete is a 400, because
// an empty form in its place is taken for nothing sent.
//
// Source: Werkzeug: wrappers/request.py, Request.form.
func (r *Request) Form() *datastructures.MultiDict { return r.mustForm().values }

// Files holds the files of the form in the body, in order; see [Request.Form]
// for the errors. They can be read until the request has ended: then their
// memory and temporary files are given back, whatever became of the request.
//
//	f := c.Request.Files().Get("picture") // nil when none was sent
//
// Source: Werkzeug: wrappers/request.py, Request.files.
func (r *Request) Files() *datastructures.FileMultiDict {
	f := r.mustForm()
	if f.files.Len() == 0 && r.c.App.settings().debug && r.Mimetype() == urlencodedType {
		r.c.App.Logger.WarnContext(r.c.Context(), "Request.Files was asked for, but the form came without files: "+enctypeAdvice, "path", r.http.URL.Path)
	}
	return f.files
}

// Values holds the query and, unless the method is GET, the text fields of the
// form: of two values for one key that of the query comes first. See
// [Request.Form] for the errors.
//
// Source: Werkzeug: wrappers/request.py, Request.values.
func (r *Request) Values() *datastructures.MultiDict {
	if r.Method() == http.MethodGet {
		return r.Args()
	}
	all := new(datastructures.MultiDict)
	for _, d := range []*datastructures.MultiDict{r.Args(), r.Form()} {
		for key, value := range d.All() {
			all.Add(key, value)
		}
	}
	return all
}

// ParseForm reads the form in the body, once, and gives the error with which
// [Request.Form], [Request.Files] and [Request.Values] would end the view: an
// [*HTTPError] unless it is the server's own fault (no temporary file, a full
// disk).
func (r *Request) ParseForm() error {
	_, err := r.readForm()
	return err
}

func (r *Request) mustForm() *form {
	f, err := r.readForm()
	if err != nil {
		panic(err)
	}
	return f
}

// isForm reports whether the content type is one that a form comes in.
func (r *Request) isForm() bool {
	t := r.Mimetype()
	return t == multipartType || t == urlencodedType
}

func (r *Request) readForm() (*form, error) {
	x := r.c.more()
	if f := x.form.Load(); f != nil {
		return f, f.err
	}
	if !r.isForm() {
		return &form{values: new(datastructures.MultiDict), files: new(datastructures.FileMultiDict)}, r.checkLength()
	}
	x.body.mu.Lock()
	defer x.body.mu.Unlock()
	if f := x.form.Load(); f != nil {
		return f, f.err
	}
	r.c.requireLive("Request.Form")
	f := r.parseForm(&x.body)
	x.form.Store(f)
	if r.c.ended.Load() { // while this goroutine was reading
		r.c.closeForm()
	}
	return f, f.err
}

// parseForm reads the form from what [Request.Data] has kept, or else from the
// stream, which it uses up.
func (r *Request) parseForm(b *body) *form {
	if b.read && b.err != nil {
		return &form{err: b.err}
	}
	var source io.Reader = bytes.NewReader(b.data)
	if !b.read {
		b.read = true
		source = r.openStream(b)
	}
	l := r.lockedLimits(b)
	parsed, err := formparser.Parse(source, r.ContentType(), formparser.Limits{
		FormMemorySize: limitOrNone(l.formMemorySize),
		FormParts:      int(limitOrNone(l.formParts)),
	})
	if err != nil {
		return &form{err: r.formError(err, b)}
	}
	return &form{values: parsed.Values, files: uploads(parsed.Files), parsed: parsed}
}

// uploads are the files as views see them.
func uploads(files []*formparser.File) *datastructures.FileMultiDict {
	d := new(datastructures.FileMultiDict)
	for _, f := range files {
		d.Add(datastructures.NewFileStorage(f.Name, f.Filename, f.Header, f.Content, f.Size))
	}
	return d
}

// limitOrNone is limit for formparser, where 0 is the default and less is none.
func limitOrNone(limit int64) int64 {
	if limit <= 0 {
		return -1
	}
	return limit
}

// formError is the error of the view for one of formparser.
func (r *Request) formError(err error, b *body) error {
	var (
		limit  *formparser.LimitError
		syntax *formparser.SyntaxError
		read   *formparser.ReadError
	)
	switch {
	case errors.As(err, &limit):
		return &HTTPError{Code: http.StatusRequestEntityTooLarge, Description: "The form is too large: " + sentence(err), original: err}
	case errors.As(err, &syntax):
		return &HTTPError{Code: http.StatusBadRequest, Description: "The body could not be read: " + sentence(err), original: err}
	case errors.As(err, &read):
		if b.stream != nil && b.stream.broken != nil {
			r.logBrokenUpload(b.stream.broken)
		}
		return read.Err
	}
	return fmt.Errorf("retort: the form could not be kept: %w", err)
}

// sentence ends the text of an error.
func sentence(err error) string {
	text := err.Error()
	if strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}

// logBrokenUpload writes the record of a form that the client did not send to
// its end. That is no fault of the app: a warning.
func (r *Request) logBrokenUpload(err error) {
	r.c.App.Logger.WarnContext(r.c.Context(), "a form broke off while it was being read",
		"method", r.Method(), "path", r.http.URL.Path, "error", err.Error())
}

// closeForm gives back what the form of the request holds.
func (c *Context) closeForm() {
	x := c.extra.Load()
	if x == nil {
		return
	}
	f := x.form.Load()
	if f == nil || f.parsed == nil {
		return
	}
	if err := f.parsed.Close(); err != nil {
		c.App.log(c, "the files of a form could not be removed", err)
	}
}

// enctypeAdvice is for who forgot it.
const enctypeAdvice = `a browser sends the contents of files only with <form method="post" enctype="multipart/form-data">`

// missingFile says why a file is missing when its form was sent without
// contents, else "".
//
// Source: Flask: debughelpers.py, DebugFilesKeyError.
func (r *Request) missingFile(key string) string {
	x := r.c.extra.Load()
	if x == nil || r.Mimetype() != urlencodedType {
		return ""
	}
	f := x.form.Load()
	if f == nil || f.err != nil || !f.values.Has(key) {
		return ""
	}
	return fmt.Sprintf("the form has the name of a file in the text field %q, %q, but no file: %s", key, f.values.Get(key), enctypeAdvice)
}
