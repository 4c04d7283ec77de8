//go:build !retort_dev

package serving

import "net/http"

// withTools says that there are no tools for developers in this program.
func (o *Options) withTools(h http.Handler, _ string) (http.Handler, func(path string), error) {
	if o.UseDebugger {
		o.say(" * No debugger: this program was built without it; build it with -tags retort_dev, or run it with the reloader, which does")
	}
	return h, func(string) {}, nil
}
