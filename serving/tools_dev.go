//go:build retort_dev

package serving

import (
	"io"
	"net/http"

	"github.com/retort-go/retort/serving/debug"
	"github.com/retort-go/retort/serving/live"
)

// withTools puts the tools for developers around h: the debugger, and live
// refresh if the program is one that is reloaded. refresh tells browsers that a
// file has changed.
func (o *Options) withTools(h http.Handler, host string) (_ http.Handler, refresh func(path string), err error) {
	l := live.New(live.Options{Hosts: guardHosts(host), Log: o.say, Off: o.handed == nil})
	if o.UseDebugger {
		if h, err = o.withDebugger(h, host, l); err != nil {
			return nil, nil, err
		}
	}
	return l.Handler(h), l.Refresh, nil
}

func (o *Options) withDebugger(h http.Handler, host string, l *live.Live) (http.Handler, error) {
	pin, own, err := o.debuggerPIN()
	if err != nil {
		return nil, err
	}
	if own { // there is no parent that has said so
		_, _ = io.WriteString(o.Log, pin.banner(*o))
	}
	return debug.Handler(h, debug.Options{
		PIN: pin.pin, Secret: pin.secret, Failures: pin.failures, OnFailures: o.onFailures, Hosts: guardHosts(host), Script: l.Script, Log: o.say,
	}), nil
}
