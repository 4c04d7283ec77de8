package tests

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/internal/urlmap"
)

// hostTally counts the cases of a section of compat.json that is about hosts.
type hostTally struct {
	t         *testing.T
	section   string
	hold, all int
}

// check counts a case. One that does not hold may deviate if the Host is unusual:
// see hostReason.
func (h *hostTally) check(id, host string, holds bool, difference string, args ...any) {
	h.all++
	switch {
	case holds:
		h.hold++
	case isUnusualHost(host):
		h.t.Logf("%s does not hold on purpose: %s", id, hostReason)
	default:
		h.t.Errorf("%s: %s", id, fmt.Sprintf(difference, args...))
	}
}

func (h *hostTally) report() {
	assert.NotZero(h.t, h.all)
	fmt.Printf("compat.json %s: %d of %d cases hold\n", h.section, h.hold, h.all)
}

// isUnusualHost is true of none, an invalid one, and one with capital letters or
// underscores.
func isUnusualHost(host string) bool {
	port, err := strconv.Atoi(host[strings.LastIndexByte(host, ':')+1:])
	return host == "" || urlmap.CheckHost(host) != nil || strings.ToLower(host) != host || strings.Contains(host, "_") ||
		err == nil && port > 65535
}

// seenHost sends a request for the host. It gives the status of the answer, and
// what the view took the host for.
func seenHost(app *retort.App, scheme, host string) (status int, seen string) {
	r, err := http.NewRequest(http.MethodGet, "/", nil)
	if err != nil {
		panic(err)
	}
	r.Host = host
	if scheme == "https" || scheme == "wss" {
		r.TLS = new(tls.ConnectionState)
	}
	got := handlerDoor(app, r)
	return got.status, string(got.body)
}

func newHostApp(trusted []string) *retort.App {
	app := retort.New("hosts")
	if len(trusted) > 0 {
		app.Config.Set("TRUSTED_HOSTS", trusted)
	}
	app.Get("/")(func(c *retort.Context) string { return c.Request.Host() })
	return app
}

// TestReplayHostIsTrusted replays host_is_trusted: a host that is not trusted is
// a 400. An entry with a port is that of the release, which finds its name.
func TestReplayHostIsTrusted(t *testing.T) {
	type outcome struct{ Out bool }
	var recording struct {
		Sections struct {
			Trusted struct {
				Cases []struct {
					ID, Host string
					List     []string
					outcome
					Release *outcome
				}
			} `json:"host_is_trusted"`
		}
	}
	readOracle(t, "compat.json", &recording)
	tally := hostTally{t: t, section: "host_is_trusted"}
	for _, c := range recording.Sections.Trusted.Cases {
		want := c.Out
		if c.Release != nil {
			want = c.Release.Out
		}
		status, _ := seenHost(newHostApp(c.List), "http", c.Host)
		tally.check(c.ID, c.Host, want == (status == http.StatusOK), "host %q, trusted %q: want %v, got the status %d", c.Host, c.List, want, status)
	}
	tally.report()
}

// TestReplayGetHost replays get_host. "" is what it gives for an invalid host,
// which is a 400 here.
func TestReplayGetHost(t *testing.T) {
	var recording struct {
		Sections struct {
			Host struct {
				Cases []struct {
					ID, Scheme, Out string
					HostHeader      string `json:"host_header"`
				}
			} `json:"get_host"`
		}
	}
	readOracle(t, "compat.json", &recording)
	app := newHostApp(nil)
	tally := hostTally{t: t, section: "get_host"}
	for _, c := range recording.Sections.Host.Cases {
		status, seen := seenHost(app, c.Scheme, c.HostHeader)
		tally.check(c.ID, c.HostHeader, status == http.StatusOK && seen == c.Out, "%s, Host %q: want %q, got the status %d and %q", c.Scheme, c.HostHeader, c.Out, status, seen)
	}
	tally.report()
}

// TestReplayURLEncode replays the section urlencode, whose pairs are in a list,
// which Werkzeug takes for no query: an error. URLFor takes names and values as
// arguments of its own, and for it such a list is an error too.
func TestReplayURLEncode(t *testing.T) {
	var recording struct {
		Sections struct {
			URLEncode struct {
				Cases []struct {
					ID  string
					In  [][2]string
					Out struct{ Error string }
				}
			} `json:"urlencode"`
		}
	}
	readOracle(t, "compat.json", &recording)
	app := retort.New("query")
	app.Config.Set("SERVER_NAME", "ex.test")
	app.Get("/", retort.Endpoint("index"))(func() string { return "" })
	cases, hold := recording.Sections.URLEncode.Cases, 0
	for _, c := range cases {
		if c.Out.Error != "" && assert.Panics(t, func() { app.URLFor("index", c.In) }, c.ID) {
			hold++
		}
	}
	assert.NotEmpty(t, cases)
	fmt.Printf("compat.json urlencode: %d of %d cases hold\n", hold, len(cases))
}
