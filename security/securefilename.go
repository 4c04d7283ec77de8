package security

import "github.com/retort-go/retort/datastructures"

// SecureFilename gives a name for a file that came from a client, without
// directories and special characters; "" when nothing is left. It is
// [datastructures.SecureFilename], which Flask has among its security functions.
//
// Source: Werkzeug: utils.py, secure_filename.
func SecureFilename(name string) string { return datastructures.SecureFilename(name) }
