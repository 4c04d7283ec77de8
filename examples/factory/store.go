package main

import (
	"slices"
	"sync"
)

type note struct {
	ID   int    `json:"id"`
	Text string `json:"text"`
}

// store keeps notes in memory. Another program would have a database here.
type store struct {
	mu    sync.Mutex
	last  int
	notes []note
}

func (s *store) all() []note {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notes)
}

// add gives the note its number. There is no room for more than limit notes.
func (s *store) add(n note, limit int64) (note, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if int64(len(s.notes)) >= limit {
		return n, false
	}
	s.last++
	n.ID = s.last
	s.notes = append(s.notes, n)
	return n, true
}

func (s *store) get(id int) (note, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.notes, func(n note) bool { return n.ID == id })
	if i < 0 {
		return note{}, false
	}
	return s.notes[i], true
}

func (s *store) remove(id int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.notes)
	s.notes = slices.DeleteFunc(s.notes, func(n note) bool { return n.ID == id })
	return len(s.notes) < before
}
