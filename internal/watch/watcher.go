package watch

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// Options configures [New]. The zero value is usable.
type Options struct {
	// Interval is how often the files are looked at where the system does not
	// tell of changes. Default: 400 ms.
	Interval time.Duration
	// Debounce is how long there must be quiet after a change, so that several
	// files that are saved together are one change. Default: 80 ms.
	Debounce time.Duration
	// StatOnly leaves the system's notifications unused.
	StatOnly bool
}

// sweepInterval is how often the files are looked at although the system tells
// of changes: some file systems, such as those of containers, do not.
const sweepInterval = 3 * time.Second

// Watcher watches files. Next is for one goroutine; SetRoots may be called by
// any.
type Watcher struct {
	options Options
	events  *notifier // nil: none

	mu    sync.Mutex
	roots []Root
	known map[string]entry
}

// New makes a watcher of roots. Changes count from now on.
func New(roots []Root, o Options) *Watcher {
	if o.Interval <= 0 {
		o.Interval = 400 * time.Millisecond
	}
	if o.Debounce <= 0 {
		o.Debounce = 80 * time.Millisecond
	}
	w := &Watcher{options: o, known: make(map[string]entry)}
	if !o.StatOnly {
		w.events = newNotifier()
	}
	w.SetRoots(roots)
	return w
}

// Close ends the notifications of the system.
func (w *Watcher) Close() error { return w.events.close() }

// Kind says how changes are noticed: "inotify" or "stat".
func (w *Watcher) Kind() string {
	if w.events != nil {
		return "inotify"
	}
	return "stat"
}

// SetRoots watches other roots. Of files that were watched before, and of those
// that have come or gone where files were, no change is missed; all others count
// as unchanged, unless they were written after the Since of their root.
func (w *Watcher) SetRoots(roots []Root) {
	w.mu.Lock()
	defer w.mu.Unlock()
	old := w.roots
	w.roots = slices.Clone(roots)
	s := take(w.roots, w.known)
	for path, e := range s.files {
		if before, ok := w.known[path]; ok {
			s.files[path] = before // what has changed since is still to be told
		} else if covered(old, path) || e.isLate() {
			delete(s.files, path) // so is that it has come
		}
	}
	for path, before := range w.known {
		if _, ok := s.files[path]; !ok && covered(w.roots, path) {
			s.files[path] = before // and that it has gone
		}
	}
	w.known = s.files
	w.events.watch(s.dirs)
}

// Next waits for a change and gives all that came with it, sorted by path. It
// gives nil when ctx is done.
func (w *Watcher) Next(ctx context.Context) []Change {
	for {
		if all := w.look(); len(all) > 0 {
			return w.settle(ctx, all)
		}
		if !w.wait(ctx, w.interval()) {
			return nil
		}
	}
}

// interval is the time from one look to the next.
func (w *Watcher) interval() time.Duration {
	if w.events != nil {
		return max(sweepInterval, w.options.Interval)
	}
	return w.options.Interval
}

// settle waits until nothing changes any more.
func (w *Watcher) settle(ctx context.Context, all []Change) []Change {
	merged := make(map[string]Change)
	for len(all) > 0 {
		for _, c := range all {
			merge(merged, c)
		}
		if !sleep(ctx, w.options.Debounce) {
			break
		}
		w.events.drain()
		all = w.look()
	}
	return slices.SortedFunc(maps.Values(merged), byPath)
}

// merge adds a later change of the same file.
func merge(all map[string]Change, c Change) {
	if before, ok := all[c.Path]; ok {
		switch {
		case before.Op == Created && c.Op == Removed:
			delete(all, c.Path)
			return
		case before.Op == Created && c.Op == Written:
			c.Op = Created
		case before.Op == Removed && c.Op == Created:
			c.Op = Written
		}
	}
	all[c.Path] = c
}

func byPath(a, b Change) int {
	switch {
	case a.Path < b.Path:
		return -1
	case a.Path > b.Path:
		return 1
	}
	return 0
}

// look compares the files with what is known of them.
func (w *Watcher) look() []Change {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := take(w.roots, w.known)
	all := s.changes(w.known)
	w.known = s.files
	w.events.watch(s.dirs)
	return all
}

// wait waits for an event, or for the interval to end. It reports false when ctx
// is done.
func (w *Watcher) wait(ctx context.Context, interval time.Duration) bool {
	t := time.NewTimer(interval)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
	case <-w.events.channel():
	}
	return true
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
