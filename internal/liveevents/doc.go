// Package liveevents is the server's side of live refresh: a small script that
// pages under development load, and the stream of server-sent events that tells
// it when the page is out of date.
//
// The program under development and the page of a problem that stands in for it
// answer the same two URLs, so that a page notices that the one has taken the
// place of the other. Each has its own state; a page knows the state that it was
// made in and loads itself again when it hears of another one.
//
// A browser has six connections for a server over HTTP/1.1. The pages of a site
// that are visible, in windows, tabs and frames, so share one stream: the page that
// holds a lock listens and tells the others by a BroadcastChannel. Where there are
// no locks, over plain HTTP from another machine, each listens for itself. A page
// that cannot be seen listens to nothing.
package liveevents
