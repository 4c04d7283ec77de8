//go:build retort_dev

// Package live is live refresh: a page that a browser shows is loaded again when
// the program that made it has been built anew, or one of its templates has
// changed; a changed style sheet is exchanged in place.
//
// All visible pages of a site share one connection. A hidden page has none, and
// looks whether it is out of date when it is shown again.
//
// [Live.Handler] adds a script element to pages as they pass. It touches only
// whole pages that a browser of this machine navigates to: answers to GET with
// Sec-Fetch-Dest document or iframe and without Range, with a 2xx status, of the
// type text/html, in no content coding. Fragments that a script fetches, answers
// to POST, downloads, pages with the cache directive no-transform or a digest,
// and pages whose Content-Security-Policy would not let the script run or
// connect, stay as they are. Browsers send Sec-Fetch-Dest to localhost, but not
// over plain HTTP to other names.
//
// The element stands before the last </body>, or at the end of a page that has
// none. A page is passed on as it is written; held back is at most what follows
// a </body>, 1 KiB of it. A Content-Length grows by the element. An ETag gets the
// state of live refresh added, and such a tag in If-None-Match is given to the
// application as its own, so that conditional requests work; Last-Modified and
// If-Modified-Since are taken out, because a page of that date may hold no
// script or an old one. If the page says its Content-Security-Policy in a meta
// element, nothing looks there.
//
// It compiles only under the build tag retort_dev.
package live
