//go:build linux

package tests

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReloadKeepsWhatIsReadAnewRunning(t *testing.T) {
	a := newReloaded(t)
	a.write(".env", "FROM_FILE=one\n")
	a.run([]string{a.build()}, "RETORT_SKIP_DOTENV=")
	a.answers("/page", 200, "page one")
	before := a.pid()

	a.write("templates/page.html", "<p>page two</p>")
	a.answers("/page", 200, "page two")
	a.write("static/style.css", "two")
	a.answers("/static/style.css", 200, "two")
	a.write("main_test.go", "package main\n")
	assert.Equal(t, before, a.pid())
	assert.Equal(t, 1, a.count(" * Restarting"))

	a.answers("/env/FROM_FILE", 200, "one")
	a.write(".env", "FROM_FILE=two\n")
	a.answers("/env/FROM_FILE", 200, "two")
	assert.NotEqual(t, before, a.pid())
	a.answers("/page", 200, "page two")

	require.NoError(t, a.cmd.Process.Signal(syscall.SIGTERM))
	assert.Equal(t, 0, a.status())
	a.gone()
}

func TestReloadShowsWhatWentWrong(t *testing.T) {
	a := newReloaded(t)
	a.source("one", `if os.Getenv("RETORT_RUN_MAIN") == "true" { panic("no database") }`, false)
	a.run([]string{a.build()})
	a.answers("/", 503, "no database")
	_, text, err := a.ask(http.MethodGet, "/", "", "X-Forwarded-For", "192.0.2.1")
	require.NoError(t, err)
	assert.NotContains(t, text, "no database", "that is for this machine alone")
	assert.Regexp(t, `127\.0\.0\.1 - - \[[^]]*\] "GET / HTTP/1\.1" 503 -\n`, a.log.String())
	a.says("two")
	a.answers("/", 200, "two")
	_, _, err = a.ask(http.MethodGet, "/exit", "")
	require.Error(t, err)
	a.logs(" * The program crashed (exit status 3); starting it again\n")
	a.answers("/", 200, "two") // by itself; the page between is there for a second
	_, _, err = a.ask(http.MethodGet, "/exit", "")
	require.Error(t, err)
	a.logs(" * The program crashed again (exit status 3); waiting for a change\n")
	a.answers("/", 503, "last words [hidden]") // the settings told what
}

func TestReloadAnswersAPostOnceByTheNewCode(t *testing.T) {
	a := newReloaded(t)
	a.run([]string{a.build()})
	a.answers("/", 200, "one")
	for i := range 2 {
		text := fmt.Sprint("build", i)
		detected := a.count("Detected change")
		a.says(text)
		a.eventually("the change", func() bool { return a.count("Detected change") > detected })
		status, got, err := a.ask(http.MethodPost, "/", "posted")
		require.NoError(t, err)
		assert.Equal(t, 200, status)
		assert.Equal(t, text+" posted", got)
		a.logs(fmt.Sprintf("answered %q of %s\n", "posted", text)) // before the next build
	}
	assert.Equal(t, 2, a.count(`answered "posted"`))
}

// TestReloadLosesNoRequest has 20 clients, half of which would keep their
// connections, ask all the time while the program is built anew six times.
func TestReloadLosesNoRequest(t *testing.T) {
	a := newReloaded(t)
	a.run([]string{a.build()})
	a.answers("/", 200, "one")
	var mu sync.Mutex
	seen, total := make(map[string]int), 0
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for i := range 20 {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: i%2 == 0}, Timeout: reloadTime}
		clients.Go(func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(5 * time.Millisecond):
				}
				status, text, err := answered(client.Post(a.url+"/", "text/plain", strings.NewReader("x")))
				mu.Lock()
				if assert.NoError(t, err) && assert.Equal(t, 200, status, text) {
					seen[text]++
					total++
				}
				mu.Unlock()
			}
		})
	}
	for i := range 6 {
		text := fmt.Sprint("build", i)
		a.says(text)
		a.eventually(text, func() bool { mu.Lock(); defer mu.Unlock(); return seen[text+" x"] > 0 })
	}
	close(stop)
	clients.Wait()
	t.Logf("%d requests", total)
}

// TestReloadWithDebuggerAndTLS: what the parent makes once is that of each child.
func TestReloadWithDebuggerAndTLS(t *testing.T) {
	a := newReloaded(t)
	a.source("one", "", true)
	a.run([]string{a.build()}, "RETORT_RUN_CERT=adhoc", "RETORT_DEBUG_PIN=")
	require.Regexp(t, `^https://127\.0\.0\.1:\d+$`, a.url)
	certificate := func() []byte {
		conn, err := tls.Dial("tcp", strings.TrimPrefix(a.url, "https://"), &tls.Config{InsecureSkipVerify: true}) // nobody has signed it
		require.NoError(t, err)
		defer func() { _ = conn.Close() }()
		cert := conn.ConnectionState().PeerCertificates[0]
		require.NoError(t, cert.VerifyHostname("localhost"))
		return cert.Raw
	}
	client := &http.Client{Timeout: reloadTime, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	answers := func(path string, status int, contains string) (text string) {
		t.Helper()
		a.eventually(contains, func() bool {
			var got int
			var err error
			got, text, err = answered(client.Get(a.url + path))
			require.NoError(t, err, a.log.String())
			return got == status && strings.Contains(text, contains)
		})
		return text
	}
	answers("/", 200, "one")
	first := certificate()
	answers("/scheme", 200, "https://")
	a.source("two", "undefined()", true)
	answers("/", 503, "undefined: undefined")
	assert.Equal(t, first, certificate())
	a.source("two", "", true)
	answers("/", 200, "two")
	assert.Equal(t, first, certificate())

	pin := regexp.MustCompile(` \* Debugger is active!\n \* Debugger PIN: (\d{3}-\d{3}-\d{3})\n`).FindAllStringSubmatch(a.log.String(), -1)
	require.Len(t, pin, 1, "it is told once")
	answers("/panic", 500, "on purpose")
	for _, name := range []string{"RETORT_DEBUG_PIN", "RETORT_RUN_TOLD", "RETORT_RUN_SERVER_FD"} {
		assert.Empty(t, answers("/env/"+name, 200, ""), name)
	}
	environ := answers("/environ", 200, "RETORT_RUN_MAIN=true")
	assert.NotContains(t, environ, pin[0][1], "who can have the app show a file does not find the PIN")
	assert.NotContains(t, strings.ToLower(environ), "secret")
	status, text, err := answered(http.Get("http" + strings.TrimPrefix(a.url, "https")))
	require.NoError(t, err)
	assert.Equal(t, 400, status)
	assert.Contains(t, text, "https://")
}

func TestReloadSaysWhyItDoesNot(t *testing.T) {
	a := newReloaded(t)
	exe := a.build()
	a.run([]string{exe}, "PATH=/nonexistent")
	a.answers("/", 200, "one")
	assert.Contains(t, a.log.String(), " * Not reloading: there is no go command in PATH\n")
	assert.NotContains(t, a.log.String(), "Restarting")
}

func TestReloadThroughASocketFile(t *testing.T) {
	a := newReloaded(t)
	socket := filepath.Join(openDir(t), "s")
	a.run([]string{a.build()}, "RETORT_RUN_HOST=unix://"+socket)
	a.logs(" * Restarting")
	require.NoError(t, a.cmd.Process.Signal(os.Interrupt))
	assert.Equal(t, 0, a.status())
	a.gone()
	assert.NoFileExists(t, socket)
}
