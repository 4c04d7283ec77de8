package gatewaytest

import "slices"

// The parts of PEP 3333 that requirements are from.
const (
	pepDetails    = "PEP 3333, Specification Details"
	pepVariables  = "PEP 3333, environ Variables"
	pepStreams    = "PEP 3333, Input and Error Streams"
	pepStart      = "PEP 3333, The start_response() Callable"
	pepLength     = "PEP 3333, Handling the Content-Length Header"
	pepBuffering  = "PEP 3333, Buffering and Streaming"
	pepFeatures   = "PEP 3333, Other HTTP Features"
	pepServer     = "PEP 3333, The Server/Gateway Side"
	pepErrors     = "PEP 3333, Error Handling"
	pepThreads    = "PEP 3333, Thread Support"
	pepExtensions = "PEP 3333, Server Extension APIs"
	pepDeployment = "PEP 3333, Application Configuration"
	pepFiles      = "PEP 3333, Optional Platform-Specific File Handling"
)

// serverRequirements are the rules for servers and gateways.
func serverRequirements() []Requirement {
	return slices.Concat(requestRules(), startRules(), bodyRules(), otherRules())
}

// requestRules are about the call and its environ: S1 to S15.
func requestRules() []Requirement {
	return []Requirement{
		{ID: "S1", Strength: Must, Source: pepServer,
			Text: "The app is called once for each request, with an environ and a start_response."},
		{ID: "S2", Strength: Must, Source: pepDetails,
			Text: "Nothing depends on what kind of value the app is: a function, a struct, a method."},
		{ID: "S3", Strength: Must, Source: pepDetails,
			Text: "Each request has an environ of its own, which the app may change in any way without the server or the next request noticing."},
		{ID: "S4", Strength: Must, Source: pepVariables,
			Text: "REQUEST_METHOD, SERVER_NAME and SERVER_PORT are never empty, SCRIPT_NAME and PATH_INFO never both; these two begin with a slash or are empty."},
		{ID: "S5", Strength: Must, Source: "PEP 3333, Unicode Issues",
			Text:  "The values of variables are the bytes that the client sent; PATH_INFO is percent-decoded.",
			Types: "a variable is a string, which holds bytes: nothing is encoded as Latin-1"},
		{ID: "S6", Strength: Must, Source: pepVariables,
			Text: "A variable HTTP_* is there if and only if the client sent the field, also if its value is empty."},
		{ID: "S7", Strength: Must, Source: pepVariables,
			Text: "A variable that does not apply is absent, not empty: CONTENT_TYPE, CONTENT_LENGTH, REMOTE_USER, AUTH_TYPE, HTTPS."},
		{ID: "S8", Strength: Must, Source: pepVariables,
			Text:  "wsgi.url_scheme, wsgi.multithread, wsgi.multiprocess and wsgi.run_once tell the truth.",
			Types: "wsgi.version and the rest are fields of the environ: none can be missing"},
		{ID: "S9", Strength: Should, Source: pepVariables,
			Text: "The other variables of CGI that apply are there: SERVER_PROTOCOL, QUERY_STRING, the peer's address, and HTTPS=on under TLS."},
		{ID: "S10", Strength: Should, Source: pepVariables,
			Text: "The documentation names every variable that an environ has."},
		{ID: "S11", Strength: May, Source: pepVariables,
			Text: "The server's own values have names of lower-case letters, digits and underscores with a dot in between."},
		{ID: "S12", Strength: Must, Source: pepStreams,
			Text:  "wsgi.input can be read as a whole, by size and by line; wsgi.errors can be written and flushed.",
			Types: "Input and ErrorStream have these methods, and a nil Input is an empty one"},
		{ID: "S13", Strength: Should, Source: pepStreams,
			Text: "The input ends at Content-Length although the connection stays open, and gives its end as often as it is asked."},
		{ID: "S14", Strength: Should, Source: pepStreams,
			Text: "A line of the input can be read with a limit."},
		{ID: "S15", Strength: Must, Source: pepStreams,
			Text: "wsgi.errors takes any text, and it reaches whoever runs the server."},
	}
}

// startRules are about start_response: S16 to S26.
func startRules() []Requirement {
	return []Requirement{
		{ID: "S16", Strength: Must, Source: "PEP 3333, The write() Callable",
			Text:  "start_response gives a write, which sends bytes at once and before the body.",
			Types: "write is the first result of start_response"},
		{ID: "S17", Strength: Must, Source: pepStart,
			Text: "A status is three digits, a space and a reason without control characters; it reaches the client as it is, anything else is refused."},
		{ID: "S18", Strength: May, Source: pepStart,
			Text: "The server may change its header list, but not that of the app, and what the app does to its list afterwards changes nothing."},
		{ID: "S19", Strength: Must, Source: pepStart,
			Text: "The fields that HTTP asks for are added if the app leaves them out; those that the app gave stay as they are."},
		{ID: "S20", Strength: Should, Source: pepFeatures,
			Text: "start_response refuses hop-by-hop fields."},
		{ID: "S21", Strength: Should, Source: pepStart,
			Text: "What is wrong with a field is an error of start_response, not of sending."},
		{ID: "S22", Strength: Must, Source: pepStart,
			Text: "start_response sends nothing: the headers leave with the first chunk that is not empty, the first write, or the end of the body."},
		{ID: "S23", Strength: Must, Source: pepStart,
			Text: "Before the headers have left, start_response with exc replaces status and all fields."},
		{ID: "S24", Strength: Must, Source: pepStart,
			Text: "After the headers have left, start_response with exc is an error that holds exc, and the response is cut."},
		{ID: "S25", Strength: Must, Source: pepStart,
			Text: "A second start_response without exc is an error, also if the first one failed."},
		{ID: "S26", Strength: Should, Source: pepStart,
			Text: "Nothing holds on to exc once the response is over."},
	}
}

// bodyRules are about the body: S27 to S37.
func bodyRules() []Requirement {
	return []Requirement{
		{ID: "S27", Strength: Must, Source: pepBuffering,
			Text: "A chunk, and what write was given, reaches the client before the app is asked for more."},
		{ID: "S28", Strength: Must, Source: pepServer,
			Text: "The bytes of the body arrive as they are."},
		{ID: "S29", Strength: Must, Source: pepServer,
			Text: "Len of a Sized body is relied on as the number of chunks, never of bytes."},
		{ID: "S30", Strength: Must, Source: pepServer,
			Text: "Close is called exactly once, whichever way the response ends."},
		{ID: "S31", Strength: MustNot, Source: pepStart,
			Text: "The server does not expect start_response to have been called before the body is asked for its first chunk."},
		{ID: "S32", Strength: MustNot, Source: pepServer,
			Text: "Other methods of a body are not used: a body that happens to be a Reader or a WriterTo is ranged over."},
		{ID: "S33", Strength: ShouldNot, Source: pepLength,
			Text: "No more than Content-Length is sent; the body is asked for no more, and write says so."},
		{ID: "S34", Strength: Should, Source: pepLength,
			Text: "A body that ends before its Content-Length cuts the connection and is logged."},
		{ID: "S35", Strength: May, Source: pepLength,
			Text: "The length of a body of one chunk may become its Content-Length."},
		{ID: "S36", Strength: May, Source: pepLength,
			Text: "A body of unknown length may be sent in chunks, to a client of HTTP/1.1 only; it arrives whole."},
		{ID: "S37", Strength: Must, Source: "PEP 3333, HTTP 1.1 Expect/Continue",
			Text: "An app that reads the input of a request with Expect: 100-continue gets it; one that does not can answer without it."},
	}
}

// otherRules are about everything else: S38 to S45.
func otherRules() []Requirement {
	return []Requirement{
		{ID: "S38", Strength: Must, Source: pepFeatures,
			Text: "The connection's own fields of the request do not reach the app, and a chunked body arrives decoded."},
		{ID: "S39", Strength: Should, Source: pepErrors,
			Text: "An error or a panic of the app is logged, answered with 500 if nothing was sent, and does not stop the server."},
		{ID: "S40", Strength: May, Source: pepErrors,
			Text: "The text of an error could be appended to a response that has begun; here the connection is cut, so that nobody takes half a response for a whole one."},
		{ID: "S41", Strength: Should, Source: pepThreads,
			Text: "There is a way to have one request served at a time, and wsgi.multithread is false then."},
		{ID: "S42", Strength: Must, Source: pepExtensions,
			Text: "An extension that goes past start_response is bound to the server's environ and refuses one that middleware has put in its place."},
		{ID: "S43", Strength: Should, Source: pepDeployment,
			Text: "The deployer can set variables of the environ."},
		{ID: "S44", Strength: May, Source: pepFiles,
			Text: "A file may be handed to the kernel: from its current offset, up to Content-Length, not before the app has returned, and it is closed."},
		{ID: "S45", Strength: Should, Source: "PEP 3333, URL Reconstruction",
			Text: "The URL of the request can be put together again from the environ."},
	}
}
