// Blueprints is a site in two languages, made of parts: a blueprint whose prefix
// holds the language, the blog in it, a package with pages and styles of its own,
// and an API that answers its own 404. It serves on 127.0.0.1:5000.
//
//	$ go run ./examples/blueprints
//
//	$ curl -i -H 'Accept-Language: de' http://127.0.0.1:5000/
//	HTTP/1.1 303 See Other
//	Location: /de/
package main

import (
	"cmp"
	"log"
	"strings"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/examples/blueprints/blog"
)

// language is that of the request: "en" or "de".
var language = retort.NewKey[string]("language")

func newApp() *retort.App {
	app := retort.New("blueprints")
	app.Get("/")(func(c *retort.Context) any {
		best := cmp.Or(c.Request.AcceptLanguages().BestMatch("en", "de"), "en")
		return c.Redirect(c.URLFor("site.home", "lang", best))
	})
	app.RegisterBlueprint(newSite())
	app.RegisterBlueprint(newAPI())
	return app
}

// newSite is everything below a language. The preprocessor takes the language out
// of the arguments, so that no view has to, and the URL defaults put it into every
// URL that is built.
func newSite() *retort.Blueprint {
	site := retort.NewBlueprint("site", retort.URLPrefix("/<any(en, de):lang>"), retort.HandleRoutingErrors())
	site.URLValuePreprocessor(func(c *retort.Context, _ string, values retort.H) {
		language.Set(c, values["lang"].(string))
		delete(values, "lang")
	}, "lang")
	site.URLDefaults(func(c *retort.Context, _ string, values retort.H) {
		if _, given := values["lang"]; !given && c != nil {
			values["lang"] = language.Get(c)
		}
	})
	site.ContextProcessor(func(c *retort.Context) retort.H { return retort.H{"lang": language.Get(c)} })

	site.Get("/")(home)
	site.RegisterBlueprint(blog.New(language.Get)) // its URLs are /en/blog/…, its endpoints site.blog.…

	// HandleRoutingErrors has this page answer below /en/ and /de/ also where there
	// is no rule. The request then has no arguments: the language is in its path.
	site.ErrorHandler(404)(func(c *retort.Context) any {
		language.Set(c, strings.Split(c.Request.Path(), "/")[1])
		return retort.Reply(c.RenderTemplate("404.html", retort.H{"lang": language.Get(c)}), 404)
	})
	return site
}

func home(c *retort.Context) any { return c.RenderTemplate("home.html") }

// newAPI is for programs: JSON, its errors too.
func newAPI() *retort.Blueprint {
	api := retort.NewBlueprint("api", retort.URLPrefix("/api"), retort.HandleRoutingErrors())
	api.Get("/posts")(func() any { return blog.Posts() })
	failed := func(e *retort.HTTPError) (retort.H, int) { return retort.H{"error": e.Name()}, e.Code }
	api.ErrorHandler(404)(failed)
	api.ErrorHandler(405)(failed)
	return api
}

func main() {
	if err := newApp().Run(); err != nil {
		log.Fatal(err)
	}
}
