package main

import (
	"slices"
	"sync"
)

// note is something to remember.
type note struct {
	ID   int
	Text string
}

// notebook keeps notes in memory, until the program ends. Put a database in its
// place.
type notebook struct {
	mu    sync.Mutex
	last  int
	notes []note
}

// all gives the notes, the latest first.
func (n *notebook) all() []note {
	n.mu.Lock()
	defer n.mu.Unlock()
	latest := slices.Clone(n.notes)
	slices.Reverse(latest)
	return latest
}

// add keeps a note.
func (n *notebook) add(text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last++
	n.notes = append(n.notes, note{n.last, text})
}

// remove removes a note, and reports whether it was there.
func (n *notebook) remove(id int) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	before := len(n.notes)
	n.notes = slices.DeleteFunc(n.notes, func(x note) bool { return x.ID == id })
	return len(n.notes) < before
}
