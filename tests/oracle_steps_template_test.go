package tests

import (
	"encoding/json"
	"fmt"

	"github.com/retort-go/retort"
)

// translated are the recorded templates, which are Jinja's, and what says the
// same in html/template. A template that is not here cannot be replayed.
//
// Python prints False where Go prints false, and html/template escapes the
// quotes of JSON in the text of a page, which means the same to a browser: the
// translations write what Jinja does.
var translated = map[string]string{
	// files
	`<title>{% block title %}T{% endblock %}</title>{% block body %}{% endblock %}`: `<title>{{block "title" .}}T{{end}}</title>{{block "body" .}}{{end}}`,
	`{{ x }}`:                   `{{.x}}`,
	`{{ session.k or 'none' }}`: `{{or (session.Get "k") "none"}}`,
	`<script>var a = {{ x|tojson }};</script>`:                                                  `<script>var a = {{.x | tojson}};</script>`,
	`{% for c, m in get_flashed_messages(with_categories=true) %}[{{ c }}:{{ m }}]{% endfor %}`: `{{range get_flashed_messages}}[{{.Category}}:{{.Message}}]{{end}}`,
	`{% extends 'base.html' %}{% block body %}{{ x }}|{{ x|safe }}|{{ request.path }}|{{ url_for('t', n=3) }}|{{ g.get('z', 'nog') }}|{{ config.TESTING }}{% endblock %}`: `{{extends "base.html"}}{{define "body"}}{{.x}}|{{.x | safe}}|{{request.Path}}|{{url_for "t" "n" 3}}|{{g.Get "z" | default "nog"}}|{{if config.Bool "TESTING"}}True{{else}}False{{end}}{{end}}`,
	// strings
	`{{ x }}-{{ request.method }}-{{ y|default('d') }}`:  `{{.x}}-{{request.Method}}-{{.y | default "d"}}`,
	"{% autoescape false %}{{ x }}{% endautoescape %}\n": `{{.x | safe}}`,
	`{{ x|tojson }} {{ y|tojson(indent=2) }}`:            `{{.x | tojson | safe}} {{.y | tojson 2 | safe}}`,
	`[{{ nope }}][{{ nope.x }}]`:                         `[{{.nope}}][{{index .nope "x"}}]`,
	`{% if %}`:                                           `{{if}}`,
}

// translate gives a recorded template in html/template.
func translate(source string) (string, error) {
	text, ok := translated[source]
	if !ok {
		return "", fmt.Errorf("the replay has no translation of the template %q", source)
	}
	return text, nil
}

// context is the data of a recorded template.
func (in *interpreter) context(values map[string]json.RawMessage) retort.H {
	data := make(retort.H)
	for name, v := range values {
		data[name] = in.json(v)
	}
	return data
}

func stepRender(in *interpreter, arg struct {
	Template string                     `json:"template"`
	Context  map[string]json.RawMessage `json:"context"`
}) any {
	return in.c.RenderTemplate(arg.Template, in.context(arg.Context))
}

func stepRenderString(in *interpreter, arg struct {
	Source  string                     `json:"source"`
	Context map[string]json.RawMessage `json:"context"`
}) any {
	source, err := translate(arg.Source)
	if err != nil {
		in.fail(err)
	}
	return in.c.RenderTemplateString(source, in.context(arg.Context))
}
