package retort

import "net/http"

// sendJSON sends an answer that is a value to become JSON without making a
// Response, when nobody would look at one: that saves a third of the time. It
// reports whether it did; else the answer it gives is to be sent.
func (a *App) sendJSON(c *Context, ans answer, w http.ResponseWriter, r *http.Request) (answer, bool) {
	switch ans.value.(type) {
	case nil, *Response, error, marker:
		return ans, false
	}
	if c.looksAtResponse() {
		return ans, false
	}
	_, body, err := valueContent(ans.value)
	if err != nil || body.kind != jsonBody {
		return ans, false
	}
	f := a.frozen.Load()
	data, err := encodeRecovering(ans.value, jsonOptions{provider: a.JSON, indent: f.settings.debug})
	if err != nil {
		return answer{value: &Response{Status: 500, Header: make(http.Header), err: err}}, false
	}
	c.left.Store(true)
	f.writeJSON(w, r, data)
	return ans, true
}

// looksAtResponse reports whether there are functions that see the response
// before it is sent.
func (c *Context) looksAtResponse() bool {
	if c.App.Signals.hearRequests() || c.savesSession() {
		return true
	}
	if x := c.extra.Load(); x != nil && len(x.after) > 0 {
		return true
	}
	for _, s := range c.scopes() {
		if len(s.after) > 0 {
			return true
		}
	}
	return false
}

// encodeRecovering is encodeJSON with a panic of a MarshalJSON as its error.
func encodeRecovering(v any, o jsonOptions) (data []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = thrownError(v)
		}
	}()
	return encodeJSON(v, o)
}

// writeJSON sends a JSON text, with fields as those of writeHTML.
func (f *frozen) writeJSON(w http.ResponseWriter, r *http.Request, data []byte) {
	h := w.Header()
	h["Content-Type"] = f.json
	h["Content-Length"] = f.contentLength(len(data))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(data) // fails when the client is gone: nobody to tell
	}
}
