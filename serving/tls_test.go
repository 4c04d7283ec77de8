package serving

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// noAdhoc is for contexts that must not make a certificate.
func noAdhoc() (tls.Certificate, error) { return tls.Certificate{}, io.ErrUnexpectedEOF }

func TestSSLContextRefuses(t *testing.T) {
	for _, tt := range []struct {
		name    string
		context SSLContext
		want    string
	}{
		{"a key alone", SSLContext{Key: "k.pem"}, "serving: there is a private key, k.pem, but no certificate; name its file in Cert, or set Cert to adhoc"},
		{"a key for no file", SSLContext{Cert: "adhoc", Key: "k.pem"}, "serving: the certificate is made for the occasion (adhoc) and has its own key; leave out the key k.pem"},
		{"a file that is not there", SSLContext{Cert: "/nowhere/c.pem"}, "serving: the certificate /nowhere/c.pem with the key /nowhere/c.pem cannot be used: open /nowhere/c.pem: no such file or directory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.context.config(noAdhoc)
			assert.EqualError(t, err, tt.want)
		})
	}
}

func TestSSLContextFromFiles(t *testing.T) {
	cert, err := newAdhoc("dev.example")
	require.NoError(t, err)
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	require.NoError(t, err)
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
	write := func(name string, data []byte) string {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, data, 0o600))
		return path
	}
	for name, c := range map[string]SSLContext{
		"two files":      {Cert: write("c.pem", certPEM), Key: write("k.pem", keyPEM)},
		"one file":       {Cert: write("both.pem", append(certPEM, keyPEM...))},
		"a ready Config": {Config: &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"h2"}}},
	} {
		conf, err := c.config(noAdhoc)
		require.NoError(t, err, name)
		assert.Equal(t, cert.Certificate, conf.Certificates[0].Certificate, name)
		assert.Equal(t, []string{"http/1.1"}, conf.NextProtos, name)
		assert.Equal(t, "https", c.scheme(), name)
	}
	conf, err := new(SSLContext).config(noAdhoc)
	assert.NoError(t, err)
	assert.Nil(t, conf)
}

func TestAdhocCertificate(t *testing.T) {
	cert, err := newAdhoc("dev.example")
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(cert.Certificate[0])
	require.NoError(t, err)
	machine, err := os.Hostname()
	require.NoError(t, err)
	for _, name := range []string{"localhost", "127.0.0.1", "::1", "dev.example", machine} {
		assert.NoError(t, parsed.VerifyHostname(name), name)
	}
	assert.Error(t, parsed.VerifyHostname("other.example"))
	assert.Less(t, parsed.NotAfter.Sub(parsed.NotBefore).Hours(), 398*24.0)

	text, err := encodeAdhoc(cert)
	require.NoError(t, err)
	again, err := decodeAdhoc(text)
	require.NoError(t, err)
	assert.Equal(t, cert.Certificate, again.Certificate)
	assert.True(t, cert.PrivateKey.(*ecdsa.PrivateKey).Equal(again.PrivateKey))
	for _, bad := range []string{"", "x", text[:len(text)/2], "." + text, text + "!"} {
		_, err := decodeAdhoc(bad)
		assert.Error(t, err, "%.20q", bad)
	}
	address, err := newAdhoc("192.0.2.7")
	require.NoError(t, err)
	parsed, err = x509.ParseCertificate(address.Certificate[0])
	require.NoError(t, err)
	assert.NoError(t, parsed.VerifyHostname("192.0.2.7"))
}

// secureServer runs h with a certificate for the occasion and gives its address.
func secureServer(t *testing.T, h http.HandlerFunc) (addr string, log *syncBuffer) {
	t.Helper()
	log = new(syncBuffer)
	ctx, cancel := context.WithCancel(t.Context())
	ready, done := make(chan string, 1), make(chan error, 1)
	go func() {
		done <- RunSimple("127.0.0.1", 0, h, Options{
			Log: log, Context: ctx, NoSignals: true, IdleLinger: -1, SSLContext: Adhoc(),
			OnReady: func(addr net.Addr) { ready <- addr.String() },
		})
	}()
	t.Cleanup(func() { cancel(); assert.NoError(t, <-done) })
	return <-ready, log
}

func TestRunSimpleWithTLS(t *testing.T) {
	addr, log := secureServer(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		assert.NotNil(t, r.TLS)
		assert.True(t, r.TLS != nil && r.TLS.HandshakeComplete)
		_, _ = w.Write(bytes.Repeat(body, 100_000))
	})
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	for range 2 { // on one connection
		res, err := client.Post("https://"+addr, "text/plain", strings.NewReader("tls"))
		require.NoError(t, err)
		data, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		assert.NoError(t, res.Body.Close())
		assert.Equal(t, "HTTP/1.1", res.Proto)
		assert.Len(t, data, 300_000)
	}
	assert.Contains(t, log.String(), " * Running on https://"+addr+"\n")
}

func TestPlainHTTPToATLSPort(t *testing.T) {
	addr, _ := secureServer(t, func(http.ResponseWriter, *http.Request) { assert.Fail(t, "called") })
	res, err := http.Get("http://" + addr)
	require.NoError(t, err)
	data, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	assert.NoError(t, res.Body.Close())
	assert.Equal(t, 400, res.StatusCode)
	assert.Equal(t, "This server speaks HTTPS: the URL begins with https://\n", string(data))
}
