package fastcgi

import (
	"encoding/binary"

	"github.com/retort-go/retort/internal/cgivars"
)

// Phase is how far the request of a connection has come.
type Phase uint8

// The phases of a request, in their order.
const (
	Idle      Phase = iota // there is none
	InParams               // its variables are coming
	InBody                 // it was handed out, its body is coming
	Answering              // it has come whole
)

// Kind says what a record means.
type Kind uint8

// The kinds of events.
const (
	Nothing  Kind = iota
	Begun         // a request begins
	Request       // its variables are complete
	Input         // a part of its body
	InputEnd      // the end of its body
	Aborted       // the web server does not want it any more
)

// Event is what [Session.Receive] made of a record.
type Event struct {
	Kind  Kind
	Vars  *cgivars.Vars // of Request
	Data  []byte        // of Input: the record's content
	Reply []byte        // records to send at once, whatever Kind is
	Close bool          // then the connection is to be closed
}

// Session is one connection as the web server's records leave it: one request at
// a time. The zero value is a new connection. Not safe for concurrent use.
type Session struct {
	phase  Phase
	id     uint16
	keep   bool
	params []byte
}

// Phase tells how far the request has come.
func (s *Session) Phase() Phase { return s.phase }

// ID is the number of the request that is there, or was last.
func (s *Session) ID() uint16 { return s.id }

// Keep reports whether the web server wants to go on using the connection.
func (s *Session) Keep() bool { return s.keep }

// End appends the record that ends the request; the next one may begin.
func (s *Session) End(b []byte, status Status) []byte {
	s.phase, s.params = Idle, nil
	return AppendEnd(b, s.id, 0, status)
}

// Receive takes one record. What belongs to no request that is there is ignored.
// An error, a *cgivars.Refusal, is one after which the connection makes no sense.
func (s *Session) Receive(h Header, content []byte) (Event, error) {
	switch {
	case h.ID == 0:
		return s.manage(h, content)
	case h.Type == BeginRequest:
		return s.begin(h.ID, content)
	case s.phase == Idle || h.ID != s.id:
		return Event{}, nil
	}
	switch h.Type {
	case AbortRequest:
		return s.abort(), nil
	case Params:
		return s.addParams(content)
	case Stdin:
		return s.input(content)
	}
	return Event{}, nil
}

// manage answers a record about the connection.
func (s *Session) manage(h Header, content []byte) (Event, error) {
	switch h.Type {
	case GetValues:
		values, err := values(string(content))
		return Event{Reply: AppendRecord(nil, GetValuesResult, 0, values)}, err
	case BeginRequest, AbortRequest, Params, Stdin, Data:
		return Event{}, cgivars.Malformed("a record of type %d belongs to no request", h.Type)
	}
	var unknown [maxUnknown]byte
	unknown[0] = byte(h.Type)
	return Event{Reply: AppendRecord(nil, UnknownType, 0, unknown[:])}, nil
}

// values answers GetValues: requests are not multiplexed, and of connections and
// requests there may be any number, which the protocol cannot say.
func values(asked string) ([]byte, error) {
	var answer []byte
	for asked != "" {
		name, _, rest, ok := cutPair(asked)
		if !ok {
			return nil, cgivars.Malformed("a question for values ends inside of a name")
		}
		if name == "FCGI_MPXS_CONNS" && answer == nil {
			answer = AppendPair(nil, name, "0")
		}
		asked = rest
	}
	return answer, nil
}

func (s *Session) begin(id uint16, content []byte) (Event, error) {
	if len(content) != beginLen {
		return Event{}, cgivars.Malformed("the record that begins a request has %d bytes instead of %d", len(content), beginLen)
	}
	role, keep := Role(binary.BigEndian.Uint16(content)), content[2]&1 != 0
	switch {
	case s.phase != Idle && id == s.id:
		return Event{}, cgivars.Malformed("the request %d begins twice", id)
	case s.phase != Idle:
		return Event{Reply: AppendEnd(nil, id, 0, CantMultiplex)}, nil
	case role != Responder:
		return Event{Reply: AppendEnd(nil, id, 0, UnknownRole), Close: !keep}, nil
	}
	s.phase, s.id, s.keep, s.params = InParams, id, keep, nil
	return Event{Kind: Begun}, nil
}

// abort of a request that nobody has seen ends it.
func (s *Session) abort() Event {
	if s.phase == InParams {
		return Event{Reply: s.End(nil, RequestComplete), Close: !s.keep}
	}
	return Event{Kind: Aborted}
}

func (s *Session) addParams(content []byte) (Event, error) {
	if s.phase != InParams {
		return Event{}, cgivars.Malformed("variables follow after their end")
	}
	if n := len(s.params) + len(content); n > cgivars.MaxBytes {
		return Event{}, cgivars.TooLarge(n)
	}
	if len(content) > 0 {
		s.params = append(s.params, content...)
		return Event{}, nil
	}
	vars, err := ParseParams(string(s.params))
	if err != nil {
		return Event{}, err
	}
	s.phase, s.params = InBody, nil
	return Event{Kind: Request, Vars: vars}, nil
}

func (s *Session) input(content []byte) (Event, error) {
	switch {
	case s.phase == InParams:
		return Event{}, cgivars.Malformed("the body comes before the variables have ended")
	case s.phase == Answering && len(content) > 0:
		return Event{}, cgivars.Malformed("the body goes on after its end")
	case s.phase == Answering:
		return Event{}, nil
	case len(content) == 0:
		s.phase = Answering
		return Event{Kind: InputEnd}, nil
	}
	return Event{Kind: Input, Data: content}, nil
}
