//go:build retort_dev

package debug

import (
	"crypto/rand"
	"io"

	"github.com/retort-go/retort/internal/devguard"
)

// Options configures [Handler].
type Options struct {
	// PIN opens the part of the page that may hold secrets. Hyphens and spaces in
	// it do not matter. "off": everything is shown without one. "": no PIN is the
	// right one, so that part is never shown.
	PIN string
	// Secret signs the cookie of who has entered the PIN. Who gives the same one
	// to each start of the program spares its developer entering the PIN anew
	// after each change. Default: a random one, good for this Handler.
	Secret []byte
	// Failures is how many wrong PINs were tried before this Handler was made, as by
	// the program before a build. Ten lock it. Default: 0.
	Failures int
	// OnFailures is called with the number of wrong PINs when it changes, before a
	// PIN is looked at; one call at a time. Default: none.
	OnFailures func(n int)
	// Hosts are names in the Host field to let in beside localhost, names below it
	// and loopback addresses; without a port, in lower case.
	Hosts []string
	// Script gives the URL of a script for the page that is made now, which is to
	// load it anew when the program has changed; "": none. Default: none.
	Script func() string
	// Log takes what is to be logged, one call for each record, without a line
	// break at its end. It is called from many goroutines. Default: none.
	Log func(text string)
}

// minSecret is how many bytes a Secret has at least.
const minSecret = 16

func (o Options) withDefaults() Options {
	if len(o.Secret) < minSecret {
		o.Secret = make([]byte, 32)
		_, _ = io.ReadFull(rand.Reader, o.Secret) // never fails, see crypto/rand
	}
	if o.OnFailures == nil {
		o.OnFailures = func(int) {}
	}
	if o.Script == nil {
		o.Script = func() string { return "" }
	}
	if o.Log == nil {
		o.Log = func(string) {}
	}
	return o
}

func (o Options) guard() *devguard.Guard { return &devguard.Guard{Hosts: o.Hosts} }
