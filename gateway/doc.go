// Package gateway is the WSGI interface as Go types: the app that is called once
// a request, the environ it reads, the start_response it calls and the body it
// returns, with adapters from and to net/http.
//
//	func hello(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
//		if _, err := start("200 OK", gateway.Headers{{"Content-Type", "text/plain"}}, nil); err != nil {
//			return nil, err
//		}
//		return gateway.String("Hello " + env.Value("PATH_INFO")), nil
//	}
//
//	srv, err := gateway.MakeServer("127.0.0.1:8000", gateway.AppFunc(hello))
//
// # Who calls whom
//
// A server ([ToHandler], [MakeServer]) makes an [Environ] of a request and calls
// the [App]. The app calls start_response, which stores status and headers, and
// returns a [Body]. The server ranges over the body's chunks: before the first
// one that is not empty it sends the headers, so that until then the app can
// still begin again, with an error as the reason. In the end, whatever happened,
// it calls the body's Close once. A [Middleware] is a server to the app inside
// and an app to the server outside.
//
// [FromHandler] is the way back: net/http code as an app. [HTTP] puts gateway
// middleware around net/http code. [RunApp] calls an app and gives its response
// as values.
//
// # Differences from PEP 3333
//
// What Go's types rule out needs no check: the callable's arguments, lists of
// tuples, text where bytes belong. Strings are bytes, so nothing is encoded as
// latin-1. exc_info is an error. Every input ends, so reading all of it is safe.
// [Environ.Context] tells that the client has left, which WSGI cannot.
//
// # Variables
//
// Derived from a request of net/http; [Vars] can replace each of them.
//
//	REQUEST_METHOD     as sent
//	SCRIPT_NAME        the path that the app is mounted under, "" for the root
//	PATH_INFO          the rest of the path, percent-decoded to bytes; "" for OPTIONS *
//	QUERY_STRING       undecoded, "" without one
//	REQUEST_URI        the request target as sent
//	RAW_URI            the same
//	CONTENT_TYPE       if sent
//	CONTENT_LENGTH     if sent; absent for a chunked body
//	SERVER_NAME        the address the connection came in at; on a unix socket the host of Host, else "localhost"
//	SERVER_PORT        its port; on a unix socket the port of Host, else 80 or 443
//	SERVER_PROTOCOL    HTTP/1.0, HTTP/1.1, HTTP/2 or HTTP/3
//	SERVER_SOFTWARE    "retort"
//	REMOTE_ADDR        the peer's address; absent on a unix socket
//	REMOTE_PORT        the peer's port; absent on a unix socket
//	HTTP_HOST          Host, or the authority of an absolute target, if not empty
//	HTTP_*             every other field with a name of letters, digits and hyphens
//	HTTPS              "on" under TLS, else absent
//	SSL_PROTOCOL       "TLSv1.3", under TLS
//	SSL_CIPHER         the suite's name, under TLS
//	SSL_CLIENT_S_DN    the subject of the client's certificate, if it sent one
//	SSL_CLIENT_CERT    that certificate as PEM
//
// A field sent several times is joined with "," (Cookie with "; "). Left out are
// names with an underscore, which would meet those with a hyphen; the fields of
// the connection TE, Trailer, Transfer-Encoding, Keep-Alive and
// Proxy-Connection; and Proxy, which CGI programs would take for their setting
// HTTP_PROXY.
//
// Source: PEP 3333; Werkzeug: serving.py, wsgi.py, test.py; wsgiref.
package gateway
