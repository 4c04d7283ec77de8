package retort

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// maxRedirects is how many redirects the test client follows before it calls
// them a loop; browsers stop at about the same number.
const maxRedirects = 20

// FollowRedirects has the client go where 301, 302, 303, 307 and 308 responses
// send it; the responses on the way are in [TestResponse.History]. A 303 turns
// every method but HEAD into GET, 301 and 302 turn POST into GET, and the body
// and the fields that describe it are then left out; 307 and 308 change nothing.
//
// It panics when the redirects lead to another host, which the app is not, to a
// subdomain without [AllowSubdomainRedirects], or in a circle.
//
// Source: Werkzeug: test.py, Client.resolve_redirect; RFC 9110 §15.4.
func FollowRedirects() TestOption {
	return testOption(func(q *testRequest) { q.follow = true })
}

// followRedirects goes on from res until a response is no redirect.
func (c *TestClient) followRedirects(q *testRequest, res *TestResponse) *TestResponse {
	var history []*TestResponse
	for {
		res.History = history[:len(history):len(history)]
		to := q.redirectTarget(res)
		if to == nil {
			return res
		}
		history = append(history, res)
		if len(history) > maxRedirects {
			panic(loopText(history))
		}
		q.checkTarget(to, c.subdomains)
		q.redirect(to, res.Status)
		res = c.send(q)
	}
}

// redirectTarget is where res sends the client, nil when it does not.
func (q *testRequest) redirectTarget(res *TestResponse) *url.URL {
	switch res.Status {
	case 301, 302, 303, 307, 308:
	default:
		return nil
	}
	to, err := res.location()
	if err != nil {
		panic(fmt.Sprintf("retort: %s is redirected to %q, which is no URL: %v", q.name(), res.Header.Get("Location"), err))
	}
	return to
}

// checkTarget panics when the client cannot go to the URL.
func (q *testRequest) checkTarget(to *url.URL, subdomains bool) {
	here, _ := splitHostPort(q.host)
	there, _ := splitHostPort(to.Host)
	site := here
	if q.serverName != "" {
		site, _ = splitHostPort(q.serverName)
	}
	switch {
	case to.Scheme != "http" && to.Scheme != "https", there != here && !within(there, site):
		panic(fmt.Sprintf(`retort: %s is redirected to %s, which is not this app: the test client calls the app itself and knows no other; leave FollowRedirects out and look at res.Header.Get("Location")`, q.name(), to))
	case there != here && !subdomains:
		panic(fmt.Sprintf("retort: %s is redirected to %s, another host of the site; app.TestClient(retort.AllowSubdomainRedirects()) gives a client that follows it", q.name(), to))
	}
}

// within reports whether host is domain or below it.
func within(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}

// redirect makes q the request that follows a redirect with this status.
func (q *testRequest) redirect(to *url.URL, status int) {
	if q.becomesGet(status) {
		q.method, q.body, q.stream = http.MethodGet, nil, nil
		for name := range q.header {
			if strings.HasPrefix(name, "Content-") || name == "Transfer-Encoding" {
				delete(q.header, name)
			}
		}
	} else if q.stream != nil {
		panic(fmt.Sprintf("retort: %s is redirected with its body (%d), but that came from a reader and has been read; give WithBody a string or []byte", q.name(), status))
	}
	q.scheme, q.host = to.Scheme, to.Host
	q.url = url.URL{Path: to.Path, RawPath: to.RawPath, RawQuery: to.RawQuery}
	if q.url.Path == "" {
		q.url.Path = "/"
	}
	q.enterRoot()
}

// becomesGet reports whether a redirect with this status drops the method.
func (q *testRequest) becomesGet(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound:
		return q.method == http.MethodPost
	case http.StatusSeeOther:
		return q.method != http.MethodHead
	}
	return false
}

// enterRoot takes the script root off the path; a path that is not below it is
// one at the root of the host.
func (q *testRequest) enterRoot() {
	if q.root == "" {
		return
	}
	path, below := strings.CutPrefix(q.url.Path, q.root)
	if !below || path != "" && path[0] != '/' {
		q.root = ""
		return
	}
	q.url.Path, q.url.RawPath = "/"+strings.TrimPrefix(path, "/"), ""
}

// loopText shows the end of the way.
func loopText(history []*TestResponse) string {
	last := history[len(history)-4:]
	way := make([]string, len(last))
	for i, res := range last {
		way[i] = res.Request.URL.RequestURI()
	}
	return fmt.Sprintf("retort: %s was redirected more than %d times; it ended going %s: do two views send to each other?",
		history[0].name(), maxRedirects, strings.Join(way, " → "))
}
