package tests

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
)

// fileSpec is a file under the root path of an app.
type fileSpec struct {
	Text   *string `json:"text"`
	B64    *string `json:"b64"`
	Repeat int     `json:"repeat"`
	MTime  int64   `json:"mtime"`
}

func (f *fileSpec) bytes() []byte {
	data := bodySpec{Text: f.Text, B64: f.B64}.bytes()
	return bytes.Repeat(data, max(f.Repeat, 1))
}

// writeFiles puts the files and templates of an app into a directory, its root path.
func (spec *appSpec) writeFiles(t *testing.T) {
	t.Helper()
	if spec.Files == nil && spec.Templates == nil {
		return
	}
	spec.root = t.TempDir()
	for name, source := range spec.Templates {
		text, err := translate(source)
		require.NoError(t, err)
		path := filepath.Join(spec.root, "templates", filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	for name, f := range spec.Files {
		path := filepath.Join(spec.root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, f.bytes(), 0o644))
		mtime := time.Unix(1700000000, 0)
		if f.MTime != 0 {
			mtime = time.Unix(f.MTime, 0)
		}
		require.NoError(t, os.Chtimes(path, mtime, mtime))
	}
}

// fileOptions are the options of the app that say where its files are. Flask
// has a rule for static files also when there are none.
func (spec *appSpec) fileOptions() []retort.Option {
	var list []retort.Option
	if spec.root != "" {
		list = append(list, retort.RootPath(spec.root))
	}
	if folder, given := spec.Options["static_folder"]; given {
		name, _ := folder.(string) // null: none
		list = append(list, retort.StaticFolder(name))
	}
	if path, ok := spec.Options["static_url_path"].(string); ok {
		list = append(list, retort.StaticURLPath(path))
	}
	host, hasHost := spec.Options["static_host"].(string)
	if hasHost {
		list = append(list, retort.StaticHost(host))
	}
	if len(spec.Files) == 0 && spec.Options["host_matching"] != true && spec.Options["static_folder"] == nil {
		list = append(list, retort.StaticFolder("static"))
	}
	return list
}

// sendSpec are the arguments of send_file and its relatives.
type sendSpec struct {
	Path         string          `json:"path"`
	Data         *string         `json:"data"`
	Directory    string          `json:"directory"`
	Filename     string          `json:"filename"`
	Mimetype     string          `json:"mimetype"`
	AsAttachment bool            `json:"as_attachment"`
	DownloadName *string         `json:"download_name"`
	Conditional  *bool           `json:"conditional"`
	ETag         json.RawMessage `json:"etag"`
	LastModified *int64          `json:"last_modified"`
	MaxAge       *int            `json:"max_age"`
}

func (spec *sendSpec) options(in *interpreter) []retort.SendFileOption {
	var list []retort.SendFileOption
	if spec.Mimetype != "" {
		list = append(list, retort.Mimetype(spec.Mimetype))
	}
	if spec.AsAttachment {
		list = append(list, retort.AsAttachment())
	}
	if spec.DownloadName != nil {
		list = append(list, retort.DownloadName(*spec.DownloadName))
	}
	if spec.Conditional != nil {
		list = append(list, retort.Conditional(*spec.Conditional))
	}
	switch {
	case bytes.HasPrefix(spec.ETag, []byte(`"`)):
		list = append(list, retort.ETag(decode[string](in, spec.ETag)))
	case string(spec.ETag) == "false":
		list = append(list, retort.ETag(""))
	}
	if spec.LastModified != nil {
		list = append(list, retort.LastModified(time.Unix(*spec.LastModified, 0)))
	}
	if spec.MaxAge != nil {
		list = append(list, retort.MaxAge(time.Duration(*spec.MaxAge)*time.Second))
	}
	return list
}

func stepSendFile(in *interpreter, spec sendSpec) any {
	return in.c.SendFile(spec.Path, spec.options(in)...)
}

// stepSendBytes sends a file object, as which Python has an io.BytesIO.
func stepSendBytes(in *interpreter, spec sendSpec) any {
	return in.c.SendFile(strings.NewReader(*spec.Data), spec.options(in)...)
}

func stepSendFromDirectory(in *interpreter, spec sendSpec) any {
	name := spec.Filename
	if name == "" {
		name = fmt.Sprint(in.c.ViewArgs()["filename"])
	}
	return in.c.SendFromDirectory(spec.Directory, name, spec.options(in)...)
}

// soon compares the mask <now+N>, which was rounded to ten seconds, with a date.
func soon(mask, got string) bool {
	var seconds int
	if _, err := fmt.Sscanf(mask, "<now+%d>", &seconds); err != nil {
		return false
	}
	at, err := time.Parse("Mon, 02 Jan 2006 15:04:05 GMT", got)
	off := time.Until(at) - time.Duration(seconds)*time.Second
	return err == nil && off.Abs() <= 10*time.Second
}
