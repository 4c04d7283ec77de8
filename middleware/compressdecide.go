package middleware

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// mustWait reports whether it depends on bytes after p what becomes of the body.
func (w *compressWriter) mustWait(p []byte) bool {
	h := w.Header()
	if w.request.Method == http.MethodHead || !transformable(w.status, h) {
		return false
	}
	size := len(w.held) + len(p)
	small := w.coding != nil && contentLength(h) < 0
	if size == 0 {
		return small || h["Content-Type"] == nil
	}
	return small && int64(size) < w.c.minSize
}

// decide says what becomes of the response, and makes its header so.
func (w *compressWriter) decide(p []byte, streaming bool) phase {
	h := w.Header()
	if w.status == http.StatusNotModified {
		w.weakenNotModified(h)
		return plain
	}
	typ := w.contentType(p)
	if typ == "" || !transformable(w.status, h) || !w.c.compressible(mediaType(typ)) {
		return plain
	}
	w.addVary(h)
	w.declared = contentLength(h)
	if w.coding == nil || !w.largeEnough(len(p), streaming) {
		return plain
	}
	weakened := weaken(h)
	if weakened && w.wasAskedFor(h) {
		dropEntityFields(h)
		return silent
	}
	h.Del("Content-Length")
	h.Del("Accept-Ranges")
	if w.request.Method == http.MethodHead {
		return plain // its header is what GET has, but for the coding of a body that is not there
	}
	if h["Content-Type"] == nil {
		h.Set("Content-Type", typ) // the server would look at compressed bytes
	}
	h["Content-Encoding"] = w.coding.field
	return coded
}

// largeEnough reports whether the body is worth compressing. n more bytes are at
// hand; if the response is not streaming, and has not said its length, they are
// the last ones or enough.
func (w *compressWriter) largeEnough(n int, streaming bool) bool {
	size := w.declared
	if size < 0 {
		if streaming {
			return true
		}
		size = int64(len(w.held) + n)
	}
	return size > 0 && (size >= w.c.minSize || w.identityRefused)
}

// contentType is that of the header, or what the body looks like. A handler that
// has set it to nil wants none: then it is empty.
func (w *compressWriter) contentType(p []byte) string {
	h := w.Header()
	if _, set := h["Content-Type"]; set {
		return h.Get("Content-Type")
	}
	if len(w.held) == 0 && len(p) == 0 {
		return ""
	}
	if len(w.held) == 0 {
		return http.DetectContentType(p)
	}
	return http.DetectContentType(append(slices.Clip(w.held), p[:min(len(p), 512)]...))
}

// mediaType is a Content-Type in lower case, without its parameters.
func mediaType(contentType string) string {
	typ, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.Trim(typ, " \t"))
}

// contentLength is the length that a header announces, below zero if none.
func contentLength(h http.Header) int64 {
	if v := h["Content-Length"]; len(v) > 0 {
		if n, err := strconv.ParseInt(v[0], 10, 64); err == nil {
			return n
		}
	}
	return -1
}

// transformable reports whether a response may be compressed at all.
func transformable(status int, h http.Header) bool {
	switch status {
	case http.StatusNoContent, http.StatusResetContent, http.StatusPartialContent, http.StatusNotModified:
		return false
	}
	return h["Content-Encoding"] == nil && h["Content-Range"] == nil && !hasDigest(h) && !listHas(h["Cache-Control"], "no-transform")
}

// hasDigest reports whether a field speaks of the very bytes of the body.
func hasDigest(h http.Header) bool {
	return h["Content-Digest"] != nil || h["Repr-Digest"] != nil || h["Digest"] != nil || h["Content-Md5"] != nil
}

// listHas reports whether a field that is a list has an element.
func listHas(fields []string, element string) bool {
	for _, field := range fields {
		for e := range strings.SplitSeq(field, ",") {
			if strings.EqualFold(strings.Trim(e, " \t"), element) {
				return true
			}
		}
	}
	return false
}

// addVary says that another Accept-Encoding could have had another answer.
func (w *compressWriter) addVary(h http.Header) {
	switch vary := h["Vary"]; {
	case len(vary) == 0:
		h["Vary"] = w.c.vary
	case !listHas(vary, "*") && !listHas(vary, acceptEncoding):
		h["Vary"] = append(slices.Clip(vary), acceptEncoding)
	}
}

// weaken makes a strong ETag a weak one and reports whether there was one.
func weaken(h http.Header) bool {
	tag := h.Get("ETag")
	if !strings.HasPrefix(tag, `"`) {
		return false
	}
	h.Set("ETag", "W/"+tag)
	return true
}

// wasAskedFor reports whether the client has the response with the tag of h
// already. Only the weak tag that [Compress] made is looked for: what to do with
// its own tags the handler knows.
func (w *compressWriter) wasAskedFor(h http.Header) bool {
	readable := w.request.Method == http.MethodGet || w.request.Method == http.MethodHead
	return readable && w.status == http.StatusOK && w.sentTag(h.Get("ETag"))
}

// sentTag reports whether If-None-Match lists a weak tag. A tag may hold commas
// but no quotes, so its text cannot be a part of another tag.
func (w *compressWriter) sentTag(weak string) bool {
	return slices.ContainsFunc(w.request.Header["If-None-Match"], func(field string) bool { return strings.Contains(field, weak) })
}

// dropEntityFields takes away what a 304 has no use for (RFC 9110 §15.4.5).
func dropEntityFields(h http.Header) {
	for _, name := range []string{"Content-Type", "Content-Length", "Content-Language", "Accept-Ranges", "Last-Modified"} {
		h.Del(name)
	}
}

// weakenNotModified gives a 304 of the handler the tag under which the client
// has the body, and the Vary that its 200 had.
func (w *compressWriter) weakenNotModified(h http.Header) {
	if h["Content-Encoding"] != nil || hasDigest(h) || listHas(h["Cache-Control"], "no-transform") {
		return
	}
	if typ := h.Get("Content-Type"); typ != "" && !w.c.compressible(mediaType(typ)) {
		return
	}
	w.addVary(h)
	if tag := h.Get("ETag"); strings.HasPrefix(tag, `"`) && w.sentTag("W/"+tag) {
		h.Set("ETag", "W/"+tag)
	}
}
