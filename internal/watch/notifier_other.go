//go:build !linux

package watch

// notifier is what the system tells of changes: nothing here.
type notifier struct{}

func newNotifier() *notifier                 { return nil }
func (n *notifier) watch(map[string]bool)    {}
func (n *notifier) channel() <-chan struct{} { return nil }
func (n *notifier) drain()                   {}
func (n *notifier) close() error             { return nil }
