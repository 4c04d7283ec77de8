package gatewaytest

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/retort-go/retort/gateway"
)

// environChecks are about what an environ holds: S4 to S11, S38, S43 and S45.
func environChecks() []check[*Server] {
	return []check[*Server]{
		serverCheck("S4", requiredVariables),
		serverCheck("S5/path", thePathIsBytes),
		serverCheck("S5/fields", fieldsAreBytes),
		serverCheck("S6/present", fieldsArePresent),
		serverCheck("S6/joined", fieldsAreJoined),
		serverCheck("S6/underscore", namesAreNotMixedUp),
		serverCheck("S7/absent", whatDoesNotApplyIsAbsent),
		serverCheck("S7/length", aRequestWithoutABodyHasNoLength),
		serverCheck("S8", theServersValues),
		serverCheck("S9/protocol", theProtocol),
		serverCheck("S9/peer", thePeer),
		serverCheck("S9/tls", theEncryption),
		serverCheck("S10", variablesAreDocumented),
		serverCheck("S11", extensionsHaveDottedNames),
		serverCheck("S38/fields", theConnectionsFieldsStayOutside),
		serverCheck("S38/chunked", aChunkedBodyIsDecoded),
		serverCheck("S43", theDeployerSetsVariables),
		serverCheck("S45", theURLCanBePutTogether),
	}
}

// scheme is what wsgi.url_scheme has to be.
func (t *trial) scheme() string {
	if t.server.Scheme == "" {
		return "http"
	}
	return t.server.Scheme
}

func requiredVariables(t *trial) error {
	for _, target := range []string{"/", "/x/y", "/?q=1", "//x"} {
		err := t.look(&Request{Target: target}, func(env *gateway.Environ) error {
			script, path := env.Value("SCRIPT_NAME"), env.Value("PATH_INFO")
			return errors.Join(
				filled(env, "SERVER_NAME"), filled(env, "SERVER_PORT"),
				mismatch("REQUEST_METHOD", env.Value("REQUEST_METHOD"), "GET"),
				mismatch("both SCRIPT_NAME and PATH_INFO are empty", script+path == "", false),
				mismatch("SCRIPT_NAME is empty or begins with a slash", script == "" || script[0] == '/', true),
				mismatch("SCRIPT_NAME is a slash alone", script == "/", false),
				mismatch("PATH_INFO is empty or begins with a slash", path == "" || path[0] == '/', true),
			)
		})
		if err != nil {
			return fmt.Errorf("GET %s: %w", target, err)
		}
	}
	return nil
}

// filled says that a variable is empty or absent.
func filled(env *gateway.Environ, name string) error {
	if env.Value(name) != "" {
		return nil
	}
	return wrong("%s is empty or absent", "it has a value", name)
}

// absent says that a variable is there.
func absent(env *gateway.Environ, name string) error {
	if v, ok := env.Get(name); ok {
		return wrong("%s is there, with the value %q", "it is absent", name, v)
	}
	return nil
}

// variableIs compares a variable that has to be there.
func variableIs(env *gateway.Environ, name, right string) error {
	v, ok := env.Get(name)
	if !ok {
		return wrong("%s is absent", fmt.Sprintf("it is %q", right), name)
	}
	return mismatch(name, v, right)
}

func thePathIsBytes(t *trial) error {
	return t.look(&Request{Target: "/caf%C3%A9/%FF%2f?q=%FF&%2f"}, func(env *gateway.Environ) error {
		return errors.Join(
			mismatch("SCRIPT_NAME and PATH_INFO together", env.Value("SCRIPT_NAME")+env.Value("PATH_INFO"), "/caf\xc3\xa9/\xff/"),
			mismatch("QUERY_STRING", env.Value("QUERY_STRING"), "q=%FF&%2f"))
	})
}

func fieldsAreBytes(t *trial) error {
	const value = "caf\xc3\xa9 \xff \xe9"
	r := &Request{Header: gateway.Headers{{"X-Bytes", value}}}
	return t.look(r, func(env *gateway.Environ) error { return variableIs(env, "HTTP_X_BYTES", value) })
}

func fieldsArePresent(t *trial) error {
	r := &Request{Header: gateway.Headers{{"X-Empty", ""}, {"X-Full", "a b"}}}
	return t.look(r, func(env *gateway.Environ) error {
		return errors.Join(
			variableIs(env, "HTTP_X_EMPTY", ""), variableIs(env, "HTTP_X_FULL", "a b"),
			variableIs(env, "HTTP_HOST", "example.com"), absent(env, "HTTP_X_ABSENT"), absent(env, "HTTP_REFERER"))
	})
}

func fieldsAreJoined(t *trial) error {
	r := &Request{Header: gateway.Headers{{"X-Two", "a"}, {"Cookie", "a=1"}, {"X-Two", "b"}, {"Cookie", "b=2"}}}
	return t.look(r, func(env *gateway.Environ) error {
		return errors.Join(
			mismatch("HTTP_X_TWO, without blanks", strings.ReplaceAll(env.Value("HTTP_X_TWO"), " ", ""), "a,b"),
			variableIs(env, "HTTP_COOKIE", "a=1; b=2"))
	})
}

func namesAreNotMixedUp(t *trial) error {
	r := &Request{Header: gateway.Headers{{"X_Smuggled", "evil"}, {"X-Forwarded-For", "good"}, {"X_Forwarded_For", "evil"}}}
	return t.look(r, func(env *gateway.Environ) error {
		return errors.Join(absent(env, "HTTP_X_SMUGGLED"), variableIs(env, "HTTP_X_FORWARDED_FOR", "good"))
	})
}

func whatDoesNotApplyIsAbsent(t *trial) error {
	return t.look(&Request{}, func(env *gateway.Environ) error {
		err := errors.Join(absent(env, "CONTENT_TYPE"), absent(env, "HTTP_CONTENT_TYPE"), absent(env, "HTTP_CONTENT_LENGTH"),
			absent(env, "REMOTE_USER"), absent(env, "AUTH_TYPE"))
		if t.scheme() == "http" {
			err = errors.Join(err, absent(env, "HTTPS"), absent(env, "SSL_PROTOCOL"))
		}
		return err
	})
}

func aRequestWithoutABodyHasNoLength(t *trial) error {
	return t.look(&Request{}, func(env *gateway.Environ) error { return absent(env, "CONTENT_LENGTH") })
}

func theServersValues(t *trial) error {
	return t.look(&Request{}, func(env *gateway.Environ) error {
		return errors.Join(
			mismatch("wsgi.url_scheme", env.URLScheme, t.scheme()),
			mismatch("wsgi.multithread", env.Multithread, t.server.Multithread),
			mismatch("wsgi.multiprocess", env.Multiprocess, t.server.Multiprocess),
			mismatch("wsgi.run_once", env.RunOnce, t.server.RunOnce))
	})
}

var protocol = regexp.MustCompile(`^HTTP/(1\.[01]|2|3)$`)

func theProtocol(t *trial) error {
	return t.look(&Request{Target: "/?a=1"}, func(env *gateway.Environ) error {
		err := variableIs(env, "QUERY_STRING", "a=1")
		if p := env.Value("SERVER_PROTOCOL"); !protocol.MatchString(p) {
			err = errors.Join(err, wrong("SERVER_PROTOCOL is %q", "HTTP/1.1 or the like", p))
		}
		return err
	})
}

func thePeer(t *trial) error {
	return t.look(&Request{}, func(env *gateway.Environ) error {
		if _, err := netip.ParseAddr(env.Value("REMOTE_ADDR")); err != nil {
			return wrong("REMOTE_ADDR is %q", "an address", env.Value("REMOTE_ADDR"))
		}
		return nil
	})
}

func theEncryption(t *trial) error {
	return t.look(&Request{}, func(env *gateway.Environ) error {
		if t.scheme() == "http" {
			return absent(env, "HTTPS")
		}
		return errors.Join(variableIs(env, "HTTPS", "on"), filled(env, "SSL_PROTOCOL"), filled(env, "SSL_CIPHER"))
	})
}

func variablesAreDocumented(t *trial) error {
	if len(t.server.Variables) == 0 {
		return wrong("no variables are documented (Server.Variables is empty)", "the names that the documentation lists")
	}
	r := &Request{Method: "POST", Target: "/x?y", Body: []byte("z"), Header: gateway.Headers{{"Content-Type", "text/plain"}, {"Accept", "*/*"}}}
	return t.look(r, func(env *gateway.Environ) error {
		var err error
		for name := range env.All() {
			if !slices.ContainsFunc(t.server.Variables, func(p string) bool { return covers(p, name) }) {
				err = errors.Join(err, wrong("%s is in the environ, but not in the documentation", "it is documented", name))
			}
		}
		return err
	})
}

// covers reports whether a documented name, which may end in *, is that of a variable.
func covers(pattern, name string) bool {
	prefix, ok := strings.CutSuffix(pattern, "*")
	return pattern == name || ok && strings.HasPrefix(name, prefix)
}

var dotted = regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)+$`)

func extensionsHaveDottedNames(t *trial) error {
	return t.look(&Request{}, func(env *gateway.Environ) error {
		var err error
		for name := range env.Ext {
			if !dotted.MatchString(name) {
				err = errors.Join(err, wrong("an extension has the name %q", "a name like retort.route", name))
			}
		}
		return err
	})
}

func theConnectionsFieldsStayOutside(t *trial) error {
	r := &Request{Method: "POST", Body: []byte("abc"), Header: gateway.Headers{
		{"TE", "trailers"}, {"Keep-Alive", "timeout=5"}, {"Proxy-Connection", "keep-alive"}, {"Proxy", "http://evil"},
	}}
	return t.look(r, func(env *gateway.Environ) error {
		return errors.Join(absent(env, "HTTP_TE"), absent(env, "HTTP_KEEP_ALIVE"), absent(env, "HTTP_PROXY_CONNECTION"),
			absent(env, "HTTP_TRANSFER_ENCODING"), absent(env, "HTTP_PROXY"))
	})
}

func aChunkedBodyIsDecoded(t *trial) error {
	content := strings.Repeat("0123456789", 300)
	return t.look(&Request{Method: "POST", Body: []byte(content), Chunked: true}, func(env *gateway.Environ) error {
		return errors.Join(reads(env, content), absent(env, "HTTP_TRANSFER_ENCODING"), absent(env, "CONTENT_LENGTH"))
	})
}

func theDeployerSetsVariables(t *trial) error {
	seen := make(chan error, 2)
	setup := t.setup(gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		seen <- errors.Join(variableIs(env, "CONTRACT_SETTING", "on"), variableIs(env, "REQUEST_METHOD", "GET"))
		env.Set("CONTRACT_SETTING", "changed")
		_, err := start("200 OK", plain(), nil)
		return gateway.String("ok"), err
	}))
	setup.Vars = map[string]string{"CONTRACT_SETTING": "on"}
	if err := t.serveWith(setup); err != nil {
		return err
	}
	for range 2 {
		a, err := t.ask(&Request{})
		if err != nil {
			return err
		}
		if err := errors.Join(a.is("200", "ok"), <-seen); err != nil {
			return err
		}
	}
	return nil
}

func theURLCanBePutTogether(t *trial) error {
	for _, url := range []struct{ host, target string }{
		{"example.com:8080", "/a%20b/c;x?q=1"}, {"example.com", "/"}, {"[2001:db8::1]", "/%C3%A9?"},
	} {
		right := t.scheme() + "://" + url.host + strings.TrimSuffix(url.target, "?")
		err := t.look(&Request{Host: url.host, Target: url.target}, func(env *gateway.Environ) error {
			return mismatch("the URL", env.URL(), right)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
