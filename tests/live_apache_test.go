package tests

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// apacheMain is what of Apache's configuration concerns one machine; the site
// follows. Apache refuses to work as root.
const apacheMain = `ServerRoot DIR
ServerName 127.0.0.1
Listen ADDR
PidFile DIR/pid
ErrorLog DIR/error.log
LogLevel warn
MODULES
ThreadLimit 150
ThreadsPerChild 150
MaxRequestWorkers 150
User www-data
Group www-data
ScriptSock DIR/cgisock
Mutex file:DIR default
Include DIR/site.conf
`

var apacheModules = []string{"mpm_event", "authz_core", "headers", "alias", "env", "setenvif", "proxy", "proxy_http", "proxy_uwsgi", "proxy_scgi", "proxy_fcgi", "cgid"}

// apacheDir is where the modules are on Debian.
const apacheDir = "/usr/lib/apache2/modules"

// openDir gives a directory that every user can read.
func openDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "web") // short: a socket's path has 108 bytes
	require.NoError(t, err)
	t.Cleanup(func() { // who is stopped still writes for a moment
		assert.Eventually(t, func() bool { return os.RemoveAll(dir) == nil }, webTime, 50*time.Millisecond)
	})
	require.NoError(t, os.Chmod(dir, 0o755))
	return dir
}

// startApache runs Apache with a documented site until the test ends, and gives
// its URL. The pairs replace what in the site is for other machines.
func startApache(t testing.TB, config string, pairs ...string) string {
	t.Helper()
	program := needProgram(t, "apache2", "apt-get install apache2")
	dir, addr := openDir(t), freeAddress(t)
	text, err := os.ReadFile(filepath.Join(deployDir, "apache", config))
	require.NoError(t, err)
	siteText := replaceAll(t, string(text), append(pairs, "*:80", addr)...)
	var modules strings.Builder
	for _, name := range apacheModules {
		fmt.Fprintf(&modules, "LoadModule %s_module %s/mod_%[1]s.so\n", name, apacheDir)
	}
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("site.conf", siteText)
	write("apache.conf", replaceAll(t, apacheMain, "DIR", dir, "ADDR", addr, "MODULES", modules.String()))
	startServer(t, dir, addr, program, "-DFOREGROUND", "-f", filepath.Join(dir, "apache.conf"))
	return "http://" + addr
}

func TestBehindApache(t *testing.T) {
	needProgram(t, "apache2", "apt-get install apache2") // with its modules where Debian has them
	for _, protocol := range backendProtocols {
		for _, network := range []string{"unix", "tcp"} {
			t.Run(protocol+" over "+network, func(t *testing.T) {
				s := newSite(t, protocol, network)
				s.apache = true
				s.client.Transport.(*http.Transport).DisableKeepAlives = true // Apache ends connections when it is busy
				s.url = startApache(t, protocol+".conf", apacheAddress(protocol, s.listener.Addr())...)
				s.check(t)
			})
		}
	}
}

// apacheAddress replaces the documented socket by an address.
func apacheAddress(protocol string, a net.Addr) []string {
	if a.Network() == "unix" {
		return []string{"/run/hello/hello.sock", a.String()}
	}
	scheme := map[string]string{"proxy": "http", "fastcgi": "fcgi"}[protocol]
	if scheme == "" {
		scheme = protocol
	}
	socket := "unix:/run/hello/hello.sock|" + scheme + "://"
	return []string{socket + "hello-app", scheme + "://" + a.String(), socket + "hello/", scheme + "://" + a.String() + "/"}
}

// TestBehindApacheAsCGI: this program is the one that Apache starts.
func TestBehindApacheAsCGI(t *testing.T) {
	if os.Getenv("GATEWAY_INTERFACE") != "" {
		if err := newWebApp().Run(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	needProgram(t, "apache2", "apt-get install apache2")
	dir := openDir(t)
	copySelf(t, filepath.Join(dir, "program"))
	script := "#!/bin/sh\nexec " + dir + "/program '-test.run=^TestBehindApacheAsCGI$'\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "hello.cgi"), []byte(script), 0o755))
	s := newSite(t, "cgi", "tcp") // for its client
	s.apache = true
	s.url = startApache(t, "cgi.conf", "/usr/local/lib/hello", dir)
	s.check(t)
}

func copySelf(t testing.TB, name string) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	in, err := os.Open(self)
	require.NoError(t, err)
	defer in.Close()
	out, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o755)
	require.NoError(t, err)
	_, err = io.Copy(out, in)
	require.NoError(t, err)
	require.NoError(t, out.Close())
}
