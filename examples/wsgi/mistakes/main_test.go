package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhatLintSays(t *testing.T) {
	var out strings.Builder
	for _, m := range mistakes() {
		show(&out, m)
	}
	assert.Equal(t, `a length that is wrong
  B11 error: Content-Length says 5, and the body has 2 bytes
a status without its reason
  S04 warning: the status "200" should be three digits, one space and a reason, such as "200 OK"
a page without its type
  H13 warning: a 200 response has no Content-Type; browsers will guess one
an entity tag without quotation marks
  H14 error: the ETag abc is not in quotation marks
a field of the connection
  H03 error: the field Connection is for the connection, which is the server's
a 304 that describes a body
  H10 error: a 304 response has the field Content-Type, which describes a body that it has not
a body before start_response
  B08 error: the body gave a chunk before start_response was called
start_response twice
  S02 error: start_response("404 Not Found") was called a second time without the error that made it necessary
a middleware that reads everything first
  B06 error: a middleware takes chunks of its app before it returns; return a body that asks for them when it is asked itself
a middleware that closes nothing
  B13 error: a middleware was closed and did not close the body of its app; gateway.OnClose passes Close on
`, out.String())
}
