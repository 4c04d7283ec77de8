package websocket

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/retort-go/retort"
)

const (
	defaultReadLimit    = 32 << 10
	defaultPingInterval = 30 * time.Second
)

// settings are what the options of one rule say.
type settings struct {
	origins      []string // patterns, in lower case
	readLimit    int64
	pingInterval time.Duration
	subprotocols []string
}

// option is an option of [Route] among those of the rule. To any other
// registration it says that the rule is for WebSocket handshakes.
type option struct {
	retort.RouteOption
	set func(*settings)
}

func newOption(set func(*settings)) retort.RouteOption { return option{retort.WebSocket(), set} }

func newSettings(opts []retort.RouteOption) *settings {
	s := &settings{readLimit: defaultReadLimit, pingInterval: defaultPingInterval}
	for _, opt := range opts {
		if own, ok := opt.(option); ok {
			own.set(s)
		}
	}
	return s
}

// Origins lets pages of other hosts connect, besides those of the request's own
// host. A pattern is one of path.Match for the host with its port if there is
// one, "*.example.com", or for scheme and host, "https://example.com:8080"; case
// does not matter. "*" lets every page of the web connect, in the name of
// whoever looks at it. Several Origins add up.
//
// It panics for a malformed pattern.
func Origins(patterns ...string) retort.RouteOption {
	lower := make([]string, len(patterns))
	for i, p := range patterns {
		if _, err := path.Match(p, ""); err != nil || p == "" {
			panic(fmt.Sprintf("websocket: Origins: %q is no pattern for a host; write a host, *.example.com or https://example.com", p))
		}
		lower[i] = strings.ToLower(p)
	}
	return newOption(func(s *settings) { s.origins = append(s.origins, lower...) })
}

// ReadLimit is the size in bytes of the largest message that the view takes,
// 32768 by default. A larger one closes the connection with 1009. Below zero
// there is no limit.
func ReadLimit(n int64) retort.RouteOption {
	return newOption(func(s *settings) { s.readLimit = n })
}

// PingInterval is how often the client is asked whether it is still there, every
// 30 seconds by default. A client that sends nothing, not even the answer, for
// an interval in which the view waited for it, or takes nothing for one in which
// the view was writing, has gone: the connection ends. Zero and less never ask.
func PingInterval(d time.Duration) retort.RouteOption {
	return newOption(func(s *settings) { s.pingInterval = d })
}

// Subprotocols are the protocols on top of WebSocket that the view speaks, the
// preferred one first. conn.Subprotocol says which one the client also speaks,
// "" for none.
func Subprotocols(names ...string) retort.RouteOption {
	names = slices.Clone(names)
	return newOption(func(s *settings) { s.subprotocols = names })
}
