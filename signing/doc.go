// Package signing makes tokens that can be given out and come back unchanged or
// not at all: session cookies, links of password resets, cursors of lists. A
// token can be read by everyone who has it; only those who know the secret key
// can make one. It is compatible with Python's itsdangerous both ways: what one
// signs, the other accepts.
//
// [Signer] signs texts, [TimestampSigner] adds the time and refuses what is too
// old. [Serializer] and [TimedSerializer] sign values as JSON, and
// [URLSafeSerializer] and [URLSafeTimedSerializer] do so in the characters that
// may stand in a URL or a cookie:
//
//	links, err := signing.NewURLSafeTimedSerializer(secretKey, signing.Salt("password-reset"))
//	…
//	token, err := links.Dumps(user.ID)
//	…
//	var id int
//	_, err = links.Loads(token, &id, 24*time.Hour)
//
// What a token is for belongs into its salt: a token for one salt is worth
// nothing for another.
//
// All of them may be used by several goroutines at once. The keys are derived
// once, when they are made, so make them once and keep them.
//
// The signature is checked before anything else is decoded, and in constant
// time. No error shows a key, a signature that would have been right, or the
// payload.
//
// Source: itsdangerous: signer.py, timed.py, serializer.py, url_safe.py.
//
// Differs from itsdangerous: base64 is read strictly, so that nobody can give a
// token another form: padding behind a signature, line ends, the characters + and
// / and unused bits that are not zero are refused. There are no other algorithms
// than HMAC, no fallback_signers and no loads_unsafe.
package signing
