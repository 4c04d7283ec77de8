package retort

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/retort-go/retort/internal/urlmap"
)

// trustedHosts is the list TRUSTED_HOSTS as it is compared: lower case,
// punycode, without ports.
type trustedHosts []string

// newTrustedHosts reads the list. The error, which follows the name of the key,
// is of an entry that is no host.
//
// Source: Werkzeug: sansio/utils.py, host_is_trusted.
func newTrustedHosts(entries []string) (trustedHosts, error) {
	var list trustedHosts
	for _, entry := range entries {
		name := strings.TrimPrefix(entry, ".")
		lower := strings.ToLower(name)
		host, err := hostName(lower), error(nil)
		port := lower[len(host):]
		if !strings.HasPrefix(host, "[") {
			host, err = urlmap.ASCIIHost(host)
		}
		if err != nil || host == "" || !validHost(host) || !validPort(port) {
			return nil, fmt.Errorf("holds %q, which is no host name; an entry is a host (\"example.com\"), or a domain with all below it (\".example.com\")", entry)
		}
		if name != entry {
			host = "." + host
		}
		list = append(list, host)
	}
	return list, nil
}

// trusts reports whether host is in the list, whatever its port is.
func (l trustedHosts) trusts(host string) bool {
	name := hostName(strings.ToLower(host))
	if name == "" {
		return false
	}
	for _, trusted := range l {
		if name == strings.TrimPrefix(trusted, ".") || trusted[0] == '.' && strings.HasSuffix(name, trusted) {
			return true
		}
	}
	return false
}

// hostName is host without its port.
func hostName(host string) string {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		return host[:i]
	}
	return host
}

// distrust is the error of a request for a host that is not in TRUSTED_HOSTS.
func distrust() error {
	return Error(http.StatusBadRequest, "The Host field of the request names a host that this site does not answer for.")
}
