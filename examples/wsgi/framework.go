package main

import (
	"embed"
	"io/fs"

	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/middleware"
)

//go:embed static
var static embed.FS

// Framework is the class with which frameworks begin. It is called as the app,
// but what it calls is a field: middleware is put around the field, and the
// object stays the object. In Python:
//
//	class FrameWork:
//	    def dispatch_request(self, environ): ...
//	    def wsgi_app(self, environ, start_response): ...
//	    def __call__(self, environ, start_response):
//	        return self.wsgi_app(environ, start_response)
type Framework struct {
	WSGIApp gateway.App
	views   map[string]view
}

type view func(env *gateway.Environ) string

// Call is Python's __call__.
func (f *Framework) Call(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	return f.WSGIApp.Call(env, start)
}

// respond is wsgi_app as it is before anybody wraps it.
func (f *Framework) respond(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	status, body := f.dispatch(env)
	if _, err := start(status, gateway.Headers{{"Content-Type", "text/html; charset=utf-8"}}, nil); err != nil {
		return nil, err
	}
	return gateway.String(body), nil
}

func (f *Framework) dispatch(env *gateway.Environ) (status, body string) {
	v, ok := f.views[env.Value("PATH_INFO")]
	if !ok {
		return "404 Not Found", "<h1>Not Found</h1>\n"
	}
	return "200 OK", v(env)
}

func index(env *gateway.Environ) string {
	return "<link rel=stylesheet href=/static/style.css>\n<h1>" + env.Value("REQUEST_METHOD") + " through a framework</h1>\n"
}

// newFramework makes the object and puts files in front of it. In Python:
//
//	app = FrameWork()
//	app.wsgi_app = SharedDataMiddleware(app.wsgi_app, {"/static": "static"})
//
// The middleware here is one of net/http: the two adapters carry the request
// there and back.
func newFramework() *Framework {
	f := &Framework{views: map[string]view{"/": index}}
	f.WSGIApp = gateway.AppFunc(f.respond)

	files, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // the name is a constant
	}
	shared := middleware.SharedData(map[string]fs.FS{"/static": files})
	f.WSGIApp = gateway.FromHandler(shared(gateway.ToHandler(f.WSGIApp)))
	return f
}
