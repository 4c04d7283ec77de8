// Package scgi reads and writes SCGI requests: a netstring of variables, each a
// name and a value that end in NUL, and the body as plain bytes. It does no
// input or output.
//
//	70:CONTENT_LENGTH\x00 27\x00 SCGI\x00 1\x00 …,body
//
// Source: "SCGI: A Simple Common Gateway Interface alternative", 2008; nginx:
// ngx_http_scgi_module.
package scgi

import (
	"strconv"
	"strings"

	"github.com/retort-go/retort/internal/cgivars"
)

// maxDigits is how long the decimal length may be.
const maxDigits = 6

// HeadLen gives the place of the variables in a request that begins with b:
// their block is bytes start to end, and a comma follows. end is 0 as long as b
// does not tell. The error is a *cgivars.Refusal.
func HeadLen(b []byte) (start, end int, err error) {
	for i, c := range b {
		if c == ':' && i > 0 {
			return blockOf(string(b[:i]))
		}
		if c < '0' || c > '9' || i == maxDigits {
			return 0, 0, cgivars.Malformed("the request does not begin with the length of a netstring")
		}
	}
	return 0, 0, nil
}

func blockOf(digits string) (start, end int, err error) {
	if digits[0] == '0' {
		return 0, 0, cgivars.Malformed("the netstring's length %q is nothing or begins with 0", digits)
	}
	n, err := strconv.Atoi(digits)
	if err != nil { // cannot be: six digits at most
		return 0, 0, cgivars.Malformed("the netstring's length %q is no number", digits)
	}
	if n > cgivars.MaxBytes {
		return 0, 0, cgivars.TooLarge(n)
	}
	start = len(digits) + 1
	return start, start + n, nil
}

// ParseVars reads a block of variables, without the comma. The first of them
// has to be CONTENT_LENGTH, and SCGI has to be there and 1. The error is a
// *cgivars.Refusal.
func ParseVars(block string) (*cgivars.Vars, error) {
	if len(block) > cgivars.MaxBytes {
		return nil, cgivars.TooLarge(len(block))
	}
	if !strings.HasPrefix(block, "CONTENT_LENGTH\x00") {
		return nil, cgivars.Malformed("the first variable is not CONTENT_LENGTH")
	}
	vars := new(cgivars.Vars)
	for rest := block; rest != ""; {
		var name, value string
		var ok bool
		if name, rest, ok = strings.Cut(rest, "\x00"); ok {
			value, rest, ok = strings.Cut(rest, "\x00")
		}
		if !ok {
			return nil, cgivars.Malformed("the block of variables ends inside of one")
		}
		if err := vars.Add(name, value); err != nil {
			return nil, err
		}
	}
	if vars.ByName()["SCGI"] != "1" {
		return nil, cgivars.Malformed("the variable SCGI is not 1")
	}
	return vars, nil
}

// AppendVar appends one variable to a block: what a client does. Neither name
// nor value may hold a NUL.
func AppendVar(block []byte, name, value string) []byte {
	for _, text := range [...]string{name, value} {
		block = append(block, text...)
		block = append(block, 0)
	}
	return block
}

// AppendHead appends a block of variables as the netstring that begins a
// request.
func AppendHead(b, block []byte) []byte {
	b = strconv.AppendInt(b, int64(len(block)), 10)
	b = append(b, ':')
	b = append(b, block...)
	return append(b, ',')
}
