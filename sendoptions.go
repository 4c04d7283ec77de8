package retort

import (
	"fmt"
	"time"
)

// SendFileOption is an option of [Context.SendFile] and its relatives. The set
// is closed.
type SendFileOption interface{ applySendFile(*sendOptions) }

type sendOptions struct {
	mimetype      string
	downloadName  string
	attachment    bool
	unconditional bool
	etag          *string // nil: the file's own; "" is none
	lastModified  time.Time
	maxAge        *time.Duration                  // nil: that of fileAge
	fileAge       func(name string) time.Duration // nil: the app's
	precompressed bool
}

func newSendOptions(opts []SendFileOption) sendOptions {
	var o sendOptions
	for _, opt := range opts {
		opt.applySendFile(&o)
	}
	return o
}

type sendFileOption func(*sendOptions)

func (f sendFileOption) applySendFile(o *sendOptions) { f(o) }

// Mimetype is the media type of the file; text gets "; charset=utf-8". Without
// it the extension of the name decides, by a table that is the same on every
// machine, and application/octet-stream is the type of what is not in it.
func Mimetype(mimetype string) SendFileOption {
	return sendFileOption(func(o *sendOptions) { o.mimetype = mimetype })
}

// AsAttachment has the browser save the file instead of showing it.
func AsAttachment() SendFileOption {
	return sendFileOption(func(o *sendOptions) { o.attachment = true })
}

// DownloadName is the name under which the browser saves the file, in the place
// of its own. Any characters but control characters may be in it.
func DownloadName(name string) SendFileOption {
	return sendFileOption(func(o *sendOptions) { o.downloadName = name })
}

// Conditional says whether the conditions and the range that the request asks
// for are looked at, which is the default.
func Conditional(conditional bool) SendFileOption {
	return sendFileOption(func(o *sendOptions) { o.unconditional = !conditional })
}

// ETag is the entity tag of the file, without its quotation marks; "" sends none.
// Without this option a file that is sent by its name has one of its time, size
// and name.
func ETag(tag string) SendFileOption {
	return sendFileOption(func(o *sendOptions) { o.etag = &tag })
}

// LastModified is when the content last changed, in the place of the file's own
// time.
func LastModified(t time.Time) SendFileOption {
	return sendFileOption(func(o *sendOptions) { o.lastModified = t })
}

// MaxAge is for how long the client may use the file without asking again, in
// whole seconds; 0 says that it must always ask, and so does the default, unless
// SEND_FILE_MAX_AGE_DEFAULT or [App.SendFileMaxAge] says another.
func MaxAge(age time.Duration) SendFileOption {
	if age < 0 {
		panic(fmt.Sprintf("retort: MaxAge(%s): a file cannot be kept for less than no time", age))
	}
	return sendFileOption(func(o *sendOptions) { o.maxAge = &age })
}

// PrecompressedOption is what [Precompressed] gives: an option of New and of
// SendFile.
type PrecompressedOption struct{}

func (PrecompressedOption) applySendFile(o *sendOptions) { o.precompressed = true }
func (p PrecompressedOption) applyApp(o *appOptions)     { o.static.send = append(o.static.send, p) }
func (p PrecompressedOption) applyBlueprint(o *blueprintOptions) {
	o.static.send = append(o.static.send, p)
}

// Precompressed has a file sent in the form that lies beside it, where the client
// accepts that: NAME.br, NAME.zst or NAME.gz, in this order among those it likes
// equally well. One that is older than the file is stale and not sent. As an
// option of [New] and of [NewBlueprint] it is for the static files.
//
//	app := retort.New("site", retort.Precompressed())
//
// It is off by default, because each request then looks for three more files.
// The answers have Vary: Accept-Encoding.
func Precompressed() PrecompressedOption { return PrecompressedOption{} }
