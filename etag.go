package retort

import (
	"fmt"
	"strconv"

	"github.com/retort-go/retort/internal/httpfield"
)

// ETag gives the entity tag without its quotation marks, and whether it is
// weak. It is "" when there is none.
//
// Source: Werkzeug: wrappers/response.py, get_etag.
func (res *Response) ETag() (tag string, weak bool) {
	return httpfield.UnquoteETag(res.Header.Get("ETag"))
}

// SetETag sets the entity tag; weak puts W/ before it. It panics when tag holds
// a quotation mark or a control character (RFC 9110 §8.8.3).
func (res *Response) SetETag(tag string, weak bool) {
	quoted, err := httpfield.QuoteETag(tag, weak)
	if err != nil {
		panic(fmt.Sprintf("retort: the entity tag %q may not hold quotation marks or control characters", tag))
	}
	res.Header.Set("ETag", quoted)
}

// AddETag sets an entity tag computed from the body (SHA3-256), unless there is
// one already. A streamed body is read and kept.
//
// Source: Werkzeug: http.py, generate_etag.
func (res *Response) AddETag() error {
	if res.Header.Get("ETag") != "" {
		return nil
	}
	data, err := res.Data()
	if err != nil {
		return err
	}
	res.SetETag(httpfield.GenerateETag(data), false)
	return nil
}

// Freeze makes the response one that can be kept and sent again: the body is
// read into memory, Content-Length is set, and an entity tag if there is none.
//
// Source: Werkzeug: wrappers/response.py, freeze.
func (res *Response) Freeze() error {
	data, err := res.Data()
	if err != nil {
		return err
	}
	res.Header.Set("Content-Length", strconv.Itoa(len(data)))
	return res.AddETag()
}
