//go:build retort_dev

package tests

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/serving/debug"
)

// errShelf is what most of the failures wrap.
var errShelf = errors.New("the shelf is empty")

// brokenApp fails in several ways. A path is named by what its page shows.
func brokenApp() *retort.App {
	app := retort.New("failing")
	app.Config.Set("TESTING", true) // errors leave the app
	app.Config.Set("DEBUG", true)
	app.Config.Set("SECRET_KEY", "a-secret-key-of-the-shelf")
	app.Logger = slog.New(slog.DiscardHandler)
	app.Get("/chain")(func() (string, error) {
		inner := fmt.Errorf("reading %q: %w", "flask", errors.Join(errShelf, io.ErrUnexpectedEOF, fmt.Errorf("the spare one: %w", errShelf)))
		return "", fmt.Errorf("show: %w", inner)
	})
	app.Get("/long")(func() string { panic(errors.New("no such order: " + strings.Repeat("SELECT id FROM orders; ", 450))) })
	app.Get("/unbroken")(func() string { panic(errors.New(strings.Repeat("x", 10<<10))) })
	app.Get("/unicode")(func() string { panic("注文がありません 👩‍🔬 עברית \u202ehidden\x1b[31m\x00") })
	app.Get("/deep")(func() string { return deep(300) })
	app.Get("/recursion")(func() string { return recurse(5000) })
	app.Get("/nil/<int:id>")(func(c *retort.Context, id int) string {
		shelf := emptyShelf()
		shelf["flask"] = id // a line that is so long that no window is as wide as it is, because it goes on and on about what it does, which is nothing
		return ""
	})
	app.Post("/form")(func(c *retort.Context) string {
		panic(fmt.Errorf("%d fields are too many", c.Request.Form().Len()))
	})
	return app
}

// emptyShelf is a map that was never made.
func emptyShelf() map[string]int { return nil }

// deep calls itself from several lines, so that no calls can be folded as the same.
func deep(n int) string {
	switch {
	case n == 0:
		panic(errShelf)
	case n%3 == 0:
		return deep(n-1) + "."
	case n%5 == 0:
		return deep(n-1) + ","
	}
	return deep(n-1) + ";"
}

func recurse(n int) string {
	if n == 0 {
		panic("the bottom")
	}
	return recurse(n-1) + "."
}

// copyText presses the button that copies the page, and gives what the button says
// then, for a moment.
const copyText = `new Promise(done => {
	const button = document.querySelector("[data-copy]");
	new MutationObserver(() => done(button.innerText)).observe(button, {childList: true});
	button.click();
})`

func TestTheDebuggerInABrowser(t *testing.T) {
	tab := startBrowser(t).newTab(1280, 900)
	tab.do("Emulation.setFocusEmulationEnabled", map[string]any{"enabled": true}) // only who has the focus may copy
	server := httptest.NewServer(debug.Handler(brokenApp(), debug.Options{PIN: "123-456-789"}))
	t.Cleanup(server.Close)

	t.Run("failures of every kind", func(t *testing.T) {
		for _, tt := range []struct{ path, says string }{
			{"/chain", "the spare one: the shelf is empty"}, {"/long", "no such order"}, {"/unbroken", "xxxx"},
			{"/unicode", `👩‍🔬 עברית \u202ehidden\x1b[31m\x00`}, {"/deep", "more calls"}, {"/recursion", "This call comes"}, {"/nil/7", "assignment to entry in nil map"},
		} {
			tab.open(server.URL + tt.path)
			tab.waitForText(tt.says)
			tab.waitFor(`document.querySelector("h1").getBoundingClientRect().bottom < innerHeight`)
			tab.lookAt("debugger" + strings.ReplaceAll(tt.path, "/", "-"))
			assert.Empty(t, tab.complaints(), tt.path)
		}
	})
	t.Run("what happened and where comes first", func(t *testing.T) {
		tab.resize(1280, 720)
		tab.open(server.URL + "/nil/7")
		tab.waitForText("assignment to entry in nil map")
		for _, selector := range []string{"h1", ".where a", ".source .marked"} {
			assert.Equal(t, true, tab.run(`document.querySelector("`+selector+`").getBoundingClientRect().bottom < innerHeight`), "%s is seen without scrolling", selector)
		}
		assert.Regexp(t, `^in tests\.brokenApp\.func\d+, .*browser_debugger_test\.go:\d+$`, tab.run(`document.querySelector(".where").innerText`))
		assert.Equal(t, true, tab.run(`document.querySelector(".where a").href.startsWith("vscode://file/")`))
	})
	t.Run("nothing moves after it was shown", func(t *testing.T) {
		tab.run(`new Promise(done => new PerformanceObserver(list => { window.moved = list.getEntries() }).observe({type: "layout-shift", buffered: true}) || setTimeout(done, 200))`)
		assert.Nil(t, tab.run("window.moved?.map(m => m.value)"))
	})
	t.Run("all of it without a mouse", func(t *testing.T) {
		order := tab.tabOrder()
		require.Greater(t, len(order), 12)
		assert.Equal(t, []string{"Skip to the stack"}, order[:1])
		assert.Equal(t, []string{"Copy as text", "Open in editor", "Unfold all", "Stack", "Request", "Routing", "Data", "Plain text"}, order[2:10])
		assert.Contains(t, order, "pin")
	})
	t.Run("as text", func(t *testing.T) {
		require.NoError(t, tab.b.call("", "Browser.grantPermissions", map[string]any{"permissions": []string{"clipboardReadWrite", "clipboardSanitizedWrite"}}, nil))
		assert.Equal(t, "Copied", tab.run(copyText))
		text, _ := tab.run("navigator.clipboard.readText()").(string)
		assert.Regexp(t, `(?s)^GET /nil/7\n\nruntime\.plainError: assignment to entry in nil map\n\n.*brokenApp\.func\d+\n    /.*browser_debugger_test\.go:\d+  shelf`, text)
	})
	t.Run("folded and unfolded", func(t *testing.T) {
		tab.open(server.URL + "/deep")
		tab.waitForText("more calls")
		closed := `document.querySelectorAll("#stack details:not([open])").length`
		assert.NotZero(t, tab.run(closed))
		tab.run(`document.querySelector("[data-unfold]").click()`)
		assert.Zero(t, tab.run(closed))
		tab.looksWell("unfolded")
		assert.Contains(t, tab.text(), "calls are left out here.")
	})
	t.Run("on paper", func(t *testing.T) {
		tab.open(server.URL + "/nil/7")
		tab.waitForText("assignment to entry in nil map")
		tab.do("Emulation.setEmulatedMedia", map[string]any{"media": "print", "features": []map[string]string{{"name": "prefers-color-scheme", "value": "dark"}}})
		tab.looksWell("on paper")
		tab.screenshot("debugger-print")
		assert.Equal(t, true, tab.run(`[...document.querySelectorAll(".source, .plain")].every(e => e.scrollWidth <= e.clientWidth)`), "lines are broken: paper cannot be scrolled")
		tab.do("Emulation.setEmulatedMedia", map[string]any{"media": ""})
		tab.scheme("light")
	})
	t.Run("a large form, after the PIN", func(t *testing.T) { browseForm(t, server, tab) })
	t.Run("without scripts", func(t *testing.T) { browseWithoutScripts(t, server.URL, tab) })
	t.Run("by another name", func(t *testing.T) { browseByAnotherName(t, tab) })
}

// browseForm looks at what the PIN shows of a large request.
func browseForm(t *testing.T, server *httptest.Server, tab *tab) {
	tab.open(server.URL + "/chain") // a page of the site, to send the form from
	tab.waitForText("the spare one")
	tab.run(`(() => {
		document.cookie = "theme=dark; path=/";
		const form = document.body.appendChild(document.createElement("form"));
		form.method = "post"; form.action = "/form";
		const add = (name, value) => form.appendChild(Object.assign(document.createElement("input"), {name, value}));
		for (let i = 0; i < 100; i++) add("field" + i, "value " + i);
		add("large", "x".repeat(400000));
		add("password", "hunter2-of-the-form");
		form.submit();
	})()`)
	tab.waitForText("102 fields are too many")
	tab.fill("#pin", "123456789")
	tab.press("Enter")
	tab.waitForText("Header fields")
	tab.run(`for (const d of document.querySelectorAll("#private details")) d.open = true`)
	tab.lookAt("debugger-form")
	html, _ := tab.run("document.documentElement.outerHTML").(string)
	for _, secret := range []string{"hunter2-of-the-form", "a-secret-key-of-the-shelf"} {
		assert.NotContains(t, html, secret)
	}
	for _, id := range []string{"headers", "cookies", "form", "config", "environment", "build", "goroutines"} {
		assert.Equal(t, true, tab.run(`document.getElementById("`+id+`") !== null`), id)
	}
	assert.Equal(t, true, tab.run("document.activeElement.closest('#private') !== null"), "the focus is where the PIN has led to")
	assert.Empty(t, tab.complaints())
}

// browseWithoutScripts enters a wrong and the right PIN without JavaScript.
func browseWithoutScripts(t *testing.T, url string, tab *tab) {
	tab.do("Network.clearBrowserCookies", nil)
	tab.do("Emulation.setScriptExecutionDisabled", map[string]any{"value": true})
	defer tab.do("Emulation.setScriptExecutionDisabled", map[string]any{"value": false})
	tab.open(url + "/nil/7")
	tab.waitForText("assignment to entry in nil map")
	assert.NotContains(t, tab.text(), "Copy as text", "what needs a script is not shown")
	tab.looksWell("without scripts")
	tab.fill("#pin", "000-000-000")
	tab.press("Enter")
	tab.waitForText("This is not the PIN.")
	tab.complaints() // of the refusal
	tab.looksWell("a wrong PIN")
	tab.fill("#pin", "123-456-789")
	tab.press("Enter")
	tab.waitForText("Header fields")
	tab.screenshot("debugger-without-scripts")
	tab.looksWell("opened without scripts")
	assert.Empty(t, tab.complaints())
}

// browseByAnotherName does without what browsers keep for secure contexts.
func browseByAnotherName(t *testing.T, tab *tab) {
	server := httptest.NewServer(debug.Handler(brokenApp(), debug.Options{PIN: "123-456-789", Hosts: []string{otherName}}))
	t.Cleanup(server.Close)
	url := strings.Replace(server.URL, "127.0.0.1", otherName, 1)
	browseWithoutScripts(t, url, tab)
	tab.open(url + "/nil/7")
	tab.waitForText("assignment to entry in nil map")
	require.Equal(t, false, tab.run("isSecureContext"))
	assert.Equal(t, "Copied", tab.run(copyText))
	assert.Empty(t, tab.complaints())
}

// TestTheLockedDebuggerInABrowser: after ten wrong PINs there is no field for one.
func TestTheLockedDebuggerInABrowser(t *testing.T) {
	tab := startBrowser(t).newTab(1280, 900)
	server := httptest.NewServer(debug.Handler(brokenApp(), debug.Options{}))
	t.Cleanup(func() {
		server.CloseClientConnections() // of those whose wrong PINs still cost their time
		server.Close()
	})
	for range 10 { // at once, so that the delays are waited for together
		go func() {
			res, err := http.Post(server.URL+"/__retort__/pin", "application/json", strings.NewReader(`{"pin":"1"}`))
			if err == nil {
				_ = res.Body.Close()
			}
		}()
	}
	require.Eventually(t, func() bool {
		res, err := http.Post(server.URL+"/__retort__/pin", "application/json", strings.NewReader(`{"pin":"1"}`))
		if err != nil {
			return false
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		return err == nil && strings.Contains(string(body), `"exhausted":true`)
	}, 30*time.Second, 10*time.Millisecond)
	tab.open(server.URL + "/chain")
	tab.waitForText("There were 10 wrong PINs")
	assert.Nil(t, tab.run(`document.querySelector("#pin")`))
	tab.lookAt("debugger-locked")
}
