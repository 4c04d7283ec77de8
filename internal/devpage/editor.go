package devpage

import (
	"html/template"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// EnvEditor is the variable that says which editor the links open: one of those
// below, a URL with {file}, {line} and {column} in it, or off.
const EnvEditor = "RETORT_EDITOR"

// editorURL is what opens a file in an editor, "" for one that is not known.
func editorURL(editor string) string {
	switch strings.ToLower(editor) {
	case "", "code", "vscode":
		return "vscode://file/{file}:{line}:{column}"
	case "cursor", "windsurf":
		return strings.ToLower(editor) + "://file/{file}:{line}:{column}"
	case "codium", "vscodium":
		return "vscodium://file/{file}:{line}:{column}"
	case "zed":
		return "zed://file/{file}:{line}:{column}"
	case "idea", "goland":
		return strings.ToLower(editor) + "://open?file={file}&line={line}&column={column}"
	case "sublime":
		return "subl://open?url=file://{file}&line={line}&column={column}"
	case "textmate":
		return "txmt://open?url=file://{file}&line={line}&column={column}"
	}
	scheme, _, ok := strings.Cut(editor, ":")
	if !ok || !strings.Contains(editor, "{file}") || strings.ContainsAny(editor, "\"'<> \n\\") {
		return ""
	}
	switch strings.ToLower(scheme) {
	case "javascript", "data", "vbscript", "blob", "about":
		return ""
	}
	return editor
}

// EditorURL opens a place in the editor of [EnvEditor], by default Visual Studio
// Code. A line or column of 0 is 1. It is "" without a whole path, and when the
// editor is off or not known.
func EditorURL(file string, line, column int) template.URL {
	return placeURL(editorURL(os.Getenv(EnvEditor)), file, line, column)
}

func placeURL(pattern, file string, line, column int) template.URL {
	file = strings.ReplaceAll(file, `\`, "/")
	rooted := strings.HasPrefix(file, "/") || len(file) > 2 && file[1] == ':' && file[2] == '/'
	if pattern == "" || !rooted || strings.Contains(file, "\x00") {
		return ""
	}
	if strings.Contains(pattern, "//file/{file}") {
		file = strings.TrimPrefix(file, "/")
	}
	escaped := strings.NewReplacer("+", "%20", "%2F", "/", "%3A", ":").Replace(url.QueryEscape(file))
	return template.URL(strings.NewReplacer(
		"{file}", escaped, "{line}", strconv.Itoa(max(line, 1)), "{column}", strconv.Itoa(max(column, 1)),
	).Replace(pattern))
}
