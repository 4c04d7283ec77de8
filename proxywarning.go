package retort

import "github.com/retort-go/retort/internal/proxied"

// warnOfProxied logs once that a proxy, or who says to be one, tells something of a
// request that nobody in front of the app has looked at. It is asked by what would
// have another answer, so that requests that do not matter cost nothing.
func (r *Request) warnOfProxied(field string) {
	if r.c == nil || r.http.Header[field] == nil || proxied.Considered(r.http.Context()) ||
		r.c.App.warnedOfField.Load() || r.c.App.warnedOfField.Swap(true) {
		return
	}
	r.c.App.Logger.WarnContext(r.http.Context(), "a request has the field "+field+", which is not believed, because any client can send it; "+
		"if it comes from a proxy of yours, put middleware.ProxyFix in front of the app: then address, scheme and URLs are those that the client has used",
		"peer", r.http.RemoteAddr)
}
