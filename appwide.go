package retort

// What a blueprint adds to the whole app: it takes effect when the blueprint is
// registered with the app for the first time.

// BeforeAppRequest is [App.BeforeRequest] for every request of the app.
//
// Source: Flask: sansio/blueprints.py, before_app_request.
func (bp *Blueprint) BeforeAppRequest(f any) {
	hook := mustBeBeforeHook("BeforeAppRequest", f)
	bp.once("BeforeAppRequest", func(a *App) { a.scope.before = append(a.scope.before, hook) })
}

// AfterAppRequest is [App.AfterRequest] for every request of the app.
func (bp *Blueprint) AfterAppRequest(f func(c *Context, res *Response)) {
	refuseNil("AfterAppRequest", f)
	bp.once("AfterAppRequest", func(a *App) { a.AfterRequest(f) })
}

// TeardownAppRequest is [App.TeardownRequest] for every request of the app.
func (bp *Blueprint) TeardownAppRequest(f func(c *Context, err error)) {
	refuseNil("TeardownAppRequest", f)
	bp.once("TeardownAppRequest", func(a *App) { a.TeardownRequest(f) })
}

// AppContextProcessor is [App.ContextProcessor] for every template of the app.
func (bp *Blueprint) AppContextProcessor(f func(c *Context) H) {
	refuseNil("AppContextProcessor", f)
	bp.once("AppContextProcessor", func(a *App) { a.ContextProcessor(f) })
}

// AppURLValuePreprocessor is [App.URLValuePreprocessor] for every request of the
// app.
func (bp *Blueprint) AppURLValuePreprocessor(f func(c *Context, endpoint string, values H), takes ...string) {
	refuseNil("AppURLValuePreprocessor", f)
	bp.once("AppURLValuePreprocessor", func(a *App) { a.URLValuePreprocessor(f, takes...) })
}

// AppURLDefaults is [App.URLDefaults] for every URL of the app.
func (bp *Blueprint) AppURLDefaults(f func(c *Context, endpoint string, values H)) {
	refuseNil("AppURLDefaults", f)
	bp.once("AppURLDefaults", func(a *App) { a.URLDefaults(f) })
}

// AppErrorHandler is [App.ErrorHandler] for every request of the app.
func (bp *Blueprint) AppErrorHandler(code int) Decorator {
	checkErrorCode(code)
	return func(handler any) any {
		h := newErrorHandler(code, handler)
		bp.once("AppErrorHandler", func(a *App) { a.scope.handlers.setCode(code, h) })
		return handler
	}
}

// OnAppError is [OnError] for every request of the app that bp is registered
// with.
func OnAppError[E error](bp *Blueprint, f func(c *Context, err E) any) {
	refuseNil("OnAppError", f)
	bp.once("OnAppError", func(a *App) { OnError(a, f) })
}

// once has f called at the first registration.
func (bp *Blueprint) once(what string, f func(*App)) {
	bp.lock.check(what)
	bp.deferred = append(bp.deferred, func(s *SetupState) {
		if s.FirstRegistration {
			f(s.App)
		}
	})
}
