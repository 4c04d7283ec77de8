package tests

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shopSource is the program that the browser looks at.
const shopSource = `package main

import (
	"errors"
	"fmt"
	"log"

	"github.com/retort-go/retort"
)

var errStock = errors.New("the stock is not counted yet <script>document.title = 'hacked'</script>")

type order struct {
	ID    int
	Items []string
}

func main() {
	app := retort.New("shop")
	app.Config.Set("SECRET_KEY", "a-secret-key-of-the-shop")
	app.Get("/")(func() string { return "<!doctype html><title>Shop</title><h1>Version one</h1>" })
	app.Get("/login")(func(c *retort.Context) (string, error) {
		s := c.Session()
		s.Set("user", "ada")
		return "<!doctype html><title>Shop</title>logged in", nil
	})
	app.Get("/orders/<int:id>")(showOrder)
	app.Get("/invoice")(func(c *retort.Context) *retort.Response {
		return c.RenderTemplate("invoice.html", map[string]any{"order": order{ID: 7}})
	})
	if err := app.Run(retort.RunOptions{Port: retort.AnyPort, Debug: true}); err != nil {
		log.Fatal(err)
	}
}

// showOrder shows an order.
func showOrder(c *retort.Context, id int) string {
	c.Session().Get("user")
	o := order{ID: id, Items: []string{"flask", "stand"}}
	return page(o, len(o.Items))
}

func page(o order, n int) string {
	if err := count(o.Items[:n]); err != nil {
		panic(fmt.Errorf("order %d: %w", o.ID, err))
	}
	return fmt.Sprintf("<!doctype html><title>Shop</title><h1>Order %d</h1>", o.ID)
}

func count(items []string) error {
	if len(items) > 1 {
		return errStock
	}
	return nil
}
`

// invoiceTemplate is one of its templates. An order has no total.
const invoiceTemplate = `<!doctype html>
<title>Invoice</title>
<h1>Invoice of order {{.order.ID}}</h1>
{{if .order}}
  <p>You pay {{.order.Total}}.</p>
{{end}}
`

// shop is that program in a module of its own, run with its reloader.
type shop struct {
	t   *testing.T
	dir string
	url string
}

// runShop builds the program as its developer would and runs it.
func runShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t, dir: t.TempDir()}
	root, err := filepath.Abs(moduleDir)
	require.NoError(t, err)
	needed, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	s.write("go.mod", strings.Replace(string(needed), "module "+module, "module example.test/shop", 1)+
		"\nrequire "+module+" v0.0.0\n\nreplace "+module+" => "+root+"\n")
	s.write("go.sum", string(sums))
	s.write("main.go", shopSource)
	s.write("templates/invoice.html", invoiceTemplate)
	exe := filepath.Join(t.TempDir(), "shop")
	cmd := exec.Command("go", "build", "-mod=mod", "-o", exe, ".")
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	p := start(t, exe, "GOWORK=off", "GOFLAGS=-mod=mod", "RETORT_DEBUG_PIN=123-456-789", "RETORT_EDITOR=", "RETORT_LIVE=")
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(os.Interrupt)
		kill := time.AfterFunc(time.Minute, func() { _ = p.cmd.Process.Kill() })
		defer kill.Stop()
		_ = p.cmd.Wait() // how it ends is no matter here
	})
	s.url = p.url(t)
	go func() {
		for {
			if _, err := p.stderr.ReadString('\n'); err != nil {
				return
			}
		}
	}()
	return s
}

func (s *shop) write(name, text string) {
	s.t.Helper()
	path := filepath.Join(s.dir, filepath.FromSlash(name))
	require.NoError(s.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(s.t, os.WriteFile(path, []byte(text), 0o600))
}

// change replaces a text in a file, as who saves it.
func (s *shop) change(name, was, is string) {
	s.t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(name)))
	require.NoError(s.t, err)
	require.Contains(s.t, string(data), was)
	s.write(name, strings.Replace(string(data), was, is, 1))
}

func TestBrowser(t *testing.T) {
	b := startBrowser(t)
	s := runShop(t)
	tab := b.newTab(1280, 900)
	tab.open(s.url + "/")
	tab.waitForText("Version one")
	assert.Empty(t, tab.complaints())

	t.Run("a page is loaded again when its program has changed", func(t *testing.T) {
		s.change("main.go", "Version one", "Version two")
		tab.waitForText("Version two")
	})
	t.Run("a compile error comes and goes by itself", func(t *testing.T) {
		s.change("main.go", "<h1>Version two</h1>\" })", "<h1>Version three</h1>\" + nothing })")
		tab.waitForText("undefined: nothing")
		assert.Contains(t, tab.text(), "main.go")
		tab.lookAt("compile-error")
		s.change("main.go", " + nothing", "")
		tab.waitForText("Version three")
	})
	t.Run("a template that fails", func(t *testing.T) {
		tab.open(s.url + "/invoice")
		tab.waitForText("Total")
		assert.Equal(t, true, tab.run(`document.querySelector(".call.template .marked").innerText.includes("You pay {{.order.Total}}")`))
		tab.lookAt("template")
		s.change("templates/invoice.html", "{{.order.Total}}", "nothing")
		tab.waitForText("You pay nothing.")
		assert.Empty(t, tab.complaints())
	})
	t.Run("the debugger", func(t *testing.T) { browseDebugger(t, s, tab) })
}

// browseDebugger looks at a failure, before and after the PIN, and mends it.
func browseDebugger(t *testing.T, s *shop, tab *tab) {
	tab.open(s.url + "/login")
	tab.waitForText("logged in")
	tab.open(s.url + "/orders/7?coupon=spring")
	tab.waitForText("the stock is not counted yet <script>")
	text := tab.text()
	for _, want := range []string{"*fmt.wrapError", "order 7: ", "main.page", "main.showOrder", "/orders/<int:id>", "Debugger PIN"} {
		assert.Contains(t, text, want)
	}
	for _, private := range []string{"User-Agent", "coupon", `"ada"`} {
		assert.NotContains(t, text, private)
	}
	assert.Equal(t, true, tab.run(`document.title.startsWith("order 7: ")`), "no markup of the message is taken for markup")
	assert.Equal(t, true, tab.run(`document.querySelector(".marked").innerText.includes("panic(fmt.Errorf(")`))
	assert.Regexp(t, regexp.MustCompile(`^vscode://file/.*main\.go:\d+`), tab.run(`document.querySelector("a[href^=vscode]").href`))
	assert.Equal(t, true, tab.run(`document.documentElement.scrollWidth <= innerWidth`), "the page is no wider than the window")
	assert.Empty(t, tab.complaints())

	tab.fill("#pin", "000-000-000")
	tab.press("Enter")
	tab.waitForText("This is not the PIN.")
	tab.complaints() // of the refusal
	tab.run(`document.querySelector("#pin").select()`)
	tab.fill("#pin", "123456789")
	tab.press("Enter")
	tab.waitForText("User-Agent")
	text = tab.text()
	assert.Contains(t, text, "coupon")
	assert.Contains(t, text, `"ada"`)
	assert.NotContains(t, tab.run("document.documentElement.outerHTML"), "a-secret-key-of-the-shop")
	tab.lookAt("debugger-open")

	tab.open(s.url + "/orders/8")
	tab.waitForText("order 8: ")
	tab.waitForText("User-Agent") // the PIN is remembered
	assert.Empty(t, tab.complaints())

	s.change("main.go", "len(items) > 1", "len(items) > 2")
	tab.waitForText("Order 8")
}
