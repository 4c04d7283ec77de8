package templates_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/templates"
)

func TestErrorPageEscapesAndBreaksLines(t *testing.T) {
	page := templates.ErrorPage{Code: 418, Name: "I'm a Teapot", Description: "<b>short</b>\n& stout"}
	want := "<!doctype html>\n<html lang=en>\n<title>418 I&#39;m a Teapot</title>\n<h1>I&#39;m a Teapot</h1>\n" +
		"<p>&lt;b&gt;short&lt;/b&gt;<br>&amp; stout</p>\n"
	assert.Equal(t, want, page.String())
}

func TestErrorPageShowsTheExplanation(t *testing.T) {
	page := templates.ErrorPage{Code: 404, Name: "Not Found", Description: "No.", Explanation: "/<int:id>: refused"}
	assert.Contains(t, page.String(), "<pre>/&lt;int:id&gt;: refused</pre>\n")
}

func TestRedirectPageEscapesItsTarget(t *testing.T) {
	page := templates.RedirectPage{Location: `/x?a="><script>`}.String()
	assert.Contains(t, page, `<a href="/x?a=%22%3e%3cscript%3e">/x?a=&#34;&gt;&lt;script&gt;</a>`)
}

func TestRedirectPageDefusesScriptTargets(t *testing.T) {
	assert.NotContains(t, templates.RedirectPage{Location: "javascript:alert(1)"}.String(), `href="javascript:`)
}
