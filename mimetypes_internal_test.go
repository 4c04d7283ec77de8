package retort

import (
	"mime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGuessType(t *testing.T) {
	for name, want := range map[string][2]string{
		"a.txt":           {"text/plain", ""},
		"A.TXT":           {"text/plain", ""},
		"dir.css/a":       {"application/octet-stream", ""},
		"a.unknown":       {"application/octet-stream", ""},
		"a.":              {"application/octet-stream", ""},
		"":                {"application/octet-stream", ""},
		".hidden":         {"application/octet-stream", ""},
		".css":            {"application/octet-stream", ""},
		".config.json":    {"application/json", ""},
		"a.tar.gz":        {"application/x-tar", "gzip"},
		"a.tgz":           {"application/x-tar", "gzip"},
		"a.svgz":          {"image/svg+xml", "gzip"},
		"a.css.br":        {"text/css", "br"},
		"a.css.zst":       {"text/css", "zstd"},
		"a.gz":            {"application/octet-stream", "gzip"},
		"a.tar.bz2":       {"application/x-bzip2", ""},
		"Bücher/größe.md": {"text/markdown", ""},
	} {
		mimetype, coding := guessType(name)
		assert.Equal(t, want, [2]string{mimetype, coding}, name)
	}
}

func TestTheTableOfMimetypes(t *testing.T) {
	for ext, mimetype := range mimetypes {
		assert.Equal(t, strings.ToLower(ext), ext)
		parsed, params, err := mime.ParseMediaType(mimetype)
		require.NoError(t, err, ext)
		assert.Equal(t, mimetype, parsed, ext)
		assert.Empty(t, params, ext)
		assert.Empty(t, codings[ext], "%s cannot be a type and a coding", ext)
	}
}

func TestWithCharset(t *testing.T) {
	for mimetype, want := range map[string]string{
		"text/css": "text/css; charset=utf-8", "image/svg+xml": "image/svg+xml; charset=utf-8",
		"application/xml": "application/xml; charset=utf-8", "application/json": "application/json", "image/png": "image/png",
	} {
		assert.Equal(t, want, withCharset(mimetype))
	}
}
