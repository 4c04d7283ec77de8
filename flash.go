package retort

import (
	"fmt"
	"html/template"
	"slices"

	"github.com/retort-go/retort/taggedjson"
)

// FlashedMessage is a message for the user that [Context.Flash] has kept.
type FlashedMessage struct {
	// Category says what sort of message it is: "message" when none was given.
	Category string
	// Message is a string, which templates escape, or a template.HTML.
	Message any
}

// String is the text of the message.
func (m FlashedMessage) String() string { return fmt.Sprint(m.Message) }

// Flash keeps a message in the session until it is shown: to be asked for with
// [Context.FlashedMessages], mostly by the page that a redirect leads to.
// message is a string, or a template.HTML, which templates do not escape;
// anything else is kept as its text. category is "message" when none is given.
//
//	c.Flash("The note was saved.")
//	c.Flash("The title is missing.", "error")
//
// It panics as [Session.Set] does, and when there is more than one category.
//
// Source: Flask: helpers.py, flash.
func (c *Context) Flash(message any, category ...string) {
	m := FlashedMessage{"message", message}
	switch len(category) {
	case 0:
	case 1:
		m.Category = category[0]
	default:
		panic(fmt.Sprintf("retort: Flash takes one category, not %q; call it once for each", category))
	}
	switch message.(type) {
	case string, template.HTML:
	default:
		m.Message = fmt.Sprint(message)
	}
	s := c.Session()
	kept, _ := s.Get(flashesKey).([]any)
	s.Set(flashesKey, append(slices.Clip(kept), taggedjson.Tuple{m.Category, m.Message}))
	c.App.Signals.MessageFlashed.Send(c.App, MessageFlashed{c, m.Message, m.Category})
}

// FlashedMessages gives the messages of the categories, or all without any, in
// the order in which they were flashed. The first call in a request takes all
// messages out of the session, those of other categories included; further calls
// in the same request look at the same ones.
//
// Source: Flask: helpers.py, get_flashed_messages.
func (c *Context) FlashedMessages(categories ...string) []FlashedMessage {
	x := c.more()
	if x.flashed == nil {
		messages := c.takeFlashes()
		x.flashed = &messages
	}
	var found []FlashedMessage
	for _, m := range *x.flashed {
		if len(categories) == 0 || slices.Contains(categories, m.Category) {
			found = append(found, m)
		}
	}
	return found
}

// takeFlashes takes the messages out of the session. What has not the form in
// which Flash keeps them is left out.
func (c *Context) takeFlashes() []FlashedMessage {
	s := c.Session()
	if !s.Has(flashesKey) {
		return nil
	}
	kept, _ := s.Pop(flashesKey).([]any)
	var messages []FlashedMessage
	for _, v := range kept {
		if category, message, ok := flashPair(v); ok {
			messages = append(messages, FlashedMessage{category, message})
		}
	}
	return messages
}

// flashPair reads a message of the session.
func flashPair(v any) (category string, message any, ok bool) {
	var pair []any
	switch v := v.(type) {
	case taggedjson.Tuple:
		pair = v
	case []any:
		pair = v
	}
	if len(pair) != 2 {
		return "", nil, false
	}
	category, ok = pair[0].(string)
	return category, pair[1], ok
}
