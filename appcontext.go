package retort

import "context"

// WithAppContext calls f with a Context that belongs to no request: for
// commands, background work and scripts that use what takes a Context. Then the
// [App.TeardownAppContext] functions run, as after a request, with the error of
// f. It returns that error; a panic of f goes on after them.
//
//	app.Go(func(ctx context.Context) {
//		err := app.WithAppContext(ctx, func(c *retort.Context) error {
//			return sendMail(c, c.URLFor("index", retort.External()))
//		})
//		…
//	})
//
// c.Request is nil, c.Context gives ctx, in which [FromContext] finds c, and
// values are c's own, also when ctx belongs to a request. After f has returned c
// must not be used. The app may still be in its setup, and is not frozen.
//
// Source: Flask: app.py, app_context.
func (a *App) WithAppContext(ctx context.Context, f func(c *Context) error) (err error) {
	c := &Context{App: a}
	c.more().ctx = &requestContext{ctx, c}
	defer func() {
		v := recover()
		if v != nil {
			err = thrownError(v)
		}
		a.teardown(c, err)
		if v != nil {
			panic(v)
		}
	}()
	a.Signals.AppContextPushed.Send(a, AppContextPushed{c})
	return f(c)
}
