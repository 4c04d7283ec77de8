package retort

import (
	"fmt"
	"net/http"
	"reflect"

	"github.com/retort-go/retort/internal/takeover"
)

// newTakeover makes the view of one that takes connections over. Decorators
// stay around it, so they run before the connection is taken.
func newTakeover(t *takeover.View) (*view, error) {
	if d, ok := t.Source.(*decorated); ok {
		inner, err := newTakeover(t.With(d.inner))
		if err != nil {
			return nil, err
		}
		inner.wraps = append(inner.wraps, d.wrap)
		return inner, nil
	}
	if t.Source == nil {
		return nil, fmt.Errorf("the view is nil")
	}
	shown := &view{fn: reflect.ValueOf(t.Source)}
	shown.name, shown.at = funcOf(shown.fn)
	f, err := t.Adapt(t.Source)
	if err != nil {
		return nil, fmt.Errorf("the view %s %w", shown, err)
	}
	v, err := funcView(reflect.ValueOf(f))
	if err != nil {
		return nil, err
	}
	v.name, v.at, v.takeover = shown.name, shown.at, t
	return v, nil
}

// source is the function that the application wrote: the one that is called,
// unless that one was made of it.
func (v *view) source() reflect.Value {
	if v.takeover != nil {
		return reflect.ValueOf(v.takeover.Source)
	}
	return v.fn
}

// leading are the parameters of the view's source before those for the rule's
// arguments, as they are written.
func (v *view) leading() []string {
	var params []string
	if v.context {
		params = append(params, "c *retort.Context")
	}
	if v.takeover != nil {
		params = append(params, v.takeover.Extra...)
	}
	return params
}

// takesOver reports whether the view of the rule takes its connection over.
func (rt *route) takesOver() bool {
	return rt != nil && rt.view != nil && rt.view.takeover != nil
}

// finalStatus reports whether the status can answer the request: that of 101 is
// given by a handler, which then takes the connection over.
func (res *Response) finalStatus() bool {
	if res.Status == http.StatusSwitchingProtocols {
		_, ok := res.content.handler()
		return ok
	}
	return res.Status >= 200 && res.Status <= 999
}
