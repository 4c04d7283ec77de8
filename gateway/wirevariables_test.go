package gateway_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

// dump is an app that answers with all variables, one a line, and the wsgi.*
// values that print.
var dump = gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	lines := []string{"wsgi.url_scheme=" + env.Value("wsgi.url_scheme")}
	for k, v := range env.All() {
		lines = append(lines, k+"="+v)
	}
	_, err := start("200 OK", text(), nil)
	return gateway.String(strings.Join(lines, "\n")), err
})

// received asks dump.
func (s *wireSite) received(t testing.TB, request []byte) (status string, got map[string]string) {
	t.Helper()
	r, err := s.send(t, request)
	require.NoError(t, err)
	got = make(map[string]string)
	for line := range strings.SplitSeq(r.body, "\n") {
		k, v, _ := strings.Cut(line, "=")
		got[k] = v
	}
	return r.status, got
}

func TestWireVariables(t *testing.T) {
	base := map[string]string{
		"REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": "/a b", "QUERY_STRING": "q=%20",
		"REQUEST_URI": "/a%20b?q=%20", "RAW_URI": "/a%20b?q=%20", "SERVER_NAME": "example", "SERVER_PORT": "80",
		"SERVER_PROTOCOL": "HTTP/1.1", "SERVER_SOFTWARE": "retort", "REMOTE_ADDR": "192.0.2.7", "REMOTE_PORT": "4711",
		"HTTP_HOST": "example", "wsgi.url_scheme": "http", "CONTENT_LENGTH": "0",
	}
	for _, tt := range []struct {
		name string
		more []variable
		want map[string]string // over base; "-" is absent
	}{
		{"as they came", nil, nil},
		{"https by HTTPS", []variable{{"HTTPS", "on"}}, map[string]string{"HTTPS": "on", "wsgi.url_scheme": "https"}},
		{"https by scheme", []variable{{"REQUEST_SCHEME", "https"}}, map[string]string{"HTTPS": "on", "wsgi.url_scheme": "https", "REQUEST_SCHEME": "https"}},
		{"http although forwarded", []variable{{"HTTPS", ""}, {"HTTP_X_FORWARDED_PROTO", "https"}}, map[string]string{"HTTP_X_FORWARDED_PROTO": "https"}},
		{"HTTPS off", []variable{{"HTTPS", "off"}}, nil},
		{"a peer on a unix socket", []variable{{"REMOTE_ADDR", "unix:"}, {"REMOTE_PORT", ""}}, map[string]string{"REMOTE_ADDR": "-", "REMOTE_PORT": "-"}},
		{"a server on a unix socket", []variable{{"SERVER_NAME", ""}, {"SERVER_PORT", ""}, {"HTTP_X", "1"}}, map[string]string{"HTTP_X": "1"}},
		{"empty fields stay", []variable{{"HTTP_X_A", ""}, {"CONTENT_TYPE", ""}}, map[string]string{"HTTP_X_A": ""}},
		{"repeated fields are joined", []variable{{"HTTP_X", "a"}, {"HTTP_X", "a"}, {"HTTP_COOKIE", "a=1"}, {"HTTP_COOKIE", "b=2"}}, map[string]string{"HTTP_X": "a,a", "HTTP_COOKIE": "a=1; b=2"}},
		{"of other settings the last counts", []variable{{"APP_MODE", "a"}, {"APP_MODE", "b"}}, map[string]string{"APP_MODE": "b"}},
		{"equal singletons are one", []variable{{"HTTP_HOST", "example"}, {"CONTENT_LENGTH", "0"}}, nil},
		{"commands to a uwsgi server are dropped", []variable{{"UWSGI_FILE", "/x"}, {"uwsgi_setenv", "A=b"}, {"UWSGI_", ""}}, nil},
		{"the server's own values are dropped", []variable{{"wsgi.url_scheme", "https"}, {"WSGI.INPUT", "x"}}, nil},
		{"httpoxy is dropped", []variable{{"HTTP_PROXY", "http://evil"}, {"http_proxy", "http://evil"}}, nil},
		{"the connection's fields are dropped", []variable{{"HTTP_TE", "x"}, {"HTTP_TRANSFER_ENCODING", "chunked"}, {"HTTP_KEEP_ALIVE", "1"}, {"HTTP_TRAILER", "X"}, {"HTTP_PROXY_CONNECTION", "close"}, {"HTTP_CONTENT_LENGTH", "7"}, {"HTTP_CONTENT_TYPE", "x/y"}}, nil},
		{"impossible names are dropped", []variable{{"HTTP_a", "1"}, {"HTTP_", "1"}, {"HTTP_A-B", "1"}, {"A=B", "1"}, {"A\nB", "1"}, {"1A", "1"}, {"_A", "1"}, {"Ä", "1"}}, nil},
		{"HTTP/2 is spelled as in its RFC", []variable{{"X", ""}}, map[string]string{"X": ""}},
		{"any byte in a value", []variable{{"SSL_CLIENT_CERT", "-----\n\t\xff"}}, map[string]string{"SSL_CLIENT_CERT": "-----|\t\xff"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list := slices.DeleteFunc(vars("GET", "/a%20b?q=%20"), func(v variable) bool {
				return v[0] != "HTTP_HOST" && v[0] != "CONTENT_LENGTH" && slices.ContainsFunc(tt.more, func(m variable) bool { return m[0] == v[0] })
			})
			want := maps.Clone(base)
			for k, v := range tt.want {
				if want[k] = v; v == "-" {
					delete(want, k)
				}
			}
			onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
				app := gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
					if v, ok := env.Get("SSL_CLIENT_CERT"); ok {
						env.Set("SSL_CLIENT_CERT", strings.ReplaceAll(v, "\n", "|"))
					}
					return dump(env, start)
				})
				s := serveWire(t, p, app)
				status, got := s.received(t, encode(p, append(list, tt.more...), ""))
				want := maps.Clone(want)
				switch p {
				case gateway.SCGI:
					want["SCGI"] = "1"
				case gateway.FastCGI:
					if !slices.Contains(tt.more, variable{"CONTENT_LENGTH", "0"}) {
						delete(want, "CONTENT_LENGTH")
					}
				}
				assert.Equal(t, "200 OK", status)
				assert.Equal(t, want, got)
			})
		})
	}
}

func TestWirePath(t *testing.T) {
	type m = map[string]string
	for _, tt := range []struct {
		name         string
		p            gateway.WireProtocol
		root         string
		modifier     byte
		vars         m
		script, info string
	}{
		{"nginx uwsgi_params", gateway.UWSGI, "", 0, m{"REQUEST_URI": "/a%2520?x", "PATH_INFO": "/a%20"}, "", "/a%20"},
		{"nginx scgi_params", gateway.SCGI, "", 0, m{"REQUEST_URI": "/a%2520?x", "DOCUMENT_URI": "/a%20"}, "", "/a%20"},
		{"nginx fastcgi_params", gateway.FastCGI, "", 0, m{"REQUEST_URI": "/a%2520?x", "DOCUMENT_URI": "/a%20", "SCRIPT_NAME": "/a%20"}, "", "/a%20"},
		{"nginx fastcgi_params, slashes merged", gateway.FastCGI, "", 0, m{"REQUEST_URI": "//a", "DOCUMENT_URI": "/a", "SCRIPT_NAME": "/a"}, "", "/a"},
		{"a script name that PATH_INFO has too", gateway.UWSGI, "", 0, m{"REQUEST_URI": "/app/x", "PATH_INFO": "/app/x", "SCRIPT_NAME": "/app"}, "/app", "/x"},
		{"the same with merged slashes", gateway.UWSGI, "", 0, m{"REQUEST_URI": "/app//x", "DOCUMENT_URI": "/app/x", "PATH_INFO": "/app/x", "SCRIPT_NAME": "/app"}, "/app", "/x"},
		{"a script name that PATH_INFO has not", gateway.UWSGI, "", 0, m{"REQUEST_URI": "/app/x", "PATH_INFO": "/x", "SCRIPT_NAME": "/app"}, "/app", "/x"},
		{"a path that repeats the script name", gateway.UWSGI, "", 0, m{"REQUEST_URI": "/app/app/x", "PATH_INFO": "/app/x", "SCRIPT_NAME": "/app"}, "/app", "/app/x"},
		{"not at a segment's end", gateway.UWSGI, "", 0, m{"REQUEST_URI": "/apple", "PATH_INFO": "/apple", "SCRIPT_NAME": "/app"}, "/app", "/apple"},
		{"modifier 30", gateway.UWSGI, "", 30, m{"REQUEST_URI": "/old", "PATH_INFO": "/app/x", "SCRIPT_NAME": "/app"}, "/app", "/x"},
		{"a script name by SCGI", gateway.SCGI, "", 0, m{"REQUEST_URI": "/app/x", "SCRIPT_NAME": "/app"}, "/app", "/x"},
		{"a script name by FastCGI", gateway.FastCGI, "", 0, m{"REQUEST_URI": "/app/x", "DOCUMENT_URI": "/app/x", "SCRIPT_NAME": "/app"}, "/app", "/x"},
		{"the script itself", gateway.UWSGI, "", 0, m{"REQUEST_URI": "/app", "SCRIPT_NAME": "/app"}, "/app", ""},
		{"Apache with proxy-scgi-pathinfo", gateway.SCGI, "", 0, m{"REQUEST_URI": "/%C3%A4%2520b?x", "SCRIPT_NAME": "/ä%20b", "PATH_INFO": "/%C3%A4%2520b"}, "", "/ä%20b"},
		{"Apache with proxy-fcgi-pathinfo below a path", gateway.FastCGI, "", 0, m{"REQUEST_URI": "/app/a%20b", "SCRIPT_NAME": "/app/a b", "PATH_INFO": "/a%20b"}, "/app", "/a b"},
		{"Apache with nothing to decode", gateway.SCGI, "", 0, m{"REQUEST_URI": "/app/a", "SCRIPT_NAME": "/app", "PATH_INFO": "/a"}, "/app", "/a"},
		{"a client's own escapes stay", gateway.UWSGI, "", 0, m{"REQUEST_URI": "/%252e%252e", "PATH_INFO": "/%2e%2e"}, "", "/%2e%2e"},
		{"Apache by SCGI", gateway.SCGI, "", 0, m{"REQUEST_URI": "/x%20y", "SCRIPT_NAME": "/x y"}, "", "/x y"},
		{"a slash is no script name", gateway.SCGI, "", 0, m{"REQUEST_URI": "/x", "SCRIPT_NAME": "/"}, "", "/x"},
		{"a slash at its end goes over", gateway.UWSGI, "", 0, m{"REQUEST_URI": "/app/", "SCRIPT_NAME": "/app/"}, "/app", "/"},
		{"an empty PATH_INFO", gateway.UWSGI, "", 0, m{"REQUEST_URI": "/x", "PATH_INFO": ""}, "", "/x"},
		{"no target", gateway.UWSGI, "", 0, m{"PATH_INFO": "/ä"}, "", "/ä"},
		{"an absolute target", gateway.SCGI, "", 0, m{"REQUEST_URI": "http://example/x?http://y"}, "", "/x"},
		{"an absolute target without a path", gateway.SCGI, "", 0, m{"REQUEST_URI": "http://example"}, "", "/"},
		{"asterisk", gateway.UWSGI, "", 0, m{"REQUEST_METHOD": "OPTIONS", "REQUEST_URI": "*", "PATH_INFO": "*"}, "", ""},
		{"the deployer's name", gateway.UWSGI, "/app", 0, m{"REQUEST_URI": "/app/x", "PATH_INFO": "/app/x"}, "/app", "/x"},
		{"the deployer's name by SCGI", gateway.SCGI, "/app", 0, m{"REQUEST_URI": "/app/x"}, "/app", "/x"},
		{"the deployer's name by FastCGI", gateway.FastCGI, "/app", 0, m{"REQUEST_URI": "/app/x", "SCRIPT_NAME": "/app/x"}, "/app", "/x"},
		{"the deployer's name and the web server's", gateway.UWSGI, "/a/b", 0, m{"REQUEST_URI": "/a/b/x", "PATH_INFO": "/b/x", "SCRIPT_NAME": "/a"}, "/a/b", "/x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serveWire(t, tt.p, dump, gateway.ScriptName(tt.root))
			list := []variable{}
			if tt.vars["REQUEST_METHOD"] == "" {
				list = append(list, variable{"REQUEST_METHOD", "GET"})
			}
			for k, v := range tt.vars {
				list = append(list, variable{k, v})
			}
			request := encode(tt.p, list, "")
			if tt.modifier != 0 {
				request[0] = tt.modifier
			}
			status, got := s.received(t, request)
			assert.Equal(t, "200 OK", status)
			assert.Equal(t, tt.script, got["SCRIPT_NAME"])
			assert.Equal(t, tt.info, got["PATH_INFO"])
			assert.Equal(t, got["REQUEST_URI"], got["RAW_URI"])
			assert.NotEmpty(t, got["REQUEST_URI"])
		})
	}
}

func TestWireRefusesVariables(t *testing.T) {
	many := make([]variable, 1001)
	for i := range many {
		many[i] = variable{"HTTP_X", ""}
	}
	for _, tt := range []struct {
		name, status, why string
		vars              []variable
	}{
		{"no method", "400 Bad Request", `the variable REQUEST_METHOD has the unusable value \"\"`, []variable{{"REQUEST_URI", "/"}}},
		{"a method of two words", "400 Bad Request", `the variable REQUEST_METHOD has the unusable value \"GET /\"`, vars("GET /", "/")},
		{"no path at all", "400 Bad Request", "there is neither PATH_INFO nor SCRIPT_NAME nor REQUEST_URI", []variable{{"REQUEST_METHOD", "GET"}}},
		{"a relative path", "400 Bad Request", `the variable PATH_INFO has the unusable value \"a\"`, []variable{{"REQUEST_METHOD", "GET"}, {"PATH_INFO", "a"}}},
		{"a relative target", "400 Bad Request", `the variable REQUEST_URI has the unusable value \"a\"`, vars("GET", "a")},
		{"a target with a line break", "400 Bad Request", `the variable REQUEST_URI has the unusable value`, vars("GET", "/a\r\nX: y")},
		{"a target with a fragment", "400 Bad Request", `the variable REQUEST_URI has the unusable value \"/a#b\"`, vars("GET", "/a#b")},
		{"a broken escape", "400 Bad Request", `the variable REQUEST_URI has the unusable value \"/%zz\"`, vars("GET", "/%zz")},
		{"asterisk for GET", "400 Bad Request", `the variable REQUEST_URI has the unusable value \"*\"`, vars("GET", "*")},
		{"a relative script name", "400 Bad Request", `the variable SCRIPT_NAME has the unusable value \"app\"`, vars("GET", "/", variable{"SCRIPT_NAME", "app"})},
		{"two hosts", "400 Bad Request", `the variable HTTP_HOST has two values, \"example\" and \"evil\"`, vars("GET", "/", variable{"HTTP_HOST", "evil"})},
		{"two methods", "400 Bad Request", `the variable REQUEST_METHOD has two values, \"GET\" and \"POST\"`, vars("GET", "/", variable{"REQUEST_METHOD", "POST"})},
		{"two lengths", "400 Bad Request", `the variable CONTENT_LENGTH has two values, \"0\" and \"1\"`, vars("GET", "/", variable{"CONTENT_LENGTH", "0"}, variable{"CONTENT_LENGTH", "1"})},
		{"two content types", "400 Bad Request", `the variable CONTENT_TYPE has two values`, vars("GET", "/", variable{"CONTENT_TYPE", "a/b"}, variable{"CONTENT_TYPE", "a/c"})},
		{"a variable without a name", "400 Bad Request", "a variable has no name", vars("GET", "/", variable{"", "x"})},
		{"a line break in a field", "400 Bad Request", "the variable HTTP_X holds a line break or NUL", vars("GET", "/", variable{"HTTP_X", "a\r\nB: c"})},
		{"a line break in a media type", "400 Bad Request", "the variable CONTENT_TYPE holds a line break or NUL", vars("GET", "/", variable{"CONTENT_TYPE", "a/b\r\nX: y"})},
		{"a line break in a version", "400 Bad Request", "the variable SERVER_PROTOCOL holds a line break or NUL", []variable{{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/"}, {"SERVER_PROTOCOL", "HTTP/1.1\n127.0.0.1 - -"}}},
		{"an escape in a version", "400 Bad Request", `the variable SERVER_PROTOCOL has the unusable value`, []variable{{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/"}, {"SERVER_PROTOCOL", "HTTP/1.1\x1b[2J"}}},
		{"a line break in a user", "400 Bad Request", "the variable REMOTE_USER holds a line break or NUL", vars("GET", "/", variable{"REMOTE_USER", "ada\nroot"})},
		{"a line break in a query", "400 Bad Request", "the variable QUERY_STRING holds a line break or NUL", []variable{{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/"}, {"QUERY_STRING", "a=\n"}}},
		{"a path elsewhere", "404 Not Found", `the path \"/apple\" is not under the script name \"/app\"`, vars("GET", "/apple")},
		{"too many", "431 Request Header Fields Too Large", "there are more than 1000 variables", vars("GET", "/", many...)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
				noLeak(t)
				s := serveWire(t, p, dump, gateway.ScriptName("/app"))
				if !strings.HasPrefix(tt.status, "404") {
					s = serveWire(t, p, dump)
				}
				got := s.do(t, tt.vars, "")
				assert.Equal(t, tt.status, got.status)
				assert.Equal(t, tt.status+"\n", got.body)
				assert.Contains(t, s.log.String(), tt.why)
			})
		})
	}
}

func TestWireRefusesLengths(t *testing.T) {
	for _, length := range []string{"-1", "+1", "0x1", "1 ", "1,1", "9223372036854775808", "ten"} {
		onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
			s := serveWire(t, p, dump)
			request := encodeWith(p, append([]variable{{"CONTENT_LENGTH", length}}, vars("POST", "/")...), "body")
			got, err := s.send(t, request)
			require.NoError(t, err)
			assert.Equal(t, "400 Bad Request", got.status, length)
		})
	}
}
