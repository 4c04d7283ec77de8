package retort

import (
	"container/list"
	"context"
	"fmt"
	"sync"
	"time"
)

// MemoryStore is a [SessionStore] in the memory of the program: its sessions end
// with it, and a second process does not see them. It is for development, tests
// and small sites. It is safe for use by many goroutines.
type MemoryStore struct {
	most int
	now  func() time.Time

	mu    sync.Mutex
	items map[string]*list.Element
	order list.List // of *memoryItem; the one that was saved first is in front
}

type memoryItem struct {
	id      string
	data    []byte
	expires time.Time
}

// defaultMemorySessions is how many sessions a MemoryStore keeps.
const defaultMemorySessions = 100_000

// NewMemoryStore makes a store for at most that many sessions; 0 is 100,000.
// When it is full, the session that was saved longest ago makes room: a flood of
// new clients logs others out, and does not exhaust the memory. It panics when
// sessions is below zero.
func NewMemoryStore(sessions int) *MemoryStore {
	if sessions < 0 {
		panic(fmt.Sprintf("retort: NewMemoryStore(%d): the number of sessions cannot be below zero; 0 is %d", sessions, defaultMemorySessions))
	}
	if sessions == 0 {
		sessions = defaultMemorySessions
	}
	return &MemoryStore{most: sessions, now: time.Now, items: make(map[string]*list.Element)}
}

// Load gives what was saved under id, unless it has expired.
func (m *MemoryStore) Load(_ context.Context, id string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.items[id]
	if !ok {
		return nil, false, nil
	}
	item := e.Value.(*memoryItem)
	if !m.now().Before(item.expires) {
		m.remove(e)
		return nil, false, nil
	}
	return item.data, true, nil
}

// Save keeps data, and forgets what has expired.
func (m *MemoryStore) Save(_ context.Context, id string, data []byte, lifetime time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.items[id]; ok {
		m.remove(e)
	}
	m.makeRoom()
	m.items[id] = m.order.PushBack(&memoryItem{id, data, m.now().Add(lifetime)})
	return nil
}

// makeRoom removes items from the front: those that have expired, and one that
// has not when the store is full. An item with a longer lifetime in front of
// expired ones keeps them a while longer; they are not loaded any more.
func (m *MemoryStore) makeRoom() {
	now := m.now()
	for e := m.order.Front(); e != nil; e = m.order.Front() {
		if len(m.items) < m.most && now.Before(e.Value.(*memoryItem).expires) {
			return
		}
		m.remove(e)
	}
}

func (m *MemoryStore) remove(e *list.Element) {
	delete(m.items, m.order.Remove(e).(*memoryItem).id)
}

// Delete removes what is kept under id.
func (m *MemoryStore) Delete(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.items[id]; ok {
		m.remove(e)
	}
	return nil
}

// Len is the number of sessions, those included that have expired and are not
// forgotten yet.
func (m *MemoryStore) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.items)
}
