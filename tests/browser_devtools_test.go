package tests

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	groups "github.com/retort-go/retort/internal/process"
)

// screenshots is the folder of what the browser tests saw. Git ignores it.
const screenshots = moduleDir + "/screenshots"

// browserNames are the programs that are looked for.
var browserNames = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// otherName is a name by which the browser reaches this machine, and of which it
// does not know that it is this machine: its pages are in no secure context.
const otherName = "dev.test"

// browser is a headless Chromium, driven by the DevTools protocol.
type browser struct {
	t    *testing.T
	conn *websocket.Conn

	mu      sync.Mutex
	last    int
	waiting map[int]chan devtoolsReply
	pages   map[string]*tab // by session
}

// devtoolsReply is what the browser sends: an answer to a command, or an event.
type devtoolsReply struct {
	ID        int             `json:"id"`
	SessionID string          `json:"sessionId"`
	Method    string          `json:"method"`
	Params    json.RawMessage `json:"params"`
	Result    json.RawMessage `json:"result"`
	Error     *struct{ Message string }
}

// startBrowser runs a browser until the test ends. Without one the test is
// skipped, or fails if RETORT_REQUIRE_PEERS is 1.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	exe := ""
	for _, name := range browserNames {
		if path, err := exec.LookPath(name); err == nil {
			exe = path
			break
		}
	}
	if exe == "" && os.Getenv("RETORT_REQUIRE_PEERS") == "1" {
		t.Fatal("RETORT_REQUIRE_PEERS is 1, but there is no Chromium on the PATH")
	} else if exe == "" {
		t.Skip("there is no Chromium on the PATH (apt-get install chromium)")
	}
	b := &browser{t: t, waiting: make(map[int]chan devtoolsReply), pages: make(map[string]*tab)}
	conn, _, err := websocket.Dial(t.Context(), launch(t, exe), nil)
	require.NoError(t, err)
	conn.SetReadLimit(64 << 20) // a screenshot is one message
	b.conn = conn
	t.Cleanup(func() { _ = conn.CloseNow() })
	go b.listen()
	return b
}

// launch starts the browser and gives the address of its DevTools.
func launch(t *testing.T, exe string) string {
	t.Helper()
	profile, err := os.MkdirTemp("", "retort-browser-")
	require.NoError(t, err)
	args := []string{"--headless", "--remote-debugging-port=0", "--user-data-dir=" + profile, "--disable-gpu",
		"--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb",
		"--host-resolver-rules=MAP " + otherName + " 127.0.0.1"}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // it refuses to run as root otherwise
	}
	cmd := exec.Command(exe, append(args, "about:blank")...)
	cmd.Env = append(os.Environ(), "TMPDIR="+profile) // what it leaves there is removed with it
	groups.NewGroup(cmd)
	groups.DieWithParent(cmd) // a test that takes too long ends without its Cleanup
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = groups.Kill(cmd)
		_ = cmd.Wait()
		// Its helpers still write for a moment.
		assert.Eventually(t, func() bool { return os.RemoveAll(profile) == nil }, 30*time.Second, 50*time.Millisecond)
	})
	log := bufio.NewReader(stderr)
	address := regexp.MustCompile(`ws://\S+`)
	for {
		line, err := log.ReadString('\n')
		if url := address.FindString(line); url != "" {
			go func() { _, _ = io.Copy(io.Discard, log) }()
			return url
		}
		require.NoError(t, err, "the browser did not say where its DevTools are")
	}
}

// listen hands on what the browser sends until the connection is closed.
func (b *browser) listen() {
	for {
		_, data, err := b.conn.Read(context.Background())
		if err != nil {
			return
		}
		var r devtoolsReply
		if json.Unmarshal(data, &r) != nil {
			continue
		}
		b.mu.Lock()
		answer, page := b.waiting[r.ID], b.pages[r.SessionID]
		delete(b.waiting, r.ID)
		b.mu.Unlock()
		switch {
		case r.ID != 0 && answer != nil:
			answer <- r
		case page != nil:
			page.note(r)
		}
	}
}

// call sends a command to a page, or to the browser itself, and reads its result
// into out, if that is not nil.
func (b *browser) call(session, method string, params map[string]any, out any) error {
	answer := make(chan devtoolsReply, 1)
	b.mu.Lock()
	b.last++
	id := b.last
	b.waiting[id] = answer
	b.mu.Unlock()
	message := map[string]any{"id": id, "method": method, "params": params}
	if session != "" {
		message["sessionId"] = session
	}
	data, err := json.Marshal(message)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	if err := b.conn.Write(ctx, websocket.MessageText, data); err != nil {
		return err
	}
	select {
	case r := <-answer:
		switch {
		case r.Error != nil:
			return fmt.Errorf("%s: %s", method, r.Error.Message)
		case out != nil:
			return json.Unmarshal(r.Result, out)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", method, ctx.Err())
	}
}

// tab is a page in the browser.
type tab struct {
	b       *browser
	session string

	mu       sync.Mutex
	problems []string // what the console complained about
}

// newTab opens one of a width and height in CSS pixels. It hides the one before.
func (b *browser) newTab(width, height int) *tab {
	b.t.Helper()
	return b.newTarget(width, height, map[string]any{"url": "about:blank"})
}

func (b *browser) newTarget(width, height int, params map[string]any) *tab {
	b.t.Helper()
	var target struct{ TargetID string }
	require.NoError(b.t, b.call("", "Target.createTarget", params, &target))
	var attached struct{ SessionID string }
	require.NoError(b.t, b.call("", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached))
	p := &tab{b: b, session: attached.SessionID}
	b.mu.Lock()
	b.pages[p.session] = p
	b.mu.Unlock()
	for _, domain := range []string{"Page", "Runtime", "Log"} {
		p.do(domain+".enable", nil)
	}
	p.resize(width, height)
	return p
}

// note keeps what the console complains about.
func (p *tab) note(r devtoolsReply) {
	var text string
	switch r.Method {
	case "Runtime.exceptionThrown":
		text = string(r.Params)
	case "Log.entryAdded":
		var e struct {
			Entry struct{ Level, Text, URL string }
		}
		_ = json.Unmarshal(r.Params, &e)
		// The status of the page itself is no complaint, nor a missing icon, nor that
		// a field is of no use to a page that is not secure.
		if e.Entry.Level == "error" && !strings.Contains(e.Entry.Text, "a status of 50") && !strings.HasSuffix(e.Entry.URL, "/favicon.ico") &&
			!strings.HasPrefix(e.Entry.Text, "The Cross-Origin-Opener-Policy header has been ignored") {
			text = e.Entry.Text + " " + e.Entry.URL
		}
	}
	if text == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.problems = append(p.problems, text)
}

// complaints gives what the console complained about, and forgets it.
func (p *tab) complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.problems
	p.problems = nil
	return all
}

func (p *tab) do(method string, params map[string]any) {
	p.b.t.Helper()
	require.NoError(p.b.t, p.b.call(p.session, method, params, nil))
}

func (p *tab) resize(width, height int) {
	p.b.t.Helper()
	p.do("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
}

// scheme sets what prefers-color-scheme says: light or dark.
func (p *tab) scheme(name string) {
	p.b.t.Helper()
	p.do("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": name}}})
}

// open goes to a URL. The page need not have been loaded when it returns.
func (p *tab) open(url string) {
	p.b.t.Helper()
	p.do("Page.navigate", map[string]any{"url": url})
}

// eval gives what a JavaScript expression, or the promise that it gives, is.
func (p *tab) eval(expression string) (any, error) {
	var out struct {
		Result           struct{ Value any }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	err := p.b.call(p.session, "Runtime.evaluate",
		map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true, "userGesture": true}, &out)
	if err == nil && out.ExceptionDetails != nil {
		err = fmt.Errorf("%s: %s %s", expression, out.ExceptionDetails.Text, out.ExceptionDetails.Exception.Description)
	}
	return out.Result.Value, err
}

// run is eval for what must not fail.
func (p *tab) run(expression string) any {
	p.b.t.Helper()
	v, err := p.eval(expression)
	require.NoError(p.b.t, err)
	return v
}

// waitFor waits until a JavaScript expression is true. What fails on the way, as
// while a page is left, is asked again.
func (p *tab) waitFor(expression string) {
	p.b.t.Helper()
	var v any
	var err error
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(30 * time.Millisecond) {
		if v, err = p.eval(expression); err == nil && v == true {
			return
		}
	}
	text, _ := p.eval("document.documentElement.innerText")
	require.Fail(p.b.t, "the page does not come to it", "%s is %v (%v) in:\n%v", expression, v, err, text)
}

// waitForText waits until the page shows a text.
func (p *tab) waitForText(text string) {
	p.b.t.Helper()
	quoted, err := json.Marshal(text)
	require.NoError(p.b.t, err)
	p.waitFor("document.readyState === 'complete' && document.body.innerText.includes(" + string(quoted) + ")")
}

// text is what the page shows.
func (p *tab) text() string {
	p.b.t.Helper()
	s, _ := p.run("document.body.innerText").(string)
	return s
}

// fill types a text into a field.
func (p *tab) fill(selector, text string) {
	p.b.t.Helper()
	quoted, err := json.Marshal(selector)
	require.NoError(p.b.t, err)
	p.run("document.querySelector(" + string(quoted) + ").focus()")
	p.do("Input.insertText", map[string]any{"text": text})
}

// press presses a key, such as Enter or Tab.
func (p *tab) press(key string) {
	p.b.t.Helper()
	code := map[string]int{"Enter": 13, "Tab": 9, "Escape": 27}[key]
	down := map[string]any{"type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": code}
	if key == "Enter" {
		down["text"] = "\r"
	}
	p.do("Input.dispatchKeyEvent", down)
	p.do("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": code})
}

// screenshot keeps a picture of the page under a name: the whole of it, unless it
// is very long.
func (p *tab) screenshot(name string) {
	p.b.t.Helper()
	p.run("scrollTo(0, 0)")
	var out struct{ Data string }
	clip := map[string]any{"x": 0, "y": 0, "scale": 1, "width": p.run("innerWidth"), "height": p.run("Math.min(Math.max(document.documentElement.scrollHeight, innerHeight), 2400)")}
	require.NoError(p.b.t, p.b.call(p.session, "Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true, "clip": clip}, &out))
	data, err := base64.StdEncoding.DecodeString(out.Data)
	require.NoError(p.b.t, err)
	require.NoError(p.b.t, os.MkdirAll(screenshots, 0o755))
	require.NoError(p.b.t, os.WriteFile(filepath.Join(screenshots, name+".png"), data, 0o600))
}
