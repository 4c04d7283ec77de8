// Sessions is a diary for those who log in. It shows the signed session cookie, a
// login_required decorator, the way back to the page that was asked for, and what
// keeps strangers' pages from writing into it. It serves on 127.0.0.1:5000; log in
// as ada with the password lovelace.
//
//	$ RETORT_SECRET_KEY=… go run ./examples/sessions
//
//	$ curl -i http://127.0.0.1:5000/diary
//	HTTP/1.1 303 See Other
//	Location: /login?next=/diary
package main

import (
	"log"
	"sync"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/security"
)

type user struct{ Name, passwordHash string }

// current is the user of the request, nil for a visitor.
var current = retort.NewKey[*user]("user")

type diary struct {
	users  map[string]*user
	nobody user // whose password is nobody's
	mu     sync.Mutex
	pages  map[string][]string // by the name of the user
}

func newApp() *retort.App {
	app := retort.New("sessions")
	// The key signs the cookies. One that is made at each start logs everybody
	// out then; RETORT_SECRET_KEY in the environment is a lasting one.
	app.Config.Set("SECRET_KEY", security.Token(32))
	app.Config.FromPrefixedEnv()

	d := &diary{users: make(map[string]*user), pages: make(map[string][]string)}
	d.register("ada", "lovelace")
	d.nobody.passwordHash = hashed(security.Token(32))
	app.BeforeRequest(d.loadUser)
	app.ContextProcessor(func(c *retort.Context) retort.H { return retort.H{"user": current.Get(c)} })

	app.Get("/")(index)
	app.Get("/login")(loginForm)
	app.Post("/login")(d.login)
	app.Post("/logout")(logout)
	app.Get("/diary")(loginRequired(d.read)) // reads as stacked decorators do in Python
	app.Post("/diary")(loginRequired(d.write))
	return app
}

// loginRequired lets only those pass who have logged in.
func loginRequired(view any) any {
	return retort.Decorate(view, func(c *retort.Context, next retort.Next) any {
		if current.Get(c) == nil {
			c.Flash("Log in to see this page.")
			return c.Redirect(c.URLFor("loginForm", "next", c.Request.ScriptRoot()+c.Request.Path()))
		}
		return next()
	})
}

func (d *diary) register(name, password string) {
	d.users[name] = &user{name, hashed(password)}
}

func hashed(password string) string {
	hash, err := security.HashPassword(password)
	if err != nil {
		log.Fatal(err)
	}
	return hash
}

func (d *diary) loadUser(c *retort.Context) {
	if name, ok := c.Session().Get("user").(string); ok {
		current.Set(c, d.users[name])
	}
}

func index(c *retort.Context) any { return c.RenderTemplate("index.html") }

func loginForm(c *retort.Context) any {
	return c.RenderTemplate("login.html", retort.H{"next": c.Request.Args().Get("next")})
}

func (d *diary) login(c *retort.Context) any {
	form := c.Request.Form()
	u := d.users[form.Require("name")]
	if u == nil {
		u = &d.nobody // checking takes its time here too, and does not tell who has an account
	}
	if !security.CheckPasswordHash(u.passwordHash, form.Require("password")) {
		c.Flash("There is nobody with this name and password.", "error")
		return c.Redirect(c.URLFor("loginForm", "next", form.Get("next")))
	}
	session := c.Session()
	session.Clear() // nothing of the visitor before goes on
	session.Set("user", u.Name)
	if form.Has("remember") {
		session.SetPermanent(true) // also when the browser has been closed
	}
	// The form had next from the URL, which anybody can make up: it must not
	// lead to another site.
	return c.Redirect(security.SafeRedirectTarget(form.Get("next"), c.URLFor("read")))
}

func logout(c *retort.Context) any {
	c.Session().Clear()
	c.Flash("You have logged out.")
	return c.Redirect(c.URLFor("index"))
}

func (d *diary) read(c *retort.Context) any {
	d.mu.Lock()
	defer d.mu.Unlock()
	return c.RenderTemplate("diary.html", retort.H{"pages": d.pages[current.Get(c).Name]})
}

func (d *diary) write(c *retort.Context) any {
	d.mu.Lock()
	defer d.mu.Unlock()
	name := current.Get(c).Name
	d.pages[name] = append(d.pages[name], c.Request.Form().Require("text"))
	return c.Redirect(c.URLFor("read"))
}

func main() {
	if err := newApp().Run(); err != nil {
		log.Fatal(err)
	}
}
