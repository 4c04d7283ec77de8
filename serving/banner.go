package serving

import (
	"net"
	"strconv"
	"strings"

	"github.com/retort-go/retort/internal/terminal"
)

// developmentWarning is the banner's reminder of what this server is for.
const developmentWarning = "WARNING: this server is made for development. It is not meant to face the internet: " +
	"put a production server in front of the app before you deploy it."

// banner is what RunSimple prints before it serves, in Flask's order: the app,
// debug mode, the warning, where it listens, how to quit.
//
// Flask: cli.py, show_server_banner. Werkzeug: serving.py, BaseWSGIServer.log_startup.
func banner(o Options, addr net.Addr, color bool) string {
	var b strings.Builder
	if o.AppName != "" {
		b.WriteString(" * Serving retort app '" + o.AppName + "'\n")
		b.WriteString(" * Debug mode: " + onOff(o.Debug) + "\n")
	}
	b.WriteString(terminal.BoldRed.Wrap(developmentWarning, color) + "\n")
	for _, line := range runningLines(addr, o.SSLContext.scheme(), outboundIP) {
		b.WriteString(" * Running on " + line + "\n")
	}
	b.WriteString(terminal.Yellow.Wrap("Press CTRL+C to quit", color) + "\n")
	return b.String()
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// runningLines says where clients reach addr: one URL, or for a wildcard
// address the wildcard, the loopback URL and, when outbound knows one, the URL
// for the local network.
func runningLines(addr net.Addr, scheme string, outbound func(network string) string) []string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return []string{addr.Network() + "://" + addr.String()}
	}
	host := tcp.AddrPort().Addr().WithZone(tcp.Zone).Unmap().String()
	if !tcp.IP.IsUnspecified() {
		return []string{rootURL(scheme, host, tcp.Port)}
	}
	loopback, network := "127.0.0.1", "udp4"
	if tcp.IP.To4() == nil {
		loopback, network = "::1", "udp6"
	}
	lines := []string{"all addresses (" + host + ")", rootURL(scheme, loopback, tcp.Port)}
	if ip := outbound(network); ip != "" && ip != loopback {
		lines = append(lines, rootURL(scheme, ip, tcp.Port))
	}
	return lines
}

func rootURL(scheme, host string, port int) string {
	return scheme + "://" + net.JoinHostPort(host, strconv.Itoa(port))
}

// outboundIP is this machine's address towards its network, "" when it has
// none. Connecting a UDP socket picks a route and sends nothing, so the peer
// need not exist; these are a private and a documentation address.
func outboundIP(network string) string {
	peer := "10.253.155.219:58162"
	if network == "udp6" {
		peer = "[2001:db8::1]:58162"
	}
	c, err := net.Dial(network, peer)
	if err != nil {
		return ""
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).IP.String()
}
