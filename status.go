package retort

import "net/http"

// statusName is the reason phrase of code as Werkzeug writes it.
func statusName(code int) string {
	switch code {
	case http.StatusRequestURITooLong:
		return "Request-URI Too Long"
	case http.StatusTeapot:
		return "I'm a Teapot"
	}
	if name := http.StatusText(code); name != "" {
		return name
	}
	return "Unknown"
}

// defaultDescription is the sentence on the page of an error code.
func defaultDescription(code int) string {
	switch code {
	case 400:
		return "The server could not make sense of this request."
	case 401:
		return "This page is only for those who have proved who they are. Log in, or check the credentials you sent."
	case 403:
		return "You may not see this: the server knows what you asked for and will not give it."
	case 404:
		return "There is nothing at this URL. If you typed it, check the spelling."
	case 405:
		return "This URL exists, but not for this method."
	case 406:
		return "Nothing that is here comes in a form your client accepts."
	case 408:
		return "The request took too long to arrive, and the server stopped waiting."
	case 409:
		return "The request does not go together with the present state of this resource."
	case 410:
		return "What was here has gone for good."
	case 411:
		return "A request with a body must say its length in Content-Length."
	case 412:
		return "A condition that the request set does not hold."
	case 413:
		return "The body of the request is larger than this server takes."
	case 414:
		return "The URL is longer than this server takes."
	case 415:
		return "The body came in a media type that is not understood here."
	case 416:
		return "The range that was asked for lies outside of the file."
	case 417:
		return "The server cannot do what the Expect field asks for."
	case 418:
		return "This is a teapot; it does not brew coffee."
	case 421:
		return "This request was meant for another server."
	case 422:
		return "The request is well formed, but what it says does not add up."
	case 423:
		return "The resource is locked."
	case 424:
		return "The request needed another one that has failed."
	case 426:
		return "The server answers this only over another protocol."
	case 428:
		return "This request must carry a condition, such as If-Match."
	case 429:
		return "Too many requests in a short time. Wait a little, then try again."
	case 431:
		return "The header fields of the request are larger than this server takes."
	case 451:
		return "This cannot be shown for legal reasons."
	case 500:
		return "The server failed to answer: something in the application went wrong."
	case 501:
		return "The server does not know this method."
	case 502:
		return "A server behind this one gave an answer that makes no sense."
	case 503:
		return "The server cannot answer just now. Try again in a while."
	case 504:
		return "A server behind this one did not answer in time."
	case 505:
		return "The server does not speak this version of HTTP."
	}
	if code >= 500 {
		return "The server failed to answer this request."
	}
	return "The request cannot be answered."
}
