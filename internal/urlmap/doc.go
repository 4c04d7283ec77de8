// Package urlmap holds URL rules, matches paths against them, and builds URLs
// from them. It does no input or output and knows nothing of net/http.
//
// Its behaviour is Werkzeug's (routing/rules.py, matcher.py, map.py): the syntax
// of rules, the order in which they are tried, the redirects for missing and
// repeated slashes, the methods of a 405. Where it differs the place says so.
//
// # How a path is matched
//
// A [Map] is filled with [Map.Add]. Each rule is read into tokens (parse.go) and
// cut at its slashes into parts (part.go): a part is a literal segment, or a
// pattern as soon as there is a variable in it. The parts lead through a tree of
// states (tree.go), in which equal beginnings are shared. Take the rules
//
//	/                      index
//	/repos/<owner>         owner
//	/repos/<owner>/issues  issues
//	/repos/<int:id>        id
//
// and this tree of them:
//
//	(start) ── "" ──── index
//	   └────── "repos" ┬── <int> ───── id
//	                   └── <string> ── owner ── "issues" ── issues
//
// To match is to walk from the start, a segment at a time. At each state the
// literal way comes first, then the patterns by [Converter.Weight] and by how much
// literal text they have, and if what lies behind one of them fails the next one
// is tried: depth first, with a way back. Where the path ends, the rules of the
// state are asked in the order of their registration whether they take the method
// and the kind of request.
//
//	GET /repos/42        "repos", <int> takes 42: id
//	GET /repos/go        "repos", <int> refuses, <string> takes go: owner
//	GET /repos/42/issues "repos", <int> takes 42, nothing goes on with "issues";
//	                     back: <string> takes 42, "issues": issues
//	GET /repos/go/issues/ nothing; if the rule were /repos/<owner>/issues/ and the
//	                     path lacked the slash, the search would end at once with a
//	                     redirect, whatever else could match
//
// When nothing matches and slashes are repeated in the path, the search is done
// once more without the repetitions, and a hit becomes a redirect. A hit is final:
// if a converter then refuses its text (an int above its max), there is no other
// try, and the answer is 404.
//
// A state is entered from one state only, and each way but the last takes exactly
// one segment. So no state is visited twice, and a search costs at most as many
// steps as there are states: there is no path that makes it exponential. Within a
// segment with several variables it could be, for a backtracking expression;
// feasible.go tells how that is avoided.
//
// # Two matchers
//
// [Map.Explain] walks the tree by the book, with regular expressions, and tells
// every step; it is there to be read. [Map.Match] gives the same answers from a
// frozen form of the tree (machine.go): the static paths in one hash table
// (statics.go), the literal ways of a state in a trie that is compared eight bytes
// at a time (trie.go, words.go), the converters as hand-written scanners (shape.go),
// and a search that writes down values only on its way back from a hit, so that it
// needs no memory of its own (walk.go). The tests hold the two against each other.
//
// For /repos/42/issues the machine looks up the whole path among the static ones:
// no static rule has its length and last byte, so there is not even a hash. Then
// the trie of the start takes "repos" in one comparison of a word, and as the state
// behind it has patterns, it is visited: <int> scans 42, fails behind it, <string>
// finds the next slash, and the trie of the state behind it takes "issues".
//
// # Building
//
// [Map.Bind] makes an [Adapter] of a map and what is known of a request;
// [Adapter.Build] gives the URL of an endpoint and its values.
package urlmap
