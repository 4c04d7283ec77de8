package gateway

import "net"

// WireProtocol is how a web server speaks to a [WireServer].
type WireProtocol uint8

// The protocols of a [WireServer]. They differ in how they put it; what the app
// sees is the same.
const (
	// UWSGI is the protocol of nginx's uwsgi_pass and Apache's mod_proxy_uwsgi.
	// One request a connection. Modifiers 0 and 30 are requests, 100 is a ping;
	// a connection with any other is closed.
	UWSGI WireProtocol = iota
	// SCGI is the protocol of nginx's scgi_pass and Apache's mod_proxy_scgi. One
	// request a connection.
	SCGI
	// FastCGI is the protocol of nginx's fastcgi_pass, Apache's mod_proxy_fcgi
	// and others, in the role of a responder. A connection is kept if the web
	// server wants it; requests are not multiplexed on it. What the app writes
	// to wsgi.errors goes to the web server's log.
	FastCGI
)

// String gives the protocol's name.
func (p WireProtocol) String() string {
	switch p {
	case UWSGI:
		return "uwsgi"
	case SCGI:
		return "SCGI"
	case FastCGI:
		return "FastCGI"
	}
	return "unknown"
}

// ServeUWSGI serves app to a web server that speaks uwsgi, on the connections of
// l, as [WireServer.Serve] does.
//
// There is no authentication in any of these protocols: who can connect says who
// the client is. Listen on a unix socket, or on an address that only the web
// server reaches.
func ServeUWSGI(l net.Listener, app App, opts ...Option) error {
	return NewWireServer(UWSGI, app, opts...).Serve(l)
}

// ServeSCGI is [ServeUWSGI] for SCGI.
func ServeSCGI(l net.Listener, app App, opts ...Option) error {
	return NewWireServer(SCGI, app, opts...).Serve(l)
}

// ServeFastCGI is [ServeUWSGI] for FastCGI.
//
// Differs from net/http/fcgi: a panic of the app is its own request's 500, the
// request's context ends when the client leaves, sizes and times are bounded,
// and stopping loses no request.
func ServeFastCGI(l net.Listener, app App, opts ...Option) error {
	return NewWireServer(FastCGI, app, opts...).Serve(l)
}
