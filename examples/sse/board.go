package main

import "sync"

// board keeps the notes. The ID of a note is its place, from 1.
type board struct {
	mu    sync.Mutex
	notes []note
	more  chan struct{} // closed by the next note
}

func newBoard() *board { return &board{more: make(chan struct{})} }

// post adds a note, wakes those who wait for one and gives its ID.
func (b *board) post(text string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := len(b.notes) + 1
	b.notes = append(b.notes, note{id, text})
	close(b.more)
	b.more = make(chan struct{})
	return id
}

// after gives the notes after the one with the ID seen, all when there is no
// such note, and a channel that is closed when there are more.
func (b *board) after(seen int) ([]note, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if seen < 0 || seen > len(b.notes) {
		seen = 0 // it was seen before this program started
	}
	return b.notes[seen:len(b.notes):len(b.notes)], b.more
}
