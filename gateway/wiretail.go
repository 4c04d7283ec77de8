package gateway

import "io"

// tail is the reading side of a connection on which nobody can tell the end of a
// response from a response that was cut off: a unix socket. It leaves what it has
// read last in the socket's queue, because a unix socket that is closed with bytes
// in its queue lets the peer read, after all that was sent, not the end but
// ECONNRESET. So the connection is one to be cut for as long as nothing else is
// said.
type tail interface {
	io.Reader
	// Release takes the bytes out of the queue: closing is the end now. buf is
	// for them.
	Release(buf []byte)
	// Watch returns when the peer has closed the connection, and when this side
	// has. A Read would not see that behind the bytes in the queue.
	Watch() error
}
