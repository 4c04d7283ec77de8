package tests

import (
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// deployDir holds the configurations that these tests run and people copy.
const deployDir = "../docs/deploy"

// needProgram skips a test without its peer, or fails it if RETORT_REQUIRE_PEERS
// is 1.
func needProgram(t testing.TB, name, install string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("RETORT_REQUIRE_PEERS") == "1" {
		t.Fatalf("RETORT_REQUIRE_PEERS is 1, but there is no %s", name)
	}
	t.Skipf("there is no %s (%s)", name, install)
	return ""
}

// nginxMain is what of nginx.conf concerns one machine; the site follows.
const nginxMain = `daemon off;
user USER;
worker_processes 2;
pid DIR/pid;
error_log DIR/error.log warn;
events { worker_connections 1024; }
http {
    access_log off;
    client_body_temp_path DIR/body;
    proxy_temp_path DIR/proxy;
    fastcgi_temp_path DIR/fastcgi;
    scgi_temp_path DIR/scgi;
    uwsgi_temp_path DIR/uwsgi;
    include DIR/site.conf;
}
`

// freeAddress gives an address on which nobody listens.
func freeAddress(t testing.TB) string {
	t.Helper()
	return "127.0.0.1:" + freePort(t)
}

// replaceAll replaces each old by its new, all of which have to be there.
func replaceAll(t testing.TB, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		require.Contains(t, text, pairs[i])
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}

// nginxAddress is how nginx calls the address of a backend.
func nginxAddress(a net.Addr) string {
	if a.Network() == "unix" {
		return "unix:" + a.String()
	}
	return a.String()
}

// startNginx runs nginx with a documented site until the test ends, and gives
// its URL.
func startNginx(t testing.TB, config string, backend net.Addr) string {
	t.Helper()
	return startNginxWith(t, config, backend, func(site string) string { return site })
}

// startNginxWith changes the site before.
func startNginxWith(t testing.TB, config string, backend net.Addr, change func(site string) string) string {
	t.Helper()
	program := needProgram(t, "nginx", "apt-get install nginx")
	dir, addr := t.TempDir(), freeAddress(t)
	text, err := os.ReadFile(filepath.Join(deployDir, "nginx", config))
	require.NoError(t, err)
	siteText := replaceAll(t, string(text), "listen 80;", "listen "+addr+";", "unix:/run/hello/hello.sock", nginxAddress(backend))
	siteText = change(strings.ReplaceAll(siteText, "include ", "include /etc/nginx/"))
	self, err := user.Current()
	require.NoError(t, err)
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("site.conf", siteText)
	write("nginx.conf", replaceAll(t, nginxMain, "DIR", dir, "USER", self.Username))
	startServer(t, dir, addr, program, "-p", dir, "-c", filepath.Join(dir, "nginx.conf"), "-e", filepath.Join(dir, "error.log"))
	return "http://" + addr
}

// startServer runs a program until the test ends and waits until it listens. Of
// a test that failed the log in dir is shown.
func startServer(t testing.TB, dir, addr, program string, args ...string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	out, err := os.Create(filepath.Join(dir, "out"))
	require.NoError(t, err)
	cmd.Stdout, cmd.Stderr = out, out
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // a server that has ended already shows it in its log
		_ = cmd.Wait()
		out.Close()
		if t.Failed() {
			for _, name := range []string{"out", "error.log"} {
				text, _ := os.ReadFile(filepath.Join(dir, name))
				t.Logf("%s:\n%s", name, text)
			}
		}
	})
	for end := time.Now().Add(webTime); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			conn.Close()
			return
		}
		require.True(t, time.Now().Before(end), "%s does not listen: %v", program, err)
	}
}

func TestBehindNginx(t *testing.T) {
	needProgram(t, "nginx", "apt-get install nginx")
	for _, protocol := range backendProtocols {
		for _, network := range []string{"unix", "tcp"} {
			t.Run(protocol+" over "+network, func(t *testing.T) {
				s := newSite(t, protocol, network)
				s.url = startNginx(t, protocol+".conf", s.listener.Addr())
				s.check(t)
			})
		}
	}
}

// BenchmarkBehindNginx is a small answer over a unix socket, with a connection to
// the app for each request. All ways take turns, so that what else the machine
// does slows all of them, and of each the middle one of its turns counts.
// uwsgi/proxy is how many times as fast as proxy_pass uwsgi_pass is; so the others.
func BenchmarkBehindNginx(b *testing.B) {
	sites := make(map[string]*site)
	for _, protocol := range backendProtocols {
		s := newSite(b, protocol, "unix")
		s.url = startNginx(b, protocol+".conf", s.listener.Addr())
		sites[protocol] = s
	}
	const requests = 100 // of a turn
	took := make(map[string][]time.Duration)
	for b.Loop() {
		for protocol, s := range sites {
			began := time.Now()
			s.load(b, requests)
			took[protocol] = append(took[protocol], time.Since(began))
		}
	}
	middle := func(protocol string) float64 {
		slices.Sort(took[protocol])
		return took[protocol][b.N/2].Seconds()
	}
	proxy := middle("proxy")
	b.ReportMetric(requests/proxy, "proxy/s")
	for _, protocol := range backendProtocols[1:] {
		b.ReportMetric(proxy/middle(protocol), protocol+"/proxy")
	}
}

// load sends n requests by 16 clients.
func (s *site) load(t testing.TB, n int) {
	var left atomic.Int64
	left.Store(int64(n))
	var clients sync.WaitGroup
	for range 16 {
		clients.Go(func() {
			for left.Add(-1) >= 0 {
				if _, body, err := s.try("GET", "/", ""); err != nil || body != "Hello, web!" {
					t.Error(body, err)
				}
			}
		})
	}
	clients.Wait()
}

// TestBehindNginxFastCGIKeepsConnections: with keepalive in upstream and
// fastcgi_keep_conn on, requests share connections.
func TestBehindNginxFastCGIKeepsConnections(t *testing.T) {
	s := newSite(t, "fastcgi", "unix")
	s.url = startNginxWith(t, "fastcgi.conf", s.listener.Addr(), func(site string) string {
		return replaceAll(t, site, "server unix:", "keepalive 8;\n    server unix:", "fastcgi_pass hello;", "fastcgi_keep_conn on;\n        fastcgi_pass hello;")
	})
	for range 3 {
		s.checkGet(t)
		s.checkHead(t)
		s.checkPost(t)
		s.checkPanic(t)
		s.checkStream(t)
		s.checkAbort(t)
	}
	s.checkParallel(t)
}
