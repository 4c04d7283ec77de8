package gateway

import (
	"crypto/tls"
	"encoding/pem"
	"net"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
)

// software is SERVER_SOFTWARE.
const software = "retort"

// variable says how one CGI variable follows from the request. The result
// reports whether the variable exists; most of those that can be empty are
// there all the same.
type variable func(e *Environ) (string, bool)

// variables are all derived variables but the HTTP_* ones. The table in doc.go
// lists the same names.
var variables = map[string]variable{
	"REQUEST_METHOD":  func(e *Environ) (string, bool) { return orGet(e.r.Method), true },
	"SCRIPT_NAME":     func(e *Environ) (string, bool) { return e.root, true },
	"PATH_INFO":       func(e *Environ) (string, bool) { return e.pathInfo(), true },
	"QUERY_STRING":    func(e *Environ) (string, bool) { return e.r.URL.RawQuery, true },
	"REQUEST_URI":     func(e *Environ) (string, bool) { return requestURI(e.r), true },
	"RAW_URI":         func(e *Environ) (string, bool) { return requestURI(e.r), true },
	"CONTENT_TYPE":    func(e *Environ) (string, bool) { return joined(e.r.Header, "Content-Type") },
	"CONTENT_LENGTH":  func(e *Environ) (string, bool) { return contentLength(e.r) },
	"SERVER_NAME":     func(e *Environ) (string, bool) { return serverName(e.r), true },
	"SERVER_PORT":     func(e *Environ) (string, bool) { return serverPort(e.r), true },
	"SERVER_PROTOCOL": func(e *Environ) (string, bool) { return protocol(e.r), true },
	"SERVER_SOFTWARE": func(*Environ) (string, bool) { return software, true },
	"REMOTE_ADDR":     func(e *Environ) (string, bool) { host, _, ok := splitAddr(e.r.RemoteAddr); return host, ok },
	"REMOTE_PORT":     func(e *Environ) (string, bool) { return remotePort(e.r) },
	"HTTP_HOST":       func(e *Environ) (string, bool) { return e.r.Host, e.r.Host != "" },
	"HTTPS":           func(e *Environ) (string, bool) { return present("on", e.r.TLS != nil) },
	"SSL_PROTOCOL":    func(e *Environ) (string, bool) { return sslProtocol(e.r.TLS) },
	"SSL_CIPHER":      func(e *Environ) (string, bool) { return sslCipher(e.r.TLS) },
	"SSL_CLIENT_S_DN": func(e *Environ) (string, bool) { return sslClientDN(e.r.TLS) },
	"SSL_CLIENT_CERT": func(e *Environ) (string, bool) { return sslClientCert(e.r.TLS) },
}

// notExported are fields without an HTTP_ variable: those with a CGI name of
// their own, those of the connection, which the server has dealt with, and
// Proxy, because CGI programs take HTTP_PROXY for their own setting (httpoxy).
var notExported = map[string]bool{
	"Content-Type": true, "Content-Length": true, "Host": true, "Proxy": true,
	"Te": true, "Trailer": true, "Transfer-Encoding": true, "Keep-Alive": true, "Proxy-Connection": true,
}

// derive works out one variable from the request.
func (e *Environ) derive(key string) (string, bool) {
	if f, ok := variables[key]; ok {
		if v, ok := f(e); ok || e.from == nil {
			return v, ok
		}
	} else if name := headerName(key); name != "" {
		return joined(e.r.Header, name)
	}
	if e.from != nil && e.inherits(key) {
		return e.from.Get(key)
	}
	return "", false
}

// deriveAll works out every variable: derive for all keys that it knows.
func (e *Environ) deriveAll() map[string]string {
	vars := make(map[string]string, len(variables)+len(e.r.Header))
	for key, f := range variables {
		if v, ok := f(e); ok {
			vars[key] = v
		}
	}
	for name := range e.r.Header {
		if key := variableName(name); key != "" {
			if v, ok := joined(e.r.Header, name); ok {
				vars[key] = v
			}
		}
	}
	if e.from != nil {
		e.inheritAll(vars)
	}
	return vars
}

// variableName gives the HTTP_ variable of a field, "" for one that has none.
// A name with an underscore has none: it would meet the same name with a hyphen
// in one variable, and a client could so replace what a proxy has set.
func variableName(field string) string {
	if notExported[field] || field == "" || textproto.CanonicalMIMEHeaderKey(field) != field {
		return ""
	}
	key := append(make([]byte, 0, 64), "HTTP_"...) // on the stack, so the name is one allocation
	for i := range len(field) {
		switch c := field[i]; {
		case c == '-':
			key = append(key, '_')
		case 'a' <= c && c <= 'z':
			key = append(key, c-'a'+'A')
		case isAlphanumeric(c):
			key = append(key, c)
		default:
			return ""
		}
	}
	return string(key)
}

// headerName gives the field of an HTTP_ variable in canonical form, "" if the
// variable comes from no field. It is the inverse of variableName.
func headerName(key string) string {
	rest, ok := strings.CutPrefix(key, "HTTP_")
	if !ok || rest == "" {
		return ""
	}
	for i := range len(rest) {
		if c := rest[i]; c != '_' && (!isAlphanumeric(c) || 'a' <= c && c <= 'z') {
			return ""
		}
	}
	if name, ok := commonFields[key]; ok {
		return name
	}
	name := textproto.CanonicalMIMEHeaderKey(strings.ReplaceAll(rest, "_", "-"))
	if notExported[name] {
		return ""
	}
	return name
}

// commonFields are the fields of most requests by their variables: making a name
// costs two allocations.
var commonFields = func() map[string]string {
	all := make(map[string]string)
	for _, name := range [...]string{
		"Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Connection", "Cookie", "Dnt",
		"If-Modified-Since", "If-None-Match", "Origin", "Pragma", "Priority", "Referer", "Sec-Ch-Ua", "Sec-Ch-Ua-Mobile", "Sec-Ch-Ua-Platform",
		"Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-User", "Upgrade-Insecure-Requests", "User-Agent",
		"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "X-Request-Id", "X-Requested-With",
	} {
		all[variableName(name)] = name
	}
	return all
}()

// joined gives the values of a field as one, and whether it is there at all.
// Cookies join with "; ", as RFC 6265 §4.2.1 has it; everything else with ",".
//
// Differs from Werkzeug: it joins cookies with "," as well, which makes one
// broken cookie of two.
func joined(h http.Header, name string) (string, bool) {
	values := h[name]
	switch len(values) {
	case 0:
		return "", false
	case 1:
		return values[0], true
	}
	if name == "Cookie" {
		return strings.Join(values, "; "), true
	}
	return strings.Join(values, ","), true
}

// orGet spells out net/http's empty method.
func orGet(method string) string {
	if method == "" {
		return http.MethodGet
	}
	return method
}

// pathInfo gives the decoded bytes of the path after SCRIPT_NAME.
func (e *Environ) pathInfo() string {
	path := e.r.URL.Path[len(e.base.scriptName):]
	switch {
	case path == "*" && e.r.RequestURI == "*":
		return ""
	case path == "" && e.root == "":
		return "/" // an absolute target without a path: RFC 9110 §4.2.3
	}
	return path
}

func requestURI(r *http.Request) string {
	if r.RequestURI != "" {
		return r.RequestURI
	}
	return r.URL.RequestURI()
}

// contentLength is absent for a chunked body, whose length nobody knows yet.
func contentLength(r *http.Request) (string, bool) {
	switch {
	case r.ContentLength > 0:
		return strconv.FormatInt(r.ContentLength, 10), true
	case r.ContentLength == 0 && len(r.Header["Content-Length"]) > 0:
		return "0", true
	}
	return "", false
}

// protocol spells HTTP/2 and HTTP/3 as their RFCs do.
func protocol(r *http.Request) string {
	switch r.Proto {
	case "":
		return "HTTP/1.1"
	case "HTTP/2.0":
		return "HTTP/2"
	case "HTTP/3.0":
		return "HTTP/3"
	}
	return r.Proto
}

// serverName is the address that the connection came in at, so that no client
// can choose it; only where there is none (a unix socket) the Host field.
func serverName(r *http.Request) string {
	var host string
	var ok bool
	switch addr := localAddr(r).(type) {
	case nil, *net.UnixAddr:
	case *net.TCPAddr:
		host, ok = addr.IP.String(), true // the zone is this machine's affair
	default:
		host, _, ok = splitAddr(addr.String())
	}
	if !ok {
		host, _, ok = splitAddr(r.Host)
	}
	switch {
	case !ok && r.Host != "":
		return r.Host
	case !ok || host == "":
		return "localhost"
	case strings.IndexByte(host, ':') >= 0:
		return "[" + host + "]" // RFC 3875 §4.1.14
	}
	return host
}

func serverPort(r *http.Request) string {
	var port string
	switch addr := localAddr(r).(type) {
	case nil, *net.UnixAddr:
	case *net.TCPAddr:
		return strconv.Itoa(addr.Port)
	default:
		_, port, _ = splitAddr(addr.String())
	}
	if port == "" {
		_, port, _ = splitAddr(r.Host)
	}
	switch {
	case port != "":
		return port
	case r.TLS != nil:
		return "443"
	}
	return "80"
}

func localAddr(r *http.Request) net.Addr {
	addr, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return addr
}

// splitAddr is net.SplitHostPort that says no to a unix socket's name.
func splitAddr(addr string) (host, port string, ok bool) {
	host, port, err := net.SplitHostPort(addr)
	return host, port, err == nil
}

// remotePort is absent if it is 0: then only the address is known.
func remotePort(r *http.Request) (string, bool) {
	_, port, ok := splitAddr(r.RemoteAddr)
	return present(port, ok && port != "0")
}

func present(value string, ok bool) (string, bool) {
	if !ok {
		return "", false
	}
	return value, true
}

// sslProtocol spells the version as Apache's mod_ssl does: TLSv1.3.
func sslProtocol(s *tls.ConnectionState) (string, bool) {
	if s == nil || s.Version == 0 {
		return "", false
	}
	return strings.Replace(tls.VersionName(s.Version), "TLS ", "TLSv", 1), true
}

func sslCipher(s *tls.ConnectionState) (string, bool) {
	if s == nil || s.CipherSuite == 0 {
		return "", false
	}
	return tls.CipherSuiteName(s.CipherSuite), true
}

func sslClientDN(s *tls.ConnectionState) (string, bool) {
	if s == nil || len(s.PeerCertificates) == 0 {
		return "", false
	}
	return s.PeerCertificates[0].Subject.String(), true
}

func sslClientCert(s *tls.ConnectionState) (string, bool) {
	if s == nil || len(s.PeerCertificates) == 0 {
		return "", false
	}
	block := &pem.Block{Type: "CERTIFICATE", Bytes: s.PeerCertificates[0].Raw}
	return string(pem.EncodeToMemory(block)), true
}
