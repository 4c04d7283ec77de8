package datastructures

// observer calls a function after each change of the value that it is part of,
// so that a field of a response can follow it.
type observer struct{ update func() }

// OnUpdate has f called after each change. There is one such function; nil
// takes it away.
//
// Source: Werkzeug: the on_update of its structures.
func (o *observer) OnUpdate(f func()) { o.update = f }

func (o *observer) changed() {
	if o.update != nil {
		o.update()
	}
}
