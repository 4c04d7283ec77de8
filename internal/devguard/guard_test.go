package devguard

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

func request(peer, host string, header ...string) *http.Request {
	r := &http.Request{RemoteAddr: peer, Host: host, Header: make(http.Header), ProtoMajor: 1, ProtoMinor: 1}
	for i := 0; i < len(header); i += 2 {
		r.Header[header[i]] = []string{header[i+1]}
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
		{request("127.0.0.1:40000", "localhost", "X_Forwarded_For", "1.2.3.4"), proxy + "X_forwarded_for"},
		{request("127.0.0.1:40000", "localhost", "x-forwarded-for", "1.2.3.4"), proxy + "X-Forwarded-For"},
		{request("127.0.0.1:40000", "localhost", "X-Forwarded", "1"), proxy + "X-Forwarded"},
		{request("127.0.0.1:40000", "localhost", "FORWARDED", "for=_x"), proxy + "Forwarded"},
		{request("127.0.0.1:40000", "localhost", "True-Client-Ip", "1.2.3.4"), proxy + "True-Client-Ip"},
		{request("127.0.0.1:40000", "localhost", "Cf-Connecting-Ip", "1.2.3.4"), proxy + "Cf-Connecting-Ip"},
		{request("127.0.0.1:40000", "localhost", "X-Original-Host", "evil.test"), proxy + "X-Original-Host"},
		{request("127.0.0.1:40000", "localhost", "Cdn-Loop", "x"), proxy + "Cdn-Loop"},
		{request("127.0.0.1:40000", "localhost", "Referer", "http://localhost/", "Origin", "http://localhost"), ""},
		{request("[::1%lo]:40000", "localhost"), ""},
		{request("/run/app.sock", "localhost"), peer},
		{request("127.0.0.1", "localhost"), peer},
		{request("1.2.3.4, 127.0.0.1:1", "localhost"), peer},
		{request("[::ffff:10.0.0.1]:40000", "localhost"), peer},
		{request("[::127.0.0.1]:40000", "localhost"), peer},
		{request("0.0.0.0:40000", "localhost"), peer},
		{request("127.0.0.1:40000", "localhost.."), host},
		{request("127.0.0.1:40000", "127.0.0.1.evil.test"), host},
		{request("127.0.0.1:40000", "127.0.0.1.nip.io"), host},
		{request("127.0.0.1:40000", "[::1%25lo]:5000"), host},
		{request("127.0.0.1:40000", "[::ffff:127.0.0.1]:5000"), ""},
		{request("127.0.0.1:40000", "127.0.0.1."), ""},
		{request("127.0.0.1:40000", "127.1"), host},
		{request("127.0.0.1:40000", "2130706433"), host},
		{request("127.0.0.1:40000", "0x7f.0.0.1"), host},
		{request("127.0.0.1:40000", "dev.test."), ""},
		{request("127.0.0.1:40000", "x.dev.test"), host},
		{request("127.0.0.1:40000", "localhost:5000:evil.test"), host},
		{request("127.0.0.1:40000", "[localhost]:80"), ""},
	} {
		assert.Equal(t, tt.want, g.Refuses(tt.r), "%s %s %v", tt.r.RemoteAddr, tt.r.Host, tt.r.Header)
	}
}

// nginx passes requests on by HTTP/1.0, with the Host of its upstream and without
// a field that tells of it, unless it is told otherwise.
func TestGuardRefusesHTTP10(t *testing.T) {
	r := request("127.0.0.1:40000", "127.0.0.1:5000")
	r.ProtoMinor = 0
	assert.Equal(t, "it came by HTTP/1.0, as from a proxy that adds no field", new(Guard).Refuses(r))
	r.ProtoMajor = 2
	assert.Empty(t, new(Guard).Refuses(r))
}
