package serving

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
)

// SSLContext says how a server speaks HTTPS. The zero value: it does not.
//
// Differs from Flask: it is HTTP/1.1 under TLS as without, like Flask's, but of
// TLS 1.2 and newer alone.
//
// Werkzeug: serving.py, load_ssl_context, make_ssl_devcert.
type SSLContext struct {
	// Cert and Key are the files, in PEM, of the certificate with those that it
	// was signed by, and of its private key. Without Key that is in Cert too.
	//
	// Cert "adhoc" makes a certificate for localhost, 127.0.0.1, ::1, the name of
	// this machine and the host of RunSimple. Nobody has signed it: browsers warn.
	// It lasts for a year, or until the program ends; across the restarts of the
	// reloader it stays the same.
	Cert, Key string
	// Config, if it is not nil, is used in place of Cert and Key.
	Config *tls.Config
}

// Adhoc is the [SSLContext] whose certificate is made for the occasion.
func Adhoc() SSLContext { return SSLContext{Cert: adhocCert} }

// adhocCert as SSLContext.Cert is no file.
const adhocCert = "adhoc"

func (c *SSLContext) isSet() bool { return c.Cert != "" || c.Key != "" || c.Config != nil }

// scheme is that of the server's URLs.
func (c *SSLContext) scheme() string {
	if c.isSet() {
		return "https"
	}
	return "http"
}

// config gives what package tls needs, nil without TLS. adhoc is called for a
// certificate made for the occasion.
func (c *SSLContext) config(adhoc func() (tls.Certificate, error)) (*tls.Config, error) {
	if !c.isSet() {
		return nil, nil
	}
	if c.Config != nil {
		conf := c.Config.Clone()
		conf.NextProtos = []string{"http/1.1"} // what the server speaks and can drain
		return conf, nil
	}
	cert, err := c.certificate(adhoc)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"http/1.1"}}, nil
}

func (c *SSLContext) certificate(adhoc func() (tls.Certificate, error)) (tls.Certificate, error) {
	switch {
	case c.Cert == "":
		return tls.Certificate{}, fmt.Errorf("serving: there is a private key, %s, but no certificate; name its file in Cert, or set Cert to adhoc", c.Key)
	case c.Cert == adhocCert && c.Key != "":
		return tls.Certificate{}, fmt.Errorf("serving: the certificate is made for the occasion (adhoc) and has its own key; leave out the key %s", c.Key)
	case c.Cert == adhocCert:
		return adhoc()
	}
	cert, err := tls.LoadX509KeyPair(c.Cert, cmp.Or(c.Key, c.Cert))
	if err != nil {
		return cert, fmt.Errorf("serving: the certificate %s with the key %s cannot be used: %w", c.Cert, cmp.Or(c.Key, c.Cert), err)
	}
	return cert, nil
}

// files are the files that the certificate is read from.
func (c *SSLContext) files() []string {
	var all []string
	for _, name := range []string{c.Cert, c.Key} {
		if name != "" && name != adhocCert && c.Config == nil {
			all = append(all, name)
		}
	}
	return all
}

// freshTLS is conf with the certificate of the files as they are at each
// handshake: they may be changed while the parent lives. While they cannot be used,
// as when one of the two is still to be written, it is the last that could.
func freshTLS(c SSLContext, conf *tls.Config) *tls.Config {
	var last atomic.Pointer[tls.Certificate]
	last.Store(&conf.Certificates[0])
	conf = conf.Clone()
	conf.Certificates = nil
	conf.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		if cert, err := tls.LoadX509KeyPair(c.Cert, cmp.Or(c.Key, c.Cert)); err == nil {
			last.Store(&cert)
		}
		return last.Load(), nil
	}
	return conf
}

// secureConn is a connection with TLS. To a client that does not speak it, it
// says so.
type secureConn struct{ *tls.Conn }

func secure(nc net.Conn, conf *tls.Config) net.Conn { return secureConn{tls.Server(nc, conf)} }

// plainAnswer is for clients that speak HTTP where HTTPS is spoken.
const plainAnswer = "HTTP/1.0 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" +
	"This server speaks HTTPS: the URL begins with https://\n"

// Read does the handshake first.
func (c secureConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	var plain tls.RecordHeaderError
	if errors.As(err, &plain) && plain.Conn != nil && isHTTP(plain.RecordHeader) {
		_, _ = io.WriteString(plain.Conn, plainAnswer) // fails when the client is gone
	}
	return n, err
}

// isHTTP reports whether the first bytes of a connection are those of a request.
func isHTTP(first [5]byte) bool {
	for _, method := range []string{"GET /", "HEAD ", "POST ", "PUT /", "OPTIO", "DELET", "PATCH"} {
		if string(first[:]) == method {
			return true
		}
	}
	return false
}

// connectionState is what the handshake of the connection of a request has given.
func connectionState(ctx context.Context) *tls.ConnectionState {
	c, ok := ctx.Value(connKey{}).(*conn)
	if !ok {
		return nil
	}
	s, ok := c.Conn.(secureConn)
	if !ok {
		return nil
	}
	state := s.ConnectionState()
	return &state
}

// isFileHost reports whether a host is the path of a socket.
func isFileHost(host string) bool { return strings.HasPrefix(host, unixScheme) }
