// Package blog is a blueprint in a package of its own: its templates and static
// files are in the directories beside this file, and it knows nothing of the app
// that it becomes a part of.
package blog

import "github.com/retort-go/retort"

// Post is a post, its title and text by language.
type Post struct {
	ID    int               `json:"id"`
	Title map[string]string `json:"title"`
	Text  map[string]string `json:"text"`
}

// Posts gives all posts, the newest first.
func Posts() []Post {
	return []Post{
		{2, map[string]string{"en": "Distilling", "de": "Destillieren"},
			map[string]string{"en": "Heat gently, and wait.", "de": "Sanft erhitzen, und warten."}},
		{1, map[string]string{"en": "A new flask", "de": "Ein neuer Kolben"},
			map[string]string{"en": "It holds half a litre.", "de": "Er fasst einen halben Liter."}},
	}
}

// New makes the blueprint. language gives the language of a request.
func New(language func(*retort.Context) string) *retort.Blueprint {
	bp := retort.NewBlueprint("blog", retort.URLPrefix("/blog"), retort.StaticFolder("static"), retort.TemplateFolder("templates"))
	b := &blog{language}
	bp.Get("/")(b.index)
	bp.Get("/<int:id>")(b.show)
	return bp
}

type blog struct{ language func(*retort.Context) string }

func (b *blog) index(c *retort.Context) any {
	return c.RenderTemplate("blog/index.html", retort.H{"posts": Posts()})
}

func (b *blog) show(c *retort.Context, id int) any {
	for _, p := range Posts() {
		if p.ID == id {
			lang := b.language(c)
			return c.RenderTemplate("blog/post.html", retort.H{"title": p.Title[lang], "text": p.Text[lang]})
		}
	}
	return retort.Error(404) // answered by the blueprint around this one
}
