// Package security has the functions that keep what strangers send from doing
// harm: hashes of passwords, paths and file names that stay where they belong,
// targets of redirects that stay on the site, and tokens that nobody guesses.
//
// Passwords that Werkzeug hashed are checked here, and those that
// [GeneratePasswordHash] hashes are checked by Werkzeug, so that a Flask app and
// a retort app can share a table of users. [HashPassword] is the better choice
// where only Go reads it. At login, change old hashes to new ones:
//
//	if !security.CheckPasswordHash(user.Hash, password) {
//		return retort.Error(403)
//	}
//	if security.NeedsRehash(user.Hash) {
//		user.Hash, err = security.HashPassword(password)
//		// store it
//	}
//
// Hashing is slow and takes memory on purpose; [HashPassword] says how much.
// Each login under way costs that, so limit how many there are at once, and how
// often one client may try.
//
// All functions may be called from several goroutines at once.
package security
