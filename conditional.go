package retort

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/retort-go/retort/datastructures"
	"github.com/retort-go/retort/internal/httpfield"
)

// ConditionalOptions say what [Response.MakeConditional] may do besides
// comparing validators. The zero value compares only.
type ConditionalOptions struct {
	// AcceptRanges has a Range field answered, and Accept-Ranges: bytes sent.
	AcceptRanges bool
	// CompleteLength is the length of the whole body in bytes, for a body that
	// cannot tell: a sequence, a reader that is neither a file nor over memory.
	// It becomes the Content-Length then, and is not looked at for others.
	// Ranges of a body whose length nobody knows are not served.
	CompleteLength int64
}

// MakeConditional answers the conditions of the request. It compares them with
// the ETag and Last-Modified fields of the response, which are set before; the
// body is not read for it. With a method other than GET and HEAD it does
// nothing. In order:
//
//  1. Date is set if it is missing.
//  2. The preconditions, as [Request.IsResourceModified] has them. When one
//     does not hold the status becomes 304 (the body is dropped when the
//     response is sent), or 412 if the request has an If-Match (the body stays).
//  3. With AcceptRanges, a Range cuts the body of a 200: the status becomes
//     206, Content-Range and Content-Length are set. If-Range must hold, else
//     the whole body is sent: a strong tag that is that of the response, or a
//     date not before Last-Modified. When the range is malformed, lies outside
//     of the body, or there is more than one, the error is an [*HTTPError] 416
//     with a Content-Range field, which the view returns instead of the
//     response; that is closed. An empty body has no ranges and is sent as it is.
//
// A file, a string and bytes know their length and are cut without reading what
// is before; a sequence is read from its start.
//
// Differs from Flask: preconditions come before ranges (RFC 9110 §13.2.2), so
// that a client that has the file already gets a 304 when it asks for a range,
// too; and a weak tag of the response never satisfies If-Range, because parts of
// different versions would be put together.
//
// Source: Werkzeug: wrappers/response.py, make_conditional.
func (res *Response) MakeConditional(r *Request, options ...ConditionalOptions) error {
	if m := r.Method(); m != http.MethodGet && m != http.MethodHead {
		return nil
	}
	if res.Header.Get("Date") == "" {
		res.SetDate(time.Now())
	}
	var o ConditionalOptions
	if len(options) > 0 {
		o = options[0]
	}
	if o.AcceptRanges {
		res.Header.Set("Accept-Ranges", "bytes")
	}
	if !r.IsResourceModified(res.Header.Get("ETag"), res.LastModified()) {
		res.Status, res.Reason = http.StatusNotModified, ""
		if !r.IfMatch().Empty() {
			res.Status = http.StatusPreconditionFailed
		}
		return nil
	}
	if res.Status != 0 && res.Status != http.StatusOK {
		return nil
	}
	return res.makeRange(r, o)
}

// IsResourceModified reports whether a resource with these validators is to be
// sent: false means a 304, or a 412 if the request has an If-Match. etag is the
// entity tag as it stands in its field or without quotation marks, "" when
// there is none; lastModified is compared in whole seconds, and the zero time is
// none. It tells before a body is made whether that is worth it;
// [Response.MakeConditional] does the rest. The method does not matter here.
//
// Without a tag, If-Modified-Since asks for a change after it. With one, an
// If-None-Match comes before that and asks for none of its tags, by weak
// comparison; an If-Match asks for one of its tags, of which weak ones do not
// count, nor does *. If-Unmodified-Since is not looked at. These are Flask's
// rules; RFC 9110 has * hold for every resource there is.
//
// Source: Werkzeug: http.py, is_resource_modified; RFC 9110 §13.
func (r *Request) IsResourceModified(etag string, lastModified time.Time) bool {
	unmodified := false
	if since := r.IfModifiedSince(); !since.IsZero() && !lastModified.IsZero() {
		unmodified = !lastModified.Truncate(time.Second).After(since)
	}
	if etag == "" {
		return !unmodified
	}
	etag, _ = httpfield.UnquoteETag(etag)
	if known := r.IfNoneMatch(); !known.Empty() {
		unmodified = known.ContainsWeak(etag)
	}
	if wanted := r.IfMatch(); !wanted.Empty() {
		unmodified = !wanted.IsStrong(etag)
	}
	return !unmodified
}

// makeRange cuts the body to the range that the request asks for.
func (res *Response) makeRange(r *Request, o ConditionalOptions) error {
	length, known := res.content.length()
	if !known && o.CompleteLength > 0 && res.IsStreamed() {
		length, known = o.CompleteLength, true
		if res.Header.Get("Content-Length") == "" {
			res.setContentLength(length)
		}
	}
	ranges := r.Header()["Range"]
	if !o.AcceptRanges || !known || length == 0 || len(ranges) == 0 || !res.satisfiesIfRange(r) {
		return nil
	}
	asked, _ := datastructures.ParseRange(strings.Join(ranges, ","))
	part, ok := asked.ContentRange(length)
	if !ok {
		_ = res.Close() // what was wrong before is more to the point than how that ends
		return rangeNotSatisfiable(length)
	}
	if err := res.content.cut(part.Start, part.Stop-part.Start); err != nil {
		_ = res.Close()
		return err
	}
	res.Status, res.Reason = http.StatusPartialContent, ""
	res.Header.Set("Content-Range", part.String())
	res.setContentLength(part.Stop - part.Start)
	return nil
}

// satisfiesIfRange reports whether the parts that the client has belong to this
// body.
func (res *Response) satisfiesIfRange(r *Request) bool {
	field, sent := r.Header()["If-Range"]
	if !sent {
		return true
	}
	condition := datastructures.ParseIfRange(strings.Join(field, ", "))
	if date, ok := condition.Date(); ok {
		modified := res.LastModified()
		return !modified.IsZero() && !modified.After(date)
	}
	wanted, ok := condition.ETag()
	etag, weak := res.ETag()
	return ok && !weak && etag != "" && wanted == etag
}

func (res *Response) setContentLength(n int64) {
	res.Header.Set("Content-Length", strconv.FormatInt(n, 10))
}

func rangeNotSatisfiable(length int64) error {
	e := newHTTPError(http.StatusRequestedRangeNotSatisfiable)
	e.Header = http.Header{"Content-Range": {datastructures.UnsatisfiedRange(length).String()}}
	return e
}
