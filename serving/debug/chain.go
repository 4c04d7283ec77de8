//go:build retort_dev

package debug

import (
	"fmt"
	"strings"

	"github.com/retort-go/retort/internal/devpage"
	"github.com/retort-go/retort/internal/traceback"
)

// link is an error of a chain, without what it repeats of those that it wraps.
type link struct {
	Depth         int
	Type, Message string
	Whole         string // the whole message, when Message is a part of it
}

// chainOf are the errors that the first of a chain wraps.
func chainOf(chain []traceback.Link) []link {
	var all []link
	for i := 1; i < len(chain); i++ {
		l := link{Depth: chain[i].Depth, Type: chain[i].Type}
		whole := devpage.Visible(chain[i].Message)
		if l.Message = withoutInner(whole, inner(chain[i:])); l.Message != whole {
			l.Whole = whole
		}
		all = append(all, l)
	}
	return all
}

// inner are the messages of the errors that the first of a chain itself wraps.
func inner(chain []traceback.Link) []string {
	var all []string
	for _, l := range chain[1:] {
		switch {
		case l.Depth <= chain[0].Depth:
			return all
		case l.Depth == chain[0].Depth+1:
			all = append(all, devpage.Visible(l.Message))
		}
	}
	return all
}

// withoutInner is a message without those of the errors that follow it: "open
// the shop: …" of one that adds something, "" of one that only passes its error
// on, "2 errors" of errors.Join.
func withoutInner(message string, inner []string) string {
	switch {
	case len(inner) == 0 || inner[0] == "":
		return message
	case len(inner) > 1 && message == strings.Join(inner, "\n"):
		return fmt.Sprintf("%d errors", len(inner))
	case len(inner) > 1:
		return message
	}
	own, found := strings.CutSuffix(message, inner[0])
	if !found || own == "" {
		return own
	}
	return own + "…"
}
