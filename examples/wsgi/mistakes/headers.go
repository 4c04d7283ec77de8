package main

import "github.com/retort-go/retort/gateway"

// headerMistakes are those of the header list.
func headerMistakes() []mistake {
	return []mistake{
		{"H01", "the status as a field", field("Status", "200")},
		{"H02", "a name that is none", field("X Rate", "1")},
		{"H03", "a field of the connection", field("Connection", "close")},
		{"H04", "a name that goes nowhere", field("X-Rate-", "1")},
		{"H05", "a value with what somebody typed", field("X-Search", "shoes\r\nSet-Cookie: admin=1")},
		{"H06", "a name of somebody in a value", field("Content-Disposition", `attachment; filename="Übersicht.pdf"`)},
		{"H07", "a length with a sign", field("Content-Length", "-1")},
		{"H08", "a weak entity tag with a small letter", field("ETag", `w/"abc"`)},
		{"H09", "two answers to where this is", answers("302 Found", append(plain.Clone(), [2]string{"Location", "/a"}, [2]string{"Location", "/b"}), gateway.Empty())},
		{"H10", "a 304 that describes a body", answers("304 Not Modified", plain, gateway.Empty())},
		{"H11", "a 204 with a length", answers("204 No Content", gateway.Headers{{"Content-Length", "0"}}, gateway.Empty())},
		{"H12", "a 204 with a type", answers("204 No Content", plain, gateway.Empty())},
		{"H13", "a page without its type", answers("200 OK", nil, gateway.String("<p>Hi"))},
		{"H14", "an entity tag without quotation marks", field("ETag", "abc")},
		{"H15", "two cookies in one field", field("Set-Cookie", "a=1; Path=/, b=2")},
	}
}

// field is an answer with one more field.
func field(name, value string) func(gateway.Middleware) gateway.App {
	return answers("200 OK", append(plain.Clone(), [2]string{name, value}), gateway.Empty())
}
