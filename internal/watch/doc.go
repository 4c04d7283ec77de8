// Package watch tells which files have changed. A change is one of content: a
// file that was only touched, or written anew with the same bytes, has not
// changed.
//
// Files are looked at (stat) at an interval, which works on every file system;
// on Linux inotify says when to look, so that an idle watcher costs next to
// nothing.
package watch
