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
//	REMOTE_PORT        the peer's port; absent on a unix socket, or when a proxy does not say it
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
// # On the wire
//
// [ServeUWSGI], [ServeSCGI], [ServeFastCGI] and [ServeCGI] run an app behind a web
// server without HTTP in between. The variables are those that the web server
// sends, so its configuration can add its own; they are the ones above, with
// these rules:
//
//   - REQUEST_METHOD has to be there.
//   - SCRIPT_NAME is what the web server says, or [ScriptName], which counts more.
//   - PATH_INFO is as it came. Without it, and where SCRIPT_NAME holds all of the
//     path, it is what REQUEST_URI has after SCRIPT_NAME.
//   - REQUEST_URI, if it is missing, is made of the others.
//   - CONTENT_LENGTH is absent if empty: there is no body then, except by FastCGI.
//   - HTTPS is "on" if it is that or 1, or if REQUEST_SCHEME is https.
//   - SERVER_NAME and SERVER_PORT are those of Host if empty.
//   - REMOTE_ADDR is absent if it is no address, as for a client on a unix socket.
//
// [Started] finds out whether a web server has started this process. [MaxInFlight]
// and [Timeouts] bound what a web server can ask for at a time, and how slowly.
//
// Dropped are UWSGI_* and wsgi.*, HTTP_PROXY, the fields of the connection, and
// names that are not letters, digits, "_" and ".". A request is refused with 400 if
// CONTENT_LENGTH, CONTENT_TYPE, REQUEST_METHOD, REQUEST_URI, QUERY_STRING,
// SERVER_PROTOCOL, SCRIPT_NAME, PATH_INFO or HTTP_HOST comes with two values; of
// another variable that is no field of the client the last one counts.
//
// # The contract
//
// Package gatewaytest is what PEP 3333 asks of servers, apps and middleware as a
// program: any of them can be held to it.
//
// Source: PEP 3333; Werkzeug: serving.py, wsgi.py, test.py; wsgiref; RFC 3875.
package gateway
