// Command retort makes apps of the web framework retort, and runs them while they
// are being written.
//
//	$ go install github.com/retort-go/retort/cmd/retort@latest
//
//	$ retort new notes           # a small app in the folder notes
//	$ retort run notes           # serves it; save a file, and the page follows
//	$ retort routes notes        # its rules
//	$ retort secret              # a new SECRET_KEY
//
// It contains no app itself: run and routes build the program in a folder with the
// go command, so they need no more of it than that it can be built.
//
// Source: Flask: cli.py.
package main
