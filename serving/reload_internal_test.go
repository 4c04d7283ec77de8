package serving

import (
	"context"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/supervise"
	"github.com/retort-go/retort/internal/terminal"
)

func TestOptionsThatCannotBeMeant(t *testing.T) {
	err := RunSimple("127.0.0.1", 0, http.NotFoundHandler(), Options{ReloaderType: "watchdog"})
	assert.EqualError(t, err, `serving: Options.ReloaderType is "watchdog"; it takes auto, stat or inotify`)
	err = RunProgram(".", "127.0.0.1", 0, nil, Options{ReloaderType: "watchdog"})
	assert.EqualError(t, err, `serving: Options.ReloaderType is "watchdog"; it takes auto, stat or inotify`)
}

func TestWhatAChildInherits(t *testing.T) {
	t.Setenv(envDotenv, "FROM_FILE,OTHER")
	environ := []string{
		"PATH=/bin", "FROM_FILE=1", "OTHER=", "OTHERS=2", envDotenv + "=FROM_FILE,OTHER", envDotenvFiles + "=/.env",
		envPIN + "=123-456", supervise.EnvTold + "=3", supervise.EnvParent + "=1", envFromCLI + "=true", terminal.EnvStderr + "=1", "RETORT_RUN_SERVER_FD=3", "RETORT_RUN_PORT=80",
	}
	assert.Equal(t, []string{"PATH=/bin", "OTHERS=2", "RETORT_RUN_PORT=80"}, inherited(environ))
}

func TestPIN(t *testing.T) {
	on := Options{UseDebugger: true}
	t.Setenv(envPIN, "")
	first, err := on.newPIN()
	require.NoError(t, err)
	second, err := on.newPIN()
	require.NoError(t, err)
	assert.Regexp(t, `^\d{3}-\d{3}-\d{3}$`, first.pin)
	assert.NotEqual(t, first.pin, second.pin)
	assert.NotEqual(t, first.secret, second.secret)
	assert.Equal(t, " * Debugger is active!\n * Debugger PIN: "+first.pin+"\n", first.banner(on))

	none, err := new(Options).newPIN()
	require.NoError(t, err)
	assert.Empty(t, none.banner(Options{}))

	for _, pin := range []string{"off", "123456", "12-34-56-78"} {
		t.Setenv(envPIN, pin)
		p, err := on.newPIN()
		assert.NoError(t, err, pin)
		assert.Equal(t, pin, p.pin)
	}
	for _, pin := range []string{"12345", "1-2-3", "secret", "123-456-", "OFF", "123 456"} {
		t.Setenv(envPIN, pin)
		_, err := on.newPIN()
		assert.EqualError(t, err, "serving: RETORT_DEBUG_PIN is no PIN: it takes at least 6 digits, with dashes between if you like, as in 123-456-789, or off for none", pin)
	}
}

func TestWhatAParentHandsOn(t *testing.T) {
	assert.Empty(t, new(handover).lines())
	parent := &handover{adhoc: "certificate.key", pin: debugPIN{pin: "123-456", secret: []byte{1, 254}}}
	lines := []string{"adhoc certificate.key", "debug-pin 123-456", "debug-secret 01fe", "pin-failures 0"}
	assert.Equal(t, lines, parent.lines())
	for _, line := range []string{"pin-failures 7", "pin-failures", "pin-failures -1", "pin-failures x", "other 3", ""} {
		parent.hear(line)
	}
	lines[3] = "pin-failures 7"
	assert.Equal(t, lines, parent.lines())
	child := takeOver(append(lines, "what a later version tells"))
	assert.Equal(t, parent.adhoc, child.adhoc)
	assert.Equal(t, debugPIN{"123-456", []byte{1, 254}, 7}, child.pin)
}

func TestThePINOfTheParent(t *testing.T) {
	t.Setenv(envPIN, "987-654-321")
	o := Options{UseDebugger: true, handed: &handover{pin: debugPIN{pin: "123-456", failures: 3}}}
	got, own, err := o.debuggerPIN()
	require.NoError(t, err)
	assert.False(t, own)
	assert.Equal(t, debugPIN{pin: "123-456", failures: 3}, got)
	for _, handed := range []*handover{nil, new(handover)} { // no parent, and one without a debugger
		t.Setenv(envPIN, "987-654-321")
		o.handed = handed
		got, own, err = o.debuggerPIN()
		require.NoError(t, err)
		assert.True(t, own)
		assert.Equal(t, "987-654-321", got.pin)
		assert.Empty(t, os.Getenv(envPIN), "the app cannot show it")
	}
}

func TestReloadGrace(t *testing.T) {
	for limit, want := range map[time.Duration]time.Duration{-1: reloadGrace, time.Second: time.Second, time.Minute: reloadGrace} {
		assert.Equal(t, want, (&Options{GracefulTimeout: limit}).reloadGrace())
	}
}

func TestARequestThatOutlivesItsProgram(t *testing.T) {
	o := Options{GracefulTimeout: time.Nanosecond, handed: new(handover)}
	ctx, release := o.gracefully(t.Context())
	defer release()
	<-ctx.Done()
	err := &DrainError{Requests: 1, Cause: context.Cause(ctx), reloading: true}
	assert.EqualError(t, err, "serving: 1 request cut off: with the reloader requests have 1ns to end when the program stops")
}

func TestGuardHosts(t *testing.T) {
	for host, want := range map[string][]string{"": nil, "127.0.0.1": nil, "::": nil, "unix:///s": nil, "Dev.Example": {"dev.example"}} {
		assert.Equal(t, want, guardHosts(host), host)
	}
}

func TestIsGoRun(t *testing.T) {
	t.Setenv("GOCACHE", "/var/gocache")
	for exe, want := range map[string]bool{
		"/tmp/go-build123/b001/exe/hello": true, "/home/x/.cache/go-build/ab/abc-d/hello": true,
		"/var/gocache/ab/abc-d/hello": true, "/home/x/hello": false,
	} {
		assert.Equal(t, want, isGoRun(exe), exe)
	}
}

func TestTheTerminalOfTheParent(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv(terminal.EnvStderr, strconv.Itoa(os.Getppid()))
	assert.True(t, terminal.Is(os.Stderr))
	t.Setenv(terminal.EnvStderr, strconv.Itoa(os.Getpid())) // meant for what this process starts
	null, err := os.Open(os.DevNull)
	require.NoError(t, err)
	defer func() { _ = null.Close() }()
	assert.False(t, onTerminal(null))
	if info, err := os.Stderr.Stat(); assert.NoError(t, err) && info.Mode()&os.ModeCharDevice == 0 {
		assert.False(t, terminal.Is(os.Stderr))
	}
}
