package retort

import (
	"path"
	"path/filepath"
	"strings"
)

// StaticFolder is the folder of the static files, below the root path
// ([RootPath]) or absolute. Each of its files is at the URL
// /static/NAME, where static is the last element of dir or what [StaticURLPath]
// says, and App.URLFor("static", "filename", NAME) builds that URL. An empty dir
// means that there are none.
//
// Without this option the folder of an app is static, if there is one when [New]
// is called, and a blueprint has none. That of a blueprint has its URLs below
// the blueprint's prefix, with the endpoint NAME.static.
//
// Differs from Flask: the default folder has a rule only when it exists, because
// an app without static files should not list, match and answer 405 for a rule
// that it did not ask for. A folder that is made later is named with this option,
// which adds the rule in any case.
//
// Source: Flask: app.py, static_folder.
func StaticFolder(dir string) interface {
	Option
	BlueprintOption
} {
	return filesOption(func(o *fileOptions) { o.static.dir, o.static.given = dir, true })
}

// StaticURLPath is the path of the URLs of the static files: "/assets" puts them
// at /assets/NAME, "" at /NAME.
//
// Source: Flask: app.py, static_url_path.
func StaticURLPath(prefix string) interface {
	Option
	BlueprintOption
} {
	return filesOption(func(o *fileOptions) { o.static.urlPath, o.static.given = &prefix, true })
}

// StaticHost is the host of the static files in an app with [HostMatching],
// which has none without it.
//
// Source: Flask: app.py, static_host.
func StaticHost(host string) Option {
	return appOption(func(o *appOptions) { o.static.host, o.static.given = host, true })
}

// staticOptions are the options of New about static files.
type staticOptions struct {
	given   bool // one of them was
	dir     string
	urlPath *string
	host    string
	send    []SendFileOption
}

// addStatic registers the rule of the static files, if there are any.
func (a *App) addStatic(at position, o staticOptions) {
	if o.dir == "" {
		return
	}
	a.static = a.root.sub(o.dir)
	a.static.held = new(heldRoot)
	if !o.given && (!a.static.exists() || a.urls.Options().HostMatching) {
		return
	}
	var opts []RouteOption
	switch matching := a.urls.Options().HostMatching; {
	case matching && o.host == "":
		panic("retort: an app with HostMatching needs a StaticHost for its static files, or StaticFolder(\"\") to have none")
	case !matching && o.host != "":
		panic("retort: StaticHost is for apps with HostMatching; without it static files are there on every host")
	case matching:
		opts = append(opts, Host(o.host))
	}
	a.register(at, o.rule(), "static", staticView(a.static, o.send), opts)
}

// rule is the rule of the static files.
func (o *staticOptions) rule() string {
	prefix := "/" + path.Base(filepath.ToSlash(o.dir))
	if o.urlPath != nil {
		prefix = strings.TrimRight(*o.urlPath, "/")
	}
	return prefix + "/<path:filename>"
}

func staticView(d folder, send []SendFileOption) func(*Context, string) *Response {
	return func(c *Context, filename string) *Response { return c.sendFrom(d, filename, send) }
}
