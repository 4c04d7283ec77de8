package serving

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"net"
	"os"
	"strings"
	"time"
)

// adhocTime is how long a certificate made for the occasion lasts. Browsers
// refuse those that last much longer.
const adhocTime = 365 * 24 * time.Hour

// newAdhoc makes a certificate for this machine and host.
func newAdhoc(host string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	template := x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "localhost", Organization: []string{"retort development server"}},
		NotBefore:    now.Add(-time.Hour), // clocks differ
		NotAfter:     now.Add(adhocTime),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},

		BasicConstraintsValid: true,
	}
	machine, _ := os.Hostname() // "" has no certificate
	for _, name := range []string{machine, host} {
		addAltName(&template, name)
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// addAltName adds a name or address to those of a certificate.
func addAltName(c *x509.Certificate, name string) {
	switch ip := net.ParseIP(name); {
	case name == "" || name == "localhost" || isFileHost(name):
	case ip == nil:
		c.DNSNames = append(c.DNSNames, name)
	case !ip.IsUnspecified() && !ip.IsLoopback():
		c.IPAddresses = append(c.IPAddresses, ip)
	}
}

// encodeAdhoc gives a certificate of newAdhoc and its key as a text.
func encodeAdhoc(cert tls.Certificate) (string, error) {
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		return "", err
	}
	b := base64.StdEncoding
	return b.EncodeToString(cert.Certificate[0]) + "." + b.EncodeToString(key), nil
}

// decodeAdhoc is the opposite of encodeAdhoc.
func decodeAdhoc(text string) (tls.Certificate, error) {
	first, second, _ := strings.Cut(text, ".")
	der, err := base64.StdEncoding.DecodeString(first)
	if err == nil {
		_, err = x509.ParseCertificate(der)
	}
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("serving: the certificate of the reloader: %w", err)
	}
	pkcs8, err := base64.StdEncoding.DecodeString(second)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("serving: the key of the reloader: %w", err)
	}
	key, err := x509.ParsePKCS8PrivateKey(pkcs8)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("serving: the key of the reloader: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
