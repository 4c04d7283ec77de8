package gatewaytest

// appRequirements are the rules for applications.
func appRequirements() []Requirement {
	const (
		appSide   = "PEP 3333, The Application/Framework Side"
		details   = "PEP 3333, Specification Details"
		start     = "PEP 3333, The start_response() Callable"
		streams   = "PEP 3333, Input and Error Streams"
		buffering = "PEP 3333, Buffering and Streaming"
		features  = "PEP 3333, Other HTTP Features"
	)
	return []Requirement{
		{ID: "A1", Strength: Must, Source: appSide,
			Text: "It can be called again and again, and at the same time where wsgi.multithread is true."},
		{ID: "A2", Strength: Must, Source: details,
			Text:  "start_response is called with a status, a header list and the error or nil.",
			Types: "the signature of StartResponse"},
		{ID: "A3", Strength: Must, Source: details,
			Text: "start_response has been called before the first chunk that is not empty."},
		{ID: "A4", Strength: Must, Source: details,
			Text: "A body is returned in every case, an empty one too if everything was written."},
		{ID: "A5", Strength: ShouldNot, Source: buffering,
			Text:  "Bare bytes are not a body: sending them one by one would be slow.",
			Types: "[]byte and string have no Chunks"},
		{ID: "A6", Strength: Must, Source: details,
			Text:  "The chunks of a body are bytes.",
			Types: "Chunks gives []byte"},
		{ID: "A7", Strength: MustNot, Source: "PEP 3333, The write() Callable",
			Text: "write is not called from inside the body."},
		{ID: "A8", Strength: ShouldNot, Source: streams,
			Text:  "The input is not read past Content-Length.",
			Types: "Input ends there: reading on gives io.EOF"},
		{ID: "A9", Strength: MustNot, Source: streams,
			Text:  "The input and the error stream are not closed.",
			Types: "they have no Close"},
		{ID: "A10", Strength: Must, Source: start,
			Text: "start_response is called a second time only with the error that made it necessary."},
		{ID: "A11", Strength: MustNot, Source: start,
			Text: "An error that start_response gives to a call with exc is returned, not swallowed."},
		{ID: "A12", Strength: MustNot, Source: features,
			Text: "No hop-by-hop field is sent and no transfer coding applied."},
		{ID: "A13", Strength: Must, Source: start,
			Text:  "Names of fields are tokens, values hold no control characters.",
			Types: "Headers is a list of pairs"},
		{ID: "A14", Strength: Must, Source: "PEP 3333, Unicode Issues",
			Text: "Fields are ASCII, or know what they do: what is beyond is sent as it is."},
		{ID: "A15", Strength: ShouldNot, Source: details,
			Text: "It is not expected that all of the body is asked for: one that is closed early ends without harm."},
		{ID: "A16", Strength: Must, Source: details,
			Text: "A body that is Sized has as many chunks as it says."},
		{ID: "A17", Strength: Should, Source: "PEP 3333, environ Variables",
			Text: "It works without the variables that need not be there."},
		{ID: "A18", Strength: Should, Source: "PEP 3333, Error Handling",
			Text: "Its own errors become an error response, with exc where a response had begun."},
		{ID: "A19", Strength: Should, Source: features,
			Text: "Conditional requests, ranges and content codings are its own to handle; what it says about them is consistent."},
		{ID: "A20", Strength: MustNot, Source: features,
			Text: "It does not rely on the connection's own fields of the request."},
	}
}
