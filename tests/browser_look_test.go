package tests

import (
	_ "embed"
	"fmt"

	"github.com/stretchr/testify/assert"
)

// lookScript gives what is wrong with how a page looks.
//
//go:embed testdata/browser/look.js
var lookScript string

// looksWell asserts that a page can be read and used as it is shown now.
func (p *tab) looksWell(format string, args ...any) {
	p.b.t.Helper()
	assert.Equal(p.b.t, []any{}, p.run(lookScript), fmt.Sprintf(format, args...))
}

// views are the windows that pages are looked at in; of some, pictures are kept.
var views = []struct {
	scheme, size string
	width        int
	keep         bool
}{
	{"light", "wide", 1400, true}, {"dark", "wide", 1400, false}, {"dark", "narrow", 400, true}, {"light", "narrow", 320, false},
}

// lookAt looks at a page in light and dark, in wide and narrow windows, and keeps
// pictures of it under a name.
func (p *tab) lookAt(name string) {
	p.b.t.Helper()
	for _, v := range views {
		p.scheme(v.scheme)
		p.resize(v.width, 900)
		p.looksWell("%s, %s, %d wide", name, v.scheme, v.width)
		if v.keep {
			p.screenshot(name + "-" + v.scheme + "-" + v.size)
		}
	}
	p.scheme("light")
	p.resize(1280, 900)
}

// tabOrder presses Tab until the page has gone round, and gives the texts of what
// had the focus. Where the focus is must be seen.
func (p *tab) tabOrder() []string {
	p.b.t.Helper()
	p.run("document.activeElement.blur(); getSelection().removeAllRanges(); scrollTo(0, 0)")
	var order []string
	for range 200 {
		p.press("Tab")
		text, _ := p.run(`(e => e === document.body ? "" : (e.ariaLabel || e.innerText || e.name || e.tagName).trim().split("\n")[0])(document.activeElement)`).(string)
		if text == "" || len(order) > 1 && p.run("document.activeElement === window.firstFocus") == true {
			break
		}
		if len(order) == 0 {
			p.run("window.firstFocus = document.activeElement")
		}
		order = append(order, text)
		assert.Equal(p.b.t, true, p.run(`(s => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1)(getComputedStyle(document.activeElement))`), "the focus on %q is seen", text)
		assert.Equal(p.b.t, true, p.run(`(r => r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth)(document.activeElement.getBoundingClientRect())`), "%q is in the window when it has the focus", text)
	}
	return order
}
