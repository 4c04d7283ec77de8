package retort

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"path/filepath"
	"strconv"
	"time"

	"github.com/retort-go/retort/internal/httpfield"
)

// SendFile gives a response with the content of a file. file is
//
//   - a name below [App.RootPath] (or in the tree of [Files]), or an absolute
//     path. A name that is not there, or that leads outside of the root path
//     with .. or through a link, is an error of the application, a 500. Never
//     make it of what a client sent: that is what [Context.SendFromDirectory] is
//     for.
//   - an io.Reader, which is closed afterwards if it can be: an *os.File, a
//     *bytes.Reader. It is read from where it stands. A []byte is taken as well.
//     Neither has a name, so that [DownloadName] or [Mimetype] must be given.
//
// The response has Content-Type, Content-Disposition, Content-Length and
// Cache-Control, for a named file also ETag and Last-Modified. It answers
// conditional requests with 304 or 412, and a single range with 206 or 416. A
// file whose extension stands for a coding, as .gz does, has Content-Encoding,
// unless it is an attachment. On plain HTTP the operating system copies the
// bytes of a file on disk to the connection (sendfile(2)), those of a range too.
//
// With USE_X_SENDFILE a file on disk is left to the server in front: the
// response has its path in X-Sendfile, and no body.
//
// When it cannot be made the Response has the error as its [Response.Err], and
// returning it returns that.
//
// Differs from Flask: with USE_X_SENDFILE Content-Length is 0, because the
// server in front is reached through HTTP, where the length of a body that is
// not there would break the connection.
//
// Source: Flask: helpers.py, send_file; Werkzeug: utils.py, send_file.
func (c *Context) SendFile(file any, opts ...SendFileOption) *Response {
	o := newSendOptions(opts)
	switch file := file.(type) {
	case string:
		f, err := c.App.root.openPath(file)
		if errors.Is(err, fs.ErrNotExist) {
			err = c.App.noSuchFile(file)
		}
		if err != nil {
			return failedResponse(fmt.Errorf("retort: SendFile(%q): %w", file, err))
		}
		return c.sendOpenFile(f, &o)
	case []byte:
		return c.sendBody(&fileBody{content: bytesContent(file), size: int64(len(file))}, &o)
	case io.Reader:
		return c.sendBody(readerFile(file), &o)
	}
	return failedResponse(fmt.Errorf("retort: SendFile takes the name of a file, an io.Reader or a []byte, not a %T", file))
}

// noSuchFile says where a file was looked for. It does not wrap
// fs.ErrNotExist: the application is wrong, not the request.
func (a *App) noSuchFile(name string) error {
	where := a.root.dir
	if a.root.tree != nil {
		where = "the tree of Files"
	}
	if filepath.IsAbs(name) {
		return errors.New("there is no such regular file")
	}
	return fmt.Errorf("there is no such regular file in %s, the root path (from %s), or the name leads outside of it", where, a.root.origin)
}

// SendFromDirectory gives a response with the content of the file called name in
// the directory dir. name may come from a client: whatever it is, nothing
// outside of dir is sent (os.Root). dir is a name below [App.RootPath] (or in
// the tree of [Files]) or an absolute path, and must not come from a client.
//
//	app.Get("/uploads/<path:name>")(func(c *retort.Context, name string) any {
//		return c.SendFromDirectory("uploads", name)
//	})
//
// The response has a 404 as its [Response.Err] when there is no such file, when it
// is a directory or another thing that is no regular file, when name is
// absolute, leads out of dir by .. or through a link, holds a NUL or a
// backslash, or is that of a device on Windows. Otherwise it is as that of
// [Context.SendFile].
//
// Differs from Flask: names with a backslash and of devices are refused on every
// system, because the app may move to one where they are dangerous; links that
// lead out of dir are not followed.
//
// Source: Flask: helpers.py, send_from_directory; Werkzeug: security.py,
// safe_join.
func (c *Context) SendFromDirectory(dir, name string, opts ...SendFileOption) *Response {
	return c.sendFrom(c.App.root.sub(dir), name, opts)
}

// SendFileFS is [Context.SendFromDirectory] for a tree, such as an embed.FS or
// the FS of an *os.Root. It must not lead outside itself as os.DirFS does. The
// entity tag of a file without a modification time is made of its content at
// each request.
func (c *Context) SendFileFS(tree fs.FS, name string, opts ...SendFileOption) *Response {
	return c.sendFrom(folder{tree: tree, dir: "."}, name, opts)
}

// sendFrom sends the file of a folder whose name a client may have chosen.
func (c *Context) sendFrom(d folder, name string, opts []SendFileOption) *Response {
	o := newSendOptions(opts)
	f, err := d.open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return failedResponse(Error(http.StatusNotFound))
	case err != nil:
		return failedResponse(fmt.Errorf("retort: the file %q cannot be sent: %w", name, err))
	}
	return c.sendOpenFile(f, &o)
}

// failedResponse is a response that could not be made.
func failedResponse(err error) *Response {
	return &Response{Status: http.StatusInternalServerError, Header: make(http.Header), err: err}
}

// fileBody is what is sent as a file.
type fileBody struct {
	content content
	name    string // "" for what has none
	path    string // on disk; "" for what is not there
	coding  string // in which it is stored
	size    int64  // -1 when it is not known
	modTime time.Time
	etag    string
}

// sendOpenFile sends a file that was opened by its name, or the form of it that
// lies beside it.
func (c *Context) sendOpenFile(f *openFile, o *sendOptions) *Response {
	body := fileBody{name: path.Base(f.name)}
	if o.precompressed && c.Request != nil {
		f, body.coding = f.precompressed(c.request.http.Header["Accept-Encoding"])
	}
	body.content, body.size = sizedContent(f.File, f.size), f.size
	body.path, body.modTime = f.path(), f.modTime
	if o.etag == nil {
		var err error
		if body.etag, err = f.etag(); err != nil {
			return failedResponse(errors.Join(err, f.Close()))
		}
	}
	return c.sendBody(&body, o)
}

// sendBody gives the response, or closes the body.
func (c *Context) sendBody(body *fileBody, o *sendOptions) *Response {
	res := newResponse(http.StatusOK, "", body.content)
	err := body.describe(res.Header, o)
	if err == nil {
		c.setFileAge(res.Header, body, o)
		err = c.conditionalFile(res, body, o)
	}
	if err != nil {
		return failedResponse(errors.Join(err, res.Close()))
	}
	return res
}

// The errors of content of which nothing but the bytes is known.
var (
	errNoMimetype = errors.New("retort: SendFile: the media type of a file without a name is not known; give DownloadName or Mimetype, or send it by its path")
	errNoName     = errors.New("retort: SendFile: an attachment needs a name to be saved under; give DownloadName, or send it by its path")
)

// describe sets the fields that say what the file is.
func (b *fileBody) describe(h http.Header, o *sendOptions) error {
	name, mimetype, coding := b.name, o.mimetype, b.coding
	if o.downloadName != "" {
		name = o.downloadName
		if err := checkDownloadName(name); err != nil {
			return err
		}
	}
	switch {
	case mimetype == "" && name == "":
		return errNoMimetype
	case o.attachment && name == "":
		return errNoName
	case mimetype == "":
		var guessed string
		if mimetype, guessed = guessType(name); coding == "" && !o.attachment {
			coding = guessed
		}
	}
	h["Content-Type"] = []string{withCharset(mimetype)}
	if coding != "" {
		h["Content-Encoding"] = []string{coding}
	}
	if o.precompressed {
		h["Vary"] = []string{"Accept-Encoding"}
	}
	if name != "" {
		h["Content-Disposition"] = []string{disposition(name, o.attachment)}
	}
	if b.size >= 0 {
		h["Content-Length"] = []string{strconv.FormatInt(b.size, 10)}
	}
	return nil
}

// setFileAge sets the fields that say how long the file may be kept, and what
// tells it from a later one.
func (c *Context) setFileAge(h http.Header, b *fileBody, o *sendOptions) {
	age, limited := c.App.fileAge(b.name, o.fileAge)
	if o.maxAge != nil {
		age, limited = *o.maxAge, true
	}
	seconds := strconv.FormatInt(int64(age/time.Second), 10)
	switch {
	case !limited:
		h["Cache-Control"] = []string{"no-cache"}
	case age < time.Second:
		h["Cache-Control"] = []string{"no-cache, max-age=0"}
	default:
		h["Cache-Control"] = []string{"public, max-age=" + seconds}
	}
	if limited {
		h["Expires"] = []string{httpfield.FormatDate(time.Now().Add(age))}
	}
	modified := b.modTime
	if !o.lastModified.IsZero() {
		modified = o.lastModified
	}
	if !modified.IsZero() {
		h["Last-Modified"] = []string{httpfield.FormatDate(modified)}
	}
}

// SendFileMaxAge has f say for how long clients may use a file of that name
// without asking again, in the place of SEND_FILE_MAX_AGE_DEFAULT; below zero they
// always ask. name is "" for content without a name. That of a blueprint is for
// its static files.
//
// Source: Flask: app.py, get_send_file_max_age.
func (s *scaffold) SendFileMaxAge(f func(name string) time.Duration) {
	s.lock.check("SendFileMaxAge")
	s.sendFileMaxAge = f
}

// fileAge is for how long a file may be kept; limited is false when nothing says
// so.
func (a *App) fileAge(name string, of func(string) time.Duration) (age time.Duration, limited bool) {
	if of == nil {
		of = a.sendFileMaxAge
	}
	if of != nil {
		age = of(name)
		return max(age, 0), age >= 0
	}
	s := a.settings()
	return s.sendFileMaxAge, s.sendFileMaxAge >= 0
}

// conditionalFile sets the entity tag, answers the conditions of the request,
// and leaves the file to the server in front if that is to send it.
func (c *Context) conditionalFile(res *Response, b *fileBody, o *sendOptions) error {
	tag := b.etag
	if o.etag != nil {
		tag = *o.etag
	}
	if tag != "" {
		res.SetETag(tag, false)
	}
	elsewhere := b.path != "" && c.App.settings().useXSendfile
	if c.Request != nil && !o.unconditional {
		options := ConditionalOptions{AcceptRanges: !elsewhere, CompleteLength: max(b.size, 0)}
		if err := res.MakeConditional(c.Request, options); err != nil {
			return err
		}
	}
	if elsewhere && res.Status == http.StatusOK {
		res.SetData(nil)
		res.Header["X-Sendfile"] = []string{b.path}
	}
	return nil
}
