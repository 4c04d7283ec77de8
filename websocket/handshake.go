package websocket

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/retort-go/retort"
)

// check says why a handshake is refused, nil when it is not.
//
// Source: RFC 6455 §4.2.1 and §4.4 (the request), §10.2 (origins).
func (s *settings) check(r *http.Request) error {
	keys := r.Header["Sec-Websocket-Key"]
	switch {
	case r.Method != http.MethodGet:
		return retort.Error(http.StatusBadRequest, "A WebSocket handshake is a GET request.")
	case r.Header.Get("Sec-WebSocket-Version") != "13":
		return &retort.HTTPError{
			Code:        http.StatusUpgradeRequired,
			Description: "The version of the WebSocket protocol that is spoken here is 13.",
			Header:      http.Header{"Sec-WebSocket-Version": {"13"}},
		}
	case len(keys) != 1 || !validKey(keys[0]):
		return retort.Error(http.StatusBadRequest, "The Sec-WebSocket-Key of the handshake is not 16 bytes in base64.")
	case !s.allowsOrigin(r):
		return retort.Error(http.StatusForbidden, "Pages of that origin may not connect here. The option websocket.Origins lets them.")
	}
	return nil
}

func validKey(key string) bool {
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(key))
	return err == nil && len(b) == 16
}

// allowsOrigin reports whether the page that connects may. Browsers send the
// user's cookies with every handshake and let any page make one: without this
// check a foreign page acts as the user. A client that is no browser sends no
// Origin.
func (s *settings) allowsOrigin(r *http.Request) bool {
	origins := r.Header["Origin"]
	if len(origins) == 0 {
		return true
	}
	u, err := url.Parse(origins[0])
	if err != nil || len(origins) > 1 || u.Host == "" {
		return slices.Contains(s.origins, "*") && len(origins) == 1
	}
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if withoutPort(host, scheme) == withoutPort(strings.ToLower(r.Host), scheme) {
		return true
	}
	return slices.ContainsFunc(s.origins, func(pattern string) bool {
		text := host
		if strings.Contains(pattern, "://") {
			text = scheme + "://" + host
		}
		matched, _ := path.Match(pattern, text) // Origins has checked the pattern
		return matched
	})
}

// withoutPort takes the default port of a scheme off a host.
func withoutPort(host, scheme string) string {
	switch scheme {
	case "http":
		return strings.TrimSuffix(host, ":80")
	case "https":
		return strings.TrimSuffix(host, ":443")
	}
	return host
}
