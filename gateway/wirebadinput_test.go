package gateway_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/internal/fastcgi"
	"github.com/retort-go/retort/internal/scgi"
	"github.com/retort-go/retort/internal/uwsgi"
)

// doors are the ways in that have no HTTP: each sends variables and a body as they
// are, and gives the status of what comes back.
var doors = []struct {
	name string
	ask  func(t *testing.T, app gateway.App, list []variable, body string) string
}{
	{"uwsgi", func(t *testing.T, app gateway.App, list []variable, body string) string {
		return askWire(t, gateway.UWSGI, app, list, body)
	}},
	{"SCGI", func(t *testing.T, app gateway.App, list []variable, body string) string {
		return askWire(t, gateway.SCGI, app, list, body)
	}},
	{"FastCGI", func(t *testing.T, app gateway.App, list []variable, body string) string {
		return askWire(t, gateway.FastCGI, app, list, body)
	}},
	{"CGI", func(t *testing.T, app gateway.App, list []variable, body string) string {
		var environ []string
		for _, v := range list {
			environ = append(environ, v[0]+"="+v[1])
		}
		out, _, err := cgi(app, body, false, environ...)
		require.NoError(t, err)
		line, _, _ := strings.Cut(out, "\r\n")
		return strings.TrimPrefix(line, "Status: ")
	}},
}

func askWire(t *testing.T, p gateway.WireProtocol, app gateway.App, list []variable, body string) string {
	r, err := serveWire(t, p, app).send(t, encodeWith(p, list, body))
	require.NoError(t, err)
	return r.status
}

// posted is a request as all doors can send it, whose CONTENT_LENGTH comes first
// as SCGI wants it.
func posted(length string, more ...variable) []variable {
	return append(append([]variable{{"CONTENT_LENGTH", length}}, vars("POST", "/")...), more...)
}

// TestBadVariables is what the variables of a request can be that they should not,
// at each door: what is refused, and what is dropped.
func TestBadVariables(t *testing.T) {
	many := func(n int) (list []variable) {
		for i := range n {
			list = append(list, variable{fmt.Sprint("HTTP_X", i), ""})
		}
		return list
	}
	sent := len(posted("0"))
	type row struct {
		name, want string
		list       []variable
		differs    map[string]string // the status at a door that has another
	}
	const fine, bad, large = "200 OK", "400 Bad Request", "431 Request Header Fields Too Large"
	scgiOwn := 1 // it counts its SCGI, too
	rows := []row{
		{"as many variables as may be", fine, posted("0", many(1000-sent-scgiOwn-2)...), nil}, // and two of the environment's
		{"one too many and a few", large, posted("0", many(1001-sent)...), nil},
		{"as large as may be", fine, posted("0", variable{"HTTP_X", strings.Repeat("x", 65_000)}), nil},
		{"larger than the block may be", large, posted("0", variable{"HTTP_X", strings.Repeat("x", 40_000)}, variable{"HTTP_Y", strings.Repeat("y", 40_000)}),
			map[string]string{"uwsgi": "cannot be said: its length has 16 bits"}},
		{"a name that is empty", bad, posted("0", variable{"", "x"}), map[string]string{"CGI": fine}},
		{"a field of two lines", bad, posted("0", variable{"HTTP_X", "a\r\nY: b"}), nil},
	}
	for _, name := range []string{"CONTENT_LENGTH", "CONTENT_TYPE", "REQUEST_METHOD", "REQUEST_URI", "QUERY_STRING", "SERVER_PROTOCOL", "SCRIPT_NAME", "PATH_INFO", "HTTP_HOST"} {
		rows = append(rows, row{"two of " + name, bad, posted("0", variable{name, "/a"}, variable{name, "/b"}), nil})
	}
	for _, length := range []string{"-1", "+1", "0x1", "1 ", " 1", "1,1", "1.0", "1e3", "9223372036854775808", "ten", "１"} {
		rows = append(rows, row{fmt.Sprintf("a length of %q", length), bad, posted(length), nil})
	}
	for _, v := range []variable{
		{"UWSGI_FILE", "/x"}, {"UWSGI_SETENV", "A=b"}, {"uwsgi_script", "x"}, {"Uwsgi_Module", "x"}, {"wsgi.url_scheme", "https"}, {"WSGI.input", "x"},
		{"HTTP_PROXY", "http://evil"}, {"http_proxy", "http://evil"}, {"Http_Proxy", "http://evil"},
		{"HTTP_TRANSFER_ENCODING", "chunked"}, {"HTTP_TE", "x"}, {"HTTP_CONTENT_LENGTH", "7"}, {"HTTP_CONTENT_TYPE", "a/b"},
		{"HTTP_", "x"}, {"HTTP_A B", "x"}, {"HTTP_A-B", "x"}, {"HTTP_A:B", "x"}, {"HTTP_a", "x"}, {"1A", "x"}, {"_A", "x"}, {"A\nB", "x"}, {"A\tB", "x"}, {"Ä", "x"}, {"A;B", "x"}, {"$A", "x"},
	} {
		rows = append(rows, row{fmt.Sprintf("the name %q", v[0]), fine, posted("0", v), nil})
	}
	for _, tt := range rows {
		t.Run(tt.name, func(t *testing.T) {
			for _, door := range doors {
				want := tt.want
				if other := tt.differs[door.name]; strings.HasPrefix(other, "cannot") {
					continue
				} else if other != "" {
					want = other
				}
				t.Run(door.name, func(t *testing.T) {
					var called atomic.Bool
					status := door.ask(t, gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
						called.Store(true)
						if last := tt.list[len(tt.list)-1]; strings.HasPrefix(tt.name, "the name ") {
							_, there := env.Get(last[0])
							assert.True(t, !there || last[0] == "wsgi.url_scheme" && env.URLScheme == "http", "it is dropped")
							for name, value := range env.All() {
								assert.False(t, strings.EqualFold(name, last[0]), name)
								assert.NotContains(t, []string{"http://evil", "/x"}, value)
							}
						}
						return hello(env, start)
					}), tt.list, "")
					assert.Equal(t, want, status)
					assert.Equal(t, want == fine, called.Load(), "the app is called for a good request alone")
				})
			}
		})
	}
}

// TestBadBodyIsAnError: a body shorter than declared is no body, however much of
// it has come and however it is read.
func TestBadBodyIsAnError(t *testing.T) {
	for _, came := range []int{0, 1, 4095, 4096, 99_999} {
		for _, door := range doors {
			t.Run(fmt.Sprint(came, " bytes by ", door.name), func(t *testing.T) {
				got := make(chan error, 1)
				app := gateway.AppFunc(func(env *gateway.Environ, _ gateway.StartResponse) (gateway.Body, error) {
					_, err := io.ReadAll(env.Input)
					got <- err
					return nil, err
				})
				if door.name == "CGI" {
					assert.Equal(t, "400 Bad Request", door.ask(t, app, posted("100000"), strings.Repeat("x", came)))
				} else {
					sendShort(t, wires[map[string]int{"uwsgi": 0, "SCGI": 1, "FastCGI": 2}[door.name]], app, came)
				}
				require.ErrorIs(t, <-got, io.ErrUnexpectedEOF)
			})
		}
	}
}

// sendShort sends a part of a body of 100000 bytes and closes its side.
func sendShort(t *testing.T, p gateway.WireProtocol, app gateway.App, came int) {
	request := encodeWith(p, posted("100000"), strings.Repeat("x", came)) // FastCGI ends it properly
	s := serveWire(t, p, app)
	conn := s.dial(t)
	_, err := conn.Write(request)
	require.NoError(t, err)
	require.NoError(t, conn.(*net.UnixConn).CloseWrite())
	r, err := readReply(p, conn)
	require.NoError(t, err)
	assert.Equal(t, "400 Bad Request", r.status)
}

// TestTruncatedHeadIsNoRequest: a connection that ends before the last byte of the
// variables never reaches the app, wherever it ends.
func TestTruncatedHeadIsNoRequest(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		noLeak(t)
		var called atomic.Int32
		s := serveWire(t, p, gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			called.Add(1)
			return hello(env, start)
		}))
		head := encodeWith(p, []variable{{"CONTENT_LENGTH", "0"}, {"REQUEST_METHOD", "GET"}, {"PATH_INFO", "/"}}, "")
		if p == gateway.FastCGI {
			head = head[:len(head)-fastcgi.HeaderLen] // the end of the body
		}
		for n := range head {
			conn := s.dial(t)
			_, err := conn.Write(head[:n])
			require.NoError(t, err)
			require.NoError(t, conn.(*net.UnixConn).CloseWrite())
			_, err = io.ReadAll(conn)
			require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "the server closes it")
			require.NoError(t, conn.Close())
		}
		assert.Zero(t, called.Load())
		s.do(t, []variable{{"REQUEST_METHOD", "GET"}, {"PATH_INFO", "/"}}, "")
		assert.EqualValues(t, 1, called.Load(), "of the whole one it is called")
	})
}

// TestWrongLengths: each length of a head, one too small and one too large. What
// the app may see then is never a variable that nobody has sent.
func TestWrongLengths(t *testing.T) {
	onEachWire(t, func(t *testing.T, p gateway.WireProtocol) {
		noLeak(t)
		list := []variable{{"CONTENT_LENGTH", "0"}, {"REQUEST_METHOD", "GET"}, {"PATH_INFO", "/"}, {"HTTP_X", "value"}}
		s := serveWire(t, p, gateway.AppFunc(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			assert.Equal(t, "GET", env.Value("REQUEST_METHOD"))
			assert.Contains(t, []string{"value", ""}, env.Value("HTTP_X"))
			return hello(env, start)
		}), gateway.Timeouts{Header: soon})
		for name, request := range wrongLengths(p, list) {
			conn := s.dial(t)
			_, err := conn.Write(request)
			require.NoError(t, err)
			all, err := io.ReadAll(conn)
			require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "the server ends it: %s", name)
			assert.NotContains(t, string(all), "200 OK", name)
		}
	})
}

// wrongLengths are requests of which one length is wrong.
func wrongLengths(p gateway.WireProtocol, list []variable) map[string][]byte {
	all := make(map[string][]byte)
	for _, wrong := range []int{-1, 1, 200} {
		name := func(what string) string { return fmt.Sprintf("%s by %+d", what, wrong) }
		switch p {
		case gateway.UWSGI:
			good := encodeWith(p, list, "")
			size := uwsgi.Header{Size: uint16(len(good) - uwsgi.HeaderLen + wrong)}.Append(nil)
			all[name("the block's")] = append(size, good[uwsgi.HeaderLen:]...)
			for at, what := range map[int]string{uwsgi.HeaderLen: "a name's", uwsgi.HeaderLen + 2 + len(list[0][0]): "a value's"} {
				b := append([]byte(nil), good...)
				b[at] = byte(int(b[at]) + wrong)
				all[name(what)] = b
			}
		case gateway.SCGI:
			var block []byte
			for _, v := range append(list, variable{"SCGI", "1"}) {
				block = scgi.AppendVar(block, v[0], v[1])
			}
			all[name("the netstring's")] = append([]byte(strconv.Itoa(len(block)+wrong)+":"), append(block, ',')...)
		case gateway.FastCGI:
			params := fastcgi.AppendPair(nil, "REQUEST_METHOD", "GET")
			params = fastcgi.AppendPair(params, "PATH_INFO", "/")
			for at, what := range map[int]string{0: "a name's", 1: "a value's"} {
				b := append([]byte(nil), params...)
				b[at] = byte(int(b[at]) + wrong)
				all[name(what)] = paramsOf(b, len(b))
			}
			all[name("a record's")] = paramsOf(params, len(params)+wrong)
		}
	}
	return all
}

// paramsOf is a request by FastCGI whose record of variables says to have n bytes.
func paramsOf(params []byte, n int) []byte {
	b := fastcgi.AppendBegin(nil, 1, fastcgi.Responder, false)
	b = append(fastcgi.Header{Type: fastcgi.Params, ID: 1, Length: uint16(n)}.Append(b), params...)
	b = fastcgi.AppendRecord(b, fastcgi.Params, 1, nil)
	return fastcgi.AppendRecord(b, fastcgi.Stdin, 1, nil)
}
