//go:build retort_dev

package live

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// wanted reports whether the script comes into a response, and with which nonce.
func (w *writer) wanted() (nonce string, ok bool) {
	h := w.Header()
	switch {
	case w.status < 200 || w.status > 299,
		w.status == http.StatusNoContent, w.status == http.StatusResetContent, w.status == http.StatusPartialContent,
		!isHTML(h.Get("Content-Type")),
		!strings.EqualFold(h.Get("Content-Encoding"), "identity") && h.Get("Content-Encoding") != "",
		isAttachment(h.Get("Content-Disposition")),
		isFixed(h):
		return "", false
	}
	return scriptNonce(h, w.request)
}

// isHTML reports whether a type is text/html in a charset that has ASCII in it.
func isHTML(contentType string) bool {
	typ, params, _ := strings.Cut(strings.ToLower(contentType), ";")
	return strings.TrimSpace(typ) == "text/html" && !strings.Contains(params, "utf-16") && !strings.Contains(params, "utf-32")
}

func isAttachment(disposition string) bool {
	kind, _, _ := strings.Cut(disposition, ";")
	return strings.EqualFold(strings.TrimSpace(kind), "attachment")
}

// isFixed reports whether the header says something of the very bytes of the body.
func isFixed(h http.Header) bool {
	for _, name := range []string{"Content-Range", "Content-Digest", "Repr-Digest", "Digest", "Content-Md5"} {
		if h[name] != nil {
			return true
		}
	}
	for _, field := range h["Cache-Control"] {
		for directive := range strings.SplitSeq(field, ",") {
			if strings.EqualFold(strings.TrimSpace(directive), "no-transform") {
				return true
			}
		}
	}
	return false
}

// element is the script element of a page.
func element(url, nonce string) string {
	if nonce != "" {
		nonce = ` nonce="` + nonce + `"`
	}
	return `<script src="` + url + `" defer` + nonce + `></script>`
}

// adapt makes the header that of the page with the script.
func (w *writer) adapt() {
	h := w.Header()
	w.declared = -1
	if n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64); err == nil {
		w.declared = n
		h.Set("Content-Length", strconv.FormatInt(n+int64(len(w.element)), 10))
	}
	h.Del("Accept-Ranges")
	h["Vary"] = append(slices.Clip(h["Vary"]), "Sec-Fetch-Dest") // a script that fetches the page is not to get this one
	w.stamp()
}

// stamp makes the validators those of the page with the script.
func (w *writer) stamp() {
	h := w.Header()
	h.Del("Last-Modified")
	tag := h.Get("ETag")
	if tag == "" {
		return
	}
	if tag = tagWith(tag, w.state); tag == "" {
		h.Del("ETag")
		return
	}
	h.Set("ETag", tag)
}

// notModified gives the answer to a request whose tags were ours a tag of ours.
func (w *writer) notModified() {
	if w.revalidates {
		w.stamp()
	}
}
