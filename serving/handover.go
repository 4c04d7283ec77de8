package serving

import (
	"crypto/tls"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// handover is what a parent hands on to each of its children through their pipe.
// The environment would be the wrong place for it: an app that can be made to show
// a file would show that too (/proc/self/environ).
type handover struct {
	adhoc string // the certificate made for the occasion, with its key; "": none

	mu      sync.Mutex
	pin     debugPIN
	secrets []string // of the children, the last ones
}

// The lines of a handover. The last a child says too, when it has changed.
const (
	adhocLine    = "adhoc "
	pinLine      = "debug-pin "
	secretLine   = "debug-secret "
	failuresLine = "pin-failures "
	hiddenLine   = "hide " // a value that is not to be seen, in hex; only a child says it
)

// The limits of what a child has hidden.
const (
	maxHidden     = 8 << 10 // bytes of one value
	maxHiddenKept = 512     // values
)

// lines are what the next child is told.
func (h *handover) lines() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []string
	if h.adhoc != "" {
		all = append(all, adhocLine+h.adhoc)
	}
	if p := h.pin; p.pin != "" {
		all = append(all, pinLine+p.pin, secretLine+hex.EncodeToString(p.secret), failuresLine+strconv.Itoa(p.failures))
	}
	return all
}

// hear takes what a child says: what is to be hidden when it crashes, and how many
// wrong PINs there were; the next child goes on with their number, so that a build
// or a crash gives no new guesses.
func (h *handover) hear(line string) {
	if text, ok := strings.CutPrefix(line, hiddenLine); ok {
		h.hide(text)
		return
	}
	text, ok := strings.CutPrefix(line, failuresLine)
	n, err := strconv.Atoi(text)
	if !ok || err != nil || n < 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pin.failures = n
}

// hide notes a value, in hex. It is kept over builds: what keeps the next program
// from starting may be in its settings.
func (h *handover) hide(text string) {
	value, err := hex.DecodeString(text)
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil || slices.Contains(h.secrets, string(value)) {
		return
	}
	h.secrets = append(h.secrets, string(value))
	h.secrets = h.secrets[max(0, len(h.secrets)-maxHiddenKept):]
}

// hidden are the values of hide.
func (h *handover) hidden() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.secrets)
}

// saySecrets tells the parent, in a child, what it is to hide.
func (o *Options) saySecrets(say func(line string)) {
	if o.Secrets == nil {
		return
	}
	for _, value := range o.Secrets() {
		if len(value) <= maxHidden {
			say(hiddenLine + hex.EncodeToString([]byte(value)))
		}
	}
}

// takeOver reads, in a child, the lines of its parent.
func takeOver(lines []string) *handover {
	h := new(handover)
	for _, line := range lines {
		kind, text, _ := strings.Cut(line, " ")
		switch kind + " " {
		case adhocLine:
			h.adhoc = text
		case pinLine:
			h.pin.pin = text
		case secretLine:
			h.pin.secret, _ = hex.DecodeString(text) // none: the debugger makes one
		default:
			h.hear(line)
		}
	}
	return h
}

// adhocOf gives the certificate of the parent, or one that is made for host.
func (h *handover) adhocOf(host string) func() (tls.Certificate, error) {
	return func() (tls.Certificate, error) {
		if h.adhoc != "" {
			return decodeAdhoc(h.adhoc)
		}
		return newAdhoc(host)
	}
}
