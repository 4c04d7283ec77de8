package retort

import (
	"fmt"
	"net/http"
)

// AllowCrossOrigin lets requests in that a browser sent from a page of another
// origin, which CROSS_ORIGIN_PROTECTION refuses: for views that do not trust the
// session, such as webhooks, and interfaces that take a token in Authorization.
// In a blueprint it is for all of its rules and those of the blueprints in it.
//
// A request is refused (403) when its method is none of GET, HEAD and OPTIONS,
// and its Sec-Fetch-Site field, or its Origin field compared with the Host, says
// that it comes from elsewhere. One with neither field does not come from a
// browser and is let through. The protection is on in an app with a SECRET_KEY or
// a SessionInterface; CROSS_ORIGIN_PROTECTION turns it on or off, and
// TRUSTED_ORIGINS lists the origins that may do everything. It comes before the
// before_request functions, for mounted handlers, too; the 403 goes to the error
// handlers as one of the view would.
//
// Differs from Flask, which leaves this to extensions: a session cookie without
// it lets every other site act for the user.
//
// Source: net/http: CrossOriginProtection.
func AllowCrossOrigin() interface {
	RouteOption
	BlueprintOption
	RegistrationOption
} {
	return sharedOption{
		func(o *routeOptions) { o.anyOrigin = true },
		func(o *registrationOptions) { o.anyOrigin = true },
	}
}

// newOriginCheck is nil when the protection is off. There is something to
// protect when there are sessions.
func (a *App) newOriginCheck(sessions bool) *http.CrossOriginProtection {
	if !a.Config.boolOr("CROSS_ORIGIN_PROTECTION", sessions) {
		return nil
	}
	p := http.NewCrossOriginProtection()
	trusted, _ := a.Config.Get("TRUSTED_ORIGINS").([]string)
	for _, origin := range trusted {
		_ = p.AddTrustedOrigin(origin) // checked when it was set
	}
	return p
}

// looksAt reports whether a request cannot be answered without a Context: it is
// refused for its origin, or its session must be refreshed.
func (f *frozen) looksAt(r *http.Request) bool {
	return f.origins != nil && f.origins.Check(r) != nil || f.sessions.refreshes(r)
}

// checkOrigin is the 403 of a request that comes from a page of another origin.
func (a *App) checkOrigin(c *Context) error {
	p := a.compiled().origins
	r := c.request.http
	if p == nil || c.route != nil && c.route.anyOrigin || p.Check(r) == nil {
		return nil
	}
	from := "another site"
	if origin := r.Header.Get("Origin"); origin != "" && len(origin) < 256 {
		from = fmt.Sprintf("%q", origin)
	}
	return Error(http.StatusForbidden, fmt.Sprintf("The browser sent this %s from a page of %s, perhaps without its user knowing, so it is not carried out. "+
		"A site that may do so is listed in TRUSTED_ORIGINS; a view that does not rely on cookies has the option AllowCrossOrigin.", r.Method, from))
}
