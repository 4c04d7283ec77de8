package retort

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// FieldError says what is wrong with one field of a request.
type FieldError struct {
	// In is where the field is: "json", "form", "query", "path" or "header".
	In string `json:"in,omitempty"`
	// Name is the name that the client knows it by: "title", "address.city",
	// "items[2].price"; "" for the value as a whole.
	Name string `json:"name"`
	// Reason follows the name in a sentence: "is missing", "is not a number".
	Reason string `json:"reason"`
	// Missing is true of a required field that was not sent.
	Missing bool `json:"missing,omitempty"`
}

// String is the sentence: "title is missing".
func (e FieldError) String() string {
	return strings.TrimSpace(cmp.Or(e.Name, "the value") + " " + e.Reason)
}

// BindError is the error of [Request.Bind] and its relatives: all that is wrong
// with the fields of the request. It wraps an [HTTPError] of its code, so that
// it is a page like any other unless an error handler takes it:
//
//	retort.OnError(app, func(c *retort.Context, err *retort.BindError) any {
//		return retort.Reply(retort.H{"errors": err.Fields}, err.Code)
//	})
type BindError struct {
	// Code is 400 when the body could not be read at all, and 422 (also when it
	// is 0) when what it says cannot be used.
	Code int
	// Fields are the faults in the order of the struct's fields. There are none
	// with a 400.
	Fields []FieldError

	original error
}

// Error is the code and the faults in one line.
func (e *BindError) Error() string {
	return fmt.Sprintf("%d %s: %s", e.code(), statusName(e.code()), e.description())
}

// Unwrap gives the [HTTPError].
func (e *BindError) Unwrap() error {
	return &HTTPError{Code: e.code(), Description: e.description(), original: e.original}
}

func (e *BindError) code() int { return cmp.Or(e.Code, http.StatusUnprocessableEntity) }

func (e *BindError) description() string {
	if len(e.Fields) == 0 {
		var bad *HTTPError
		if errors.As(e.original, &bad) {
			return bad.description()
		}
		return defaultDescription(e.code())
	}
	faults := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		faults[i] = f.String()
	}
	return "The request cannot be used: " + strings.Join(faults, "; ") + "."
}

// Validator checks values that [Request.Bind] and its relatives have read from
// a request without fault: [App.Validator]. Several goroutines use it at a time.
type Validator interface {
	// Validate gets what Bind got, a pointer. Its error is the one of Bind; a
	// *BindError says which fields are at fault, any other error becomes the
	// fault of the value as a whole.
	Validate(v any) error
}
