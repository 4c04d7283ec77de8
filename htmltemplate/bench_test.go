package htmltemplate

import (
	"bytes"
	htmltemplate "html/template"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	benchLayout = `<!doctype html><html><head><title>{{block "title" .}}{{end}}</title></head><body>{{block "body" .}}{{end}}</body></html>`
	benchTitle  = `{{define "title"}}Notes of {{.name}}{{end}}`
	benchBody   = `{{define "body"}}<ul>{{range .notes}}<li><a href="/notes/{{.ID}}">{{.Text}}</a></li>{{end}}</ul>{{end}}`
)

type note struct {
	ID   int
	Text string
}

var benchData = map[string]any{"name": "Ann", "notes": []note{{1, "milk & bread"}, {2, "call <Bob>"}, {3, "rest"}}}

func benchEngine(t testing.TB) *Engine {
	return engine(t, Options{}, "layout.html", benchLayout, "p.html", `{{extends "layout.html"}}`+benchTitle+benchBody)
}

func bare(t testing.TB) *htmltemplate.Template {
	return htmltemplate.Must(htmltemplate.New("p.html").Parse(benchLayout + benchTitle + benchBody))
}

func TestTheBenchmarksRenderTheSame(t *testing.T) {
	var want, got bytes.Buffer
	require.NoError(t, bare(t).Execute(&want, benchData))
	require.NoError(t, benchEngine(t).Render(&got, "p.html", benchData, nil))
	assert.Equal(t, want.String(), got.String())
}

func BenchmarkRender(b *testing.B) {
	b.Run("html-template", func(b *testing.B) {
		set := bare(b)
		var out bytes.Buffer
		b.ReportAllocs()
		for b.Loop() {
			out.Reset()
			_ = set.Execute(&out, benchData)
		}
	})
	b.Run("engine", func(b *testing.B) {
		e := benchEngine(b)
		var out bytes.Buffer
		b.ReportAllocs()
		for b.Loop() {
			out.Reset()
			_ = e.Render(&out, "p.html", benchData, nil)
		}
	})
}

func BenchmarkCompile(b *testing.B) {
	e := benchEngine(b)
	for b.Loop() {
		_, _ = e.compile("p.html")
	}
}
