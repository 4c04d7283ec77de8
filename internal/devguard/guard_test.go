package devguard

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

func request(peer, host string, header ...string) *http.Request {
	r := &http.Request{RemoteAddr: peer, Host: host, Header: make(http.Header)}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func TestGuard(t *testing.T) {
	g := &Guard{Hosts: []string{"dev.test"}}
	const peer, host, proxy = "it does not come from this machine", "its Host is not one of this machine", "it came through a proxy: it has the field "
	for _, tt := range []struct {
		r    *http.Request
		want string
	}{
		{request("127.0.0.1:40000", "localhost:5000"), ""},
		{request("127.0.0.1:40000", "127.0.0.1"), ""},
		{request("127.8.8.8:40000", "LOCALHOST."), ""},
		{request("[::1]:40000", "[::1]:5000"), ""},
		{request("[::ffff:127.0.0.1]:40000", "app.localhost:5000"), ""},
		{request("127.0.0.1:40000", "dev.test:5000"), ""},
		{request("10.0.0.2:40000", "localhost"), peer},
		{request("[fe80::1%eth0]:40000", "localhost"), peer},
		{request("@", "localhost"), peer},
		{request("", "localhost"), peer},
		{request("127.0.0.1:40000", "evil.test"), host},
		{request("127.0.0.1:40000", "localhost.evil.test"), host},
		{request("127.0.0.1:40000", "evillocalhost"), host},
		{request("127.0.0.1:40000", "10.0.0.1:5000"), host},
		{request("127.0.0.1:40000", "0.0.0.0:5000"), host},
		{request("127.0.0.1:40000", ""), host},
		{request("127.0.0.1:40000", ":5000"), host},
		{request("127.0.0.1:40000", "localhost", "Forwarded", "for=1.2.3.4"), proxy + "Forwarded"},
		{request("127.0.0.1:40000", "localhost", "X-Forwarded-For", ""), proxy + "X-Forwarded-For"},
		{request("127.0.0.1:40000", "localhost", "X-Forwarded-Whatever", "1"), proxy + "X-Forwarded-Whatever"},
		{request("127.0.0.1:40000", "localhost", "Via", "1.1 x"), proxy + "Via"},
		{request("127.0.0.1:40000", "localhost", "X-Real-Ip", "1.2.3.4"), proxy + "X-Real-Ip"},
	} {
		assert.Equal(t, tt.want, g.Refuses(tt.r), "%s %s %v", tt.r.RemoteAddr, tt.r.Host, tt.r.Header)
	}
}
