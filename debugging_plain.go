//go:build !retort_dev

package retort

import "net/http"

// developing says that this is a build for developers, with the tag retort_dev.
const developing = false

// faultOf is for builds with a debugger.
func (a *App) faultOf(*Context, error) any { return nil }

// reportMiddleware is for builds with a debugger.
func (a *App) reportMiddleware(*frozen, *http.Request) {}
