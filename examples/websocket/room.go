package main

import (
	"context"
	"sync"
	"time"

	"github.com/retort-go/retort/websocket"
)

// rooms are the rooms somebody is in.
type rooms struct {
	mu    sync.Mutex
	named map[string]*room
}

// room is those who are in it.
type room struct {
	mu    sync.Mutex
	conns map[*websocket.Conn]bool
}

func newRooms() *rooms { return &rooms{named: make(map[string]*room)} }

// enter brings a connection into a room, which is made for the first one.
func (rs *rooms) enter(name string, conn *websocket.Conn) *room {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r := rs.named[name]
	if r == nil {
		r = &room{conns: make(map[*websocket.Conn]bool)}
		rs.named[name] = r
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.conns[conn] = true
	return r
}

// leave takes a connection out. A room that is empty is forgotten: names come
// from strangers and must not add up.
func (rs *rooms) leave(name string, conn *websocket.Conn) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r := rs.named[name]
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, conn)
	if len(r.conns) == 0 {
		delete(rs.named, name)
	}
}

// say sends a message to everybody in the room. Who does not take it within a
// second loses the connection: one slow reader must not hold up the others.
func (r *room) say(ctx context.Context, message []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var all sync.WaitGroup
	for conn := range r.conns {
		all.Go(func() {
			_ = conn.Write(ctx, websocket.MessageText, message) // its own view sees that it has gone
		})
	}
	all.Wait()
}
