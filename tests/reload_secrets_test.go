//go:build linux

package tests

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReloadGivesNoNewGuesses: the wrong PINs are counted over builds and crashes.
func TestReloadGivesNoNewGuesses(t *testing.T) {
	a := newReloaded(t)
	a.source("one", "", true)
	a.run([]string{a.build()}, "RETORT_DEBUG_PIN=123-456-789")
	a.answers("/", 200, "one")
	try := func(pin string) (int, string) {
		status, text, err := a.ask(http.MethodPost, "/__retort__/pin", `{"pin":"`+pin+`"}`, "Content-Type", "application/json")
		assert.NoError(t, err)
		return status, text
	}
	guess := func(n int) { // at once: each takes its time
		var all sync.WaitGroup
		for range n {
			all.Go(func() {
				status, _ := try("000-000-000")
				assert.Equal(t, http.StatusForbidden, status)
			})
		}
		all.Wait()
	}
	guess(4)
	a.source("two", "", true)
	a.answers("/", 200, "two")
	guess(3)
	pid, err := strconv.Atoi(a.pid())
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	a.logs("The program crashed (signal: killed); starting it again")
	a.answers("/", 200, "two")
	guess(2)
	_, text := try("000-000-000")
	assert.Contains(t, text, `"exhausted":true`)
	for _, source := range []string{"", "three"} {
		if source != "" {
			a.source(source, "", true)
			a.answers("/", 200, source)
		}
		status, text := try("123-456-789")
		assert.Equal(t, http.StatusForbidden, status)
		assert.Contains(t, text, `"exhausted":true`, "the right one comes too late")
	}
}

// certificate writes a certificate and its key to a file.
func certificate(t *testing.T, path string) (der []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	der, err = x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})...)
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return der
}

// TestReloadTakesAChangedCertificate, on the page of a problem too.
func TestReloadTakesAChangedCertificate(t *testing.T) {
	a := newReloaded(t)
	file := filepath.Join(t.TempDir(), "cert.pem")
	first := certificate(t, file)
	a.run([]string{a.build()}, "RETORT_RUN_CERT="+file)
	presents := func(what string, want []byte) {
		t.Helper()
		a.eventually(what, func() bool {
			conn, err := tls.Dial("tcp", strings.TrimPrefix(a.url, "https://"), &tls.Config{InsecureSkipVerify: true}) // nobody has signed it
			if !assert.NoError(t, err) {
				return true
			}
			defer func() { _ = conn.Close() }()
			return string(conn.ConnectionState().PeerCertificates[0].Raw) == string(want)
		})
	}
	client := &http.Client{Timeout: reloadTime, Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	answers := func(status int, contains string) {
		t.Helper()
		a.eventually(contains, func() bool {
			got, text, err := answered(client.Get(a.url + "/"))
			require.NoError(t, err, a.log.String())
			return got == status && strings.Contains(text, contains)
		})
	}
	answers(200, "one")
	presents("the first certificate", first)
	second := certificate(t, file)
	presents("the second certificate", second)
	a.source("two", "undefined()", false)
	answers(503, "undefined: undefined")
	presents("the second certificate on the page", second)
	third := certificate(t, file)
	presents("the third certificate on the page", third)
	require.NoError(t, os.WriteFile(file, []byte("no certificate"), 0o600))
	a.says("three")
	answers(503, "cannot be used")
	presents("the last certificate that can be used", third)
	fourth := certificate(t, file)
	answers(200, "three")
	presents("the fourth certificate", fourth)
}
