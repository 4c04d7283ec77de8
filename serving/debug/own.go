//go:build retort_dev

package debug

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
)

// serveFault shows a fault that is kept: as a page, or, with ?part=private, as the
// piece of HTML that the PIN opens.
func (d *debugger) serveFault(w http.ResponseWriter, r *http.Request, id string) {
	if !allow(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	rec := d.faults.find(id)
	switch private := r.URL.Query().Get("part") == "private"; {
	case rec == nil:
		http.Error(w, "This failure is no longer kept: the last 20 are, until the program is started anew.", http.StatusNotFound)
	case !private:
		d.page(w, rec, pageOptions{status: http.StatusOK, opened: d.lock.opened(r)})
	case !d.lock.opened(r):
		d.forgetCookie(w, r)
		http.Error(w, "This needs the debugger PIN.", http.StatusForbidden)
	default:
		d.private(w, rec)
	}
}

// forgetCookie has the browser forget a cookie that opens nothing.
func (d *debugger) forgetCookie(w http.ResponseWriter, r *http.Request) {
	if name := d.lock.cookieName(); len(r.CookiesNamed(name)) > 0 {
		http.SetCookie(w, &http.Cookie{Name: name, Path: ownPath, MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil})
	}
}

// allow answers 405 to other methods.
func allow(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	for _, m := range methods {
		if r.Method == m {
			return true
		}
		w.Header().Add("Allow", m)
	}
	http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	return false
}

// maxPINBody is how long the body with a PIN may be.
const maxPINBody = 1 << 10

// attempt is what comes with a PIN.
type attempt struct {
	PIN   string `json:"pin"`
	Fault string `json:"-"` // of a form: where to go then
	form  bool
}

// errMediaType says that a body is of no kind that is understood.
var errMediaType = errors.New("send the PIN as a form or as JSON: {\"pin\": \"123-456-789\"}")

func readAttempt(w http.ResponseWriter, r *http.Request) (a attempt, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxPINBody)
	mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch mediaType {
	case "application/json":
		return a, json.NewDecoder(r.Body).Decode(&a)
	case "application/x-www-form-urlencoded":
		err = r.ParseForm()
		return attempt{PIN: r.PostForm.Get("pin"), Fault: r.PostForm.Get("fault"), form: true}, err
	}
	return a, errMediaType
}

// servePIN tries a PIN. A form is answered with a page, JSON with JSON.
func (d *debugger) servePIN(w http.ResponseWriter, r *http.Request) {
	if !allow(w, r, http.MethodPost) {
		return
	}
	a, err := readAttempt(w, r)
	if errors.Is(err, errMediaType) {
		http.Error(w, err.Error(), http.StatusUnsupportedMediaType)
		return
	} else if err != nil {
		http.Error(w, "The PIN cannot be read: "+err.Error(), http.StatusBadRequest)
		return
	}
	v := d.lock.try(r.Context(), a.PIN)
	d.logVerdict(v)
	if v.Auth {
		http.SetCookie(w, d.lock.cookie(r))
	}
	w.Header().Set("Cache-Control", "no-store")
	if a.form {
		d.answerForm(w, r, a, v)
		return
	}
	w.Header().Set("Content-Type", typeJSON)
	w.WriteHeader(v.status())
	_ = json.NewEncoder(w).Encode(struct { // fails when the client is gone
		verdict
		Message string `json:"message"`
	}{v, v.message()})
}

func (v verdict) status() int {
	if v.Auth {
		return http.StatusOK
	}
	return http.StatusForbidden
}

// message says what became of the PIN, for people.
func (v verdict) message() string {
	switch {
	case v.Auth:
		return "The PIN is right."
	case v.Exhausted:
		return fmt.Sprintf("There were %d wrong PINs: no more are accepted until you stop the server and start it again.", maxFailures)
	}
	return "This is not the PIN. The program printed it when it started."
}

func (d *debugger) logVerdict(v verdict) {
	switch {
	case v.Exhausted:
		d.options.Log(fmt.Sprintf("debugger: %d wrong PINs; no more are accepted until the server is stopped and started again", maxFailures))
	case !v.Auth:
		d.options.Log("debugger: a wrong PIN was entered")
	}
}

// answerForm shows the failure from whose page the PIN was sent.
func (d *debugger) answerForm(w http.ResponseWriter, r *http.Request, a attempt, v verdict) {
	rec := d.faults.find(a.Fault)
	switch {
	case rec == nil:
		http.Error(w, v.message(), v.status())
	case v.Auth:
		http.Redirect(w, r, faultPath+url.PathEscape(rec.id), http.StatusSeeOther)
	default:
		d.page(w, rec, pageOptions{status: http.StatusForbidden, message: v.message()})
	}
}
