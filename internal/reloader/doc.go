// Package reloader runs a program under development: it watches the source,
// builds it anew when it changes, and puts the new program in the place of the
// old one. It holds the listening socket, so that requests that come meanwhile
// wait and none is lost; it never runs code of the program itself.
//
// What keeps the program from running (it cannot be compiled, it crashes) is
// answered as a page until the next change.
package reloader
