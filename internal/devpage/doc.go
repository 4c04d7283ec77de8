// Package devpage is what the pages for developers have in common: their look,
// the source around a line, links that open an editor, the fields that keep a
// page to itself. It has the page of a problem: a program that cannot be
// compiled or that has crashed.
package devpage
