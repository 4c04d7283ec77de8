package retort

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
)

// Signal tells the functions that are connected to it that something has
// happened: with a sender, and with a value of type T that says what. Unlike a
// hook, a receiver does not take part: it can be connected and disconnected at
// any time, also while requests are handled, and what it gives back is nobody's
// concern.
//
//	var orderPaid = retort.NewSignal[Order]("order-paid")
//
//	disconnect := orderPaid.Connect(func(sender any, o Order) { … })
//	defer disconnect()
//	orderPaid.Send(shop, order)
//
// All methods may be called from any goroutine. The signals of an app itself are
// in [App].Signals.
//
// Source: Flask: signals.py; blinker: Signal.
type Signal[T any] struct {
	name      string
	mu        sync.Mutex // for those who connect
	receivers atomic.Pointer[[]*receiver[T]]
	heard     *atomic.Int64 // of all signals of a request together; nil: not one of them
}

// receiver is what one call of Connect has made.
type receiver[T any] struct {
	f      func(sender any, v T)
	sender any // the only one it hears, when filtered
	only   bool
}

// NewSignal makes a signal of the application's own. name is for messages.
func NewSignal[T any](name string) *Signal[T] { return &Signal[T]{name: name} }

// String is the name.
func (s *Signal[T]) String() string { return s.name }

// Connect has f called with all that is sent from now on, after those that were
// connected before, in the goroutine of the sender. disconnect ends that;
// calling it again does nothing. A send that is under way may still reach f.
//
// Differs from Flask: f is held until disconnect is called. blinker lets go of
// a receiver that nothing else refers to, which silently disconnects closures.
func (s *Signal[T]) Connect(f func(sender any, v T)) (disconnect func()) {
	return s.connect(&receiver[T]{f: f})
}

// ConnectTo is [Signal.Connect] for what one sender sends: the values of sender
// are compared with ==. Those that cannot be, slices and maps, panic.
func (s *Signal[T]) ConnectTo(sender any, f func(sender any, v T)) (disconnect func()) {
	if v := reflect.ValueOf(sender); v.IsValid() && !v.Comparable() {
		panic(fmt.Sprintf("retort: %s: the signal %q cannot be connected to a %T as its sender, because such values cannot be compared; use a pointer", callerOutside(), s.name, sender))
	}
	return s.connect(&receiver[T]{f: f, sender: sender, only: true})
}

func (s *Signal[T]) connect(r *receiver[T]) func() {
	if r.f == nil {
		panic(fmt.Sprintf("retort: %s: the signal %q cannot be connected to nil", callerOutside(), s.name))
	}
	s.change(+1, func(all []*receiver[T]) []*receiver[T] { return append(all, r) })
	return sync.OnceFunc(func() {
		s.change(-1, func(all []*receiver[T]) []*receiver[T] {
			return slices.DeleteFunc(all, func(other *receiver[T]) bool { return other == r })
		})
	})
}

// change puts a changed copy in the place of the receivers: who is sending
// keeps the list it has begun with.
func (s *Signal[T]) change(n int64, f func([]*receiver[T]) []*receiver[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*receiver[T]
	if old := s.receivers.Load(); old != nil {
		all = slices.Clone(*old)
	}
	if all = f(all); len(all) == 0 {
		s.receivers.Store(nil)
	} else {
		s.receivers.Store(&all)
	}
	if s.heard != nil {
		s.heard.Add(n)
	}
}

// HasReceivers reports whether anything is connected. Sending without receivers
// costs one atomic load; this is for a v that is expensive to make.
func (s *Signal[T]) HasReceivers() bool { return s.receivers.Load() != nil }

// Send calls the receivers, one after the other, in the order in which they
// were connected. A receiver that panics ends it: the panic is the sender's.
func (s *Signal[T]) Send(sender any, v T) {
	all := s.receivers.Load()
	if all == nil {
		return
	}
	for _, r := range *all {
		if !r.only || r.sender == sender {
			r.f(sender, v)
		}
	}
}

// Capture collects what is sent, for tests: until t, such as a *testing.T,
// cleans up, or until [Capture.Stop].
//
//	rendered := app.Signals.TemplateRendered.Capture(t)
//	client.Get("/")
//	rendered.Values()[0].Template // "index.html"
//
// Source: Flask: its documentation on testing signals, captured_templates.
func (s *Signal[T]) Capture(t interface{ Cleanup(func()) }) *Capture[T] {
	c := new(Capture[T])
	c.Stop = s.Connect(func(_ any, v T) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.values = append(c.values, v)
	})
	t.Cleanup(c.Stop)
	return c
}

// Capture is what [Signal.Capture] collects.
type Capture[T any] struct {
	// Stop ends the collecting. What was collected stays.
	Stop func()

	mu     sync.Mutex
	values []T
}

// Values gives what was sent so far, in order. The slice is the caller's own.
func (c *Capture[T]) Values() []T {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.values)
}

// Len is the number of values so far.
func (c *Capture[T]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.values)
}
