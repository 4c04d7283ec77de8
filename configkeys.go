package retort

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/retort-go/retort/internal/cookie"
)

// ConfigKey describes one key that retort reads.
type ConfigKey struct {
	Name    string
	Default any // nil: unset
	Doc     string
	kind    configKind
	check   func(value any) error // nil: any value of the kind
}

// ConfigKeys lists the keys that retort reads, sorted by name. The keys are
// Flask's, and so are their defaults unless the text says otherwise.
//
// Source: Flask: app.py, Flask.default_config.
func ConfigKeys() []ConfigKey {
	return []ConfigKey{
		{"APPLICATION_ROOT", "/", "The path under which the app is mounted; URLFor outside a request puts it first.", stringKey, checkPath},
		{"CROSS_ORIGIN_PROTECTION", nil, "Refuse requests that change something and that a browser sent from a page of another origin: a 403. Unset: only when the app has a SECRET_KEY or a session interface. Not a key of Flask, whose users bring an extension for it.", boolKey, nil},
		{"DEBUG", false, "Show what helps a developer: unhandled errors reach the server, error pages say more. Also RETORT_DEBUG.", boolKey, nil},
		{"EXPLAIN_TEMPLATE_LOADING", false, "Log where each template was looked for, and where it was found.", boolKey, nil},
		{"MAX_CONTENT_LENGTH", int64(16 << 20), "The largest request body in bytes; a larger one is a 413. 0 or unset: any length. Differs from Flask: set by default, because an unlimited body is a way to stop a server, and 0 does not refuse every body.", bytesKey, nil},
		{"MAX_COOKIE_SIZE", int64(cookie.MaxSize), "A Set-Cookie field of more bytes than this is logged, because browsers may drop it; for the cookie of a session it is an error. 0: any length is fine.", bytesKey, nil},
		{"MAX_FORM_MEMORY_SIZE", int64(500_000), "How many bytes the text fields of a form may have together, or a urlencoded body as a whole; more is a 413. 0: any number.", bytesKey, nil},
		{"MAX_FORM_PARTS", int64(1000), "How many parts a multipart form may have; more is a 413. 0: any number.", countKey, nil},
		{"PERMANENT_SESSION_LIFETIME", 31 * 24 * time.Hour, "How long a permanent session lives after it was last saved, and how long the cookie of any session is accepted.", secondsKey, nil},
		{"PREFERRED_URL_SCHEME", "http", "The scheme of URLs built outside a request.", stringKey, nil},
		{"PROPAGATE_EXCEPTIONS", nil, "Let unhandled errors leave the app as a panic instead of becoming a 500. Unset: only when TESTING or DEBUG.", boolKey, nil},
		{"PROVIDE_AUTOMATIC_OPTIONS", true, "Answer OPTIONS for every rule that has no view for it.", boolKey, nil},
		{"SECRET_KEY", nil, "What session cookies are signed with: long, random and known to nobody else. Without it sessions cannot be written.", secretKey, nil},
		{"SECRET_KEY_FALLBACKS", nil, "Former values of SECRET_KEY, the latest last: cookies signed with them are still read, none is signed with them. Differs from Flask: a single string is refused, because it would be taken for a list of one-letter keys.", secretsKey, checkFallbacks},
		{"SEND_FILE_MAX_AGE_DEFAULT", nil, "For how long clients may use a file that is sent without asking again. Unset: they always ask.", secondsKey, nil},
		{"SERVER_NAME", nil, "Host and port of the site: needed for subdomains and for URLs built outside a request.", stringKey, checkServerName},
		{"SESSION_COOKIE_DOMAIN", nil, "The Domain of the session cookie: it is sent to this host and all below it. Unset: only to the host that set it.", stringKey, checkCookie(func(c *cookie.Cookie, s string) { c.Domain = s })},
		{"SESSION_COOKIE_HTTPONLY", true, "Keep the session cookie from scripts in the page.", boolKey, nil},
		{"SESSION_COOKIE_NAME", "session", "The name of the session cookie. With the prefix __Host- or __Secure- the cookie is Secure, because browsers drop it otherwise; Flask leaves that to SESSION_COOKIE_SECURE.", stringKey, checkCookie(func(c *cookie.Cookie, s string) { c.Name = s })},
		{"SESSION_COOKIE_PARTITIONED", false, "Keep a session cookie of its own for each site that embeds this one; implies SESSION_COOKIE_SECURE.", boolKey, nil},
		{"SESSION_COOKIE_PATH", nil, "The Path of the session cookie. Unset: APPLICATION_ROOT.", stringKey, checkPath},
		{"SESSION_COOKIE_SAMESITE", "Lax", "Whether the session cookie goes along with requests from other sites: \"Strict\", \"Lax\" (only when the user follows a link) or \"None\" (always; browsers want SESSION_COOKIE_SECURE then). Unset or empty: the browser decides. Differs from Flask: Lax by default, because a cookie that goes along with every request lets other sites act for the user.", stringKey, checkCookie(func(c *cookie.Cookie, s string) { c.SameSite = s })},
		{"SESSION_COOKIE_SECURE", nil, "Have the session cookie sent over HTTPS only. Unset: if it was set over HTTPS. Differs from Flask, where unset is no.", boolKey, nil},
		{"SESSION_REFRESH_EACH_REQUEST", true, "Set the cookie of a permanent session with every response, so that it lives on while it is in use. Otherwise only when the session was changed.", boolKey, nil},
		{"TEMPLATES_AUTO_RELOAD", nil, "Look for changes of the templates whenever one is rendered. Unset: only when DEBUG.", boolKey, nil},
		{"TESTING", false, "The app runs under test: unhandled errors leave it as a panic.", boolKey, nil},
		{"TRAP_BAD_REQUEST_ERRORS", nil, "Treat the 400 of a missing key as an unhandled error. Unset: only when DEBUG.", boolKey, nil},
		{"TRAP_HTTP_EXCEPTIONS", false, "Treat every HTTPError as an unhandled error unless a handler takes it.", boolKey, nil},
		{"TRUSTED_HOSTS", nil, "The hosts that requests may be for, whatever their port is; \".example.com\" is a domain with all below it. Any other is a 400. Unset or empty: any host.", listKey, checkTrustedHosts},
		{"TRUSTED_ORIGINS", nil, "Origins whose pages may send what CROSS_ORIGIN_PROTECTION refuses: \"https://example.com\". Not a key of Flask.", listKey, checkTrustedOrigins},
		{"USE_X_SENDFILE", false, "Leave files on disk to the server in front: send their path in X-Sendfile, and no body.", boolKey, nil},
	}
}

// checkServerName refuses a URL, which is what is written there by mistake.
func checkServerName(value any) error {
	if s := value.(string); strings.ContainsAny(s, "/?#@ ") {
		return fmt.Errorf("holds %q, which is no host; it has no scheme, user or path (\"example.com\", \"localhost:5000\")", s)
	}
	return nil
}

// checkCookie gives the check of a key that is a part of the session cookie.
func checkCookie(set func(c *cookie.Cookie, s string)) func(any) error {
	return func(value any) error {
		c := cookie.Cookie{Name: "session"}
		set(&c, value.(string))
		if _, err := c.Format(time.Time{}); err != nil {
			return fmt.Errorf("cannot be used: %w", err)
		}
		return nil
	}
}

func checkPath(value any) error {
	if s := value.(string); s != "" && s[0] != '/' {
		return fmt.Errorf("holds %q, which is no path: it begins with a slash", s)
	}
	return nil
}

// checkFallbacks refuses the key that everybody knows.
func checkFallbacks(value any) error {
	for i, key := range value.([]string) {
		if key == "" {
			return fmt.Errorf("holds an empty key at index %d: anybody could sign with it", i)
		}
	}
	return nil
}

func checkTrustedHosts(value any) error {
	_, err := newTrustedHosts(value.([]string))
	return err
}

func checkTrustedOrigins(value any) error {
	var p http.CrossOriginProtection
	for _, origin := range value.([]string) {
		if p.AddTrustedOrigin(origin) != nil {
			return fmt.Errorf("holds %q, which is no origin; an entry is a scheme and a host with nothing after them (\"https://example.com\")", origin)
		}
	}
	return nil
}
