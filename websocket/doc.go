// Package websocket gives an app views that talk over a WebSocket:
//
//	websocket.Route(app, "/echo")(func(c *retort.Context, conn *websocket.Conn) error {
//		for {
//			typ, message, err := conn.Read(c.Context())
//			if err != nil {
//				return err // also when the client has gone
//			}
//			if err := conn.Write(c.Context(), typ, message); err != nil {
//				return err
//			}
//		}
//	})
//
// The protocol is that of github.com/coder/websocket, whose types are the ones
// of this package. An app that does not import this package does not link it.
//
// Source: RFC 6455. Flask has no counterpart; Flask-Sock and Quart have.
package websocket

import "github.com/coder/websocket"

// Conn is a connection. Read and Write may be called at the same time from two
// goroutines, Write from several.
//
// A view must go on reading: pongs and the client's goodbye arrive that way. One
// that only writes calls conn.CloseRead. A context that ends during a Read or
// Write ends the connection.
type Conn = websocket.Conn

// MessageType is text or binary.
type MessageType = websocket.MessageType

// The types of messages. A text is UTF-8.
const (
	MessageText   = websocket.MessageText
	MessageBinary = websocket.MessageBinary
)

// CloseError is how the other side has closed the connection; a view returns
// one to close it with a code and reason of its own.
type CloseError = websocket.CloseError

// StatusCode is the code of a [CloseError]. An application has 3000 to 4999 for
// its own.
type StatusCode = websocket.StatusCode

// The codes of RFC 6455 §7.4.1 that are sent by this package.
const (
	StatusNormalClosure   = websocket.StatusNormalClosure   // 1000
	StatusGoingAway       = websocket.StatusGoingAway       // 1001
	StatusPolicyViolation = websocket.StatusPolicyViolation // 1008
	StatusMessageTooBig   = websocket.StatusMessageTooBig   // 1009
	StatusInternalError   = websocket.StatusInternalError   // 1011
)
