package retort

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRunAddress(t *testing.T) {
	for _, tt := range []struct {
		name             string
		options          RunOptions
		envHost, envPort string
		serverName       string
		host             string
		port             int
	}{
		{name: "the default", host: "127.0.0.1", port: 5000},
		{name: "the options", options: RunOptions{Host: "::1", Port: 80}, envHost: "h", envPort: "1", serverName: "s:2", host: "::1", port: 80},
		{name: "the environment", envHost: "0.0.0.0", envPort: "8000", serverName: "s:2", host: "0.0.0.0", port: 8000},
		{name: "SERVER_NAME", serverName: "example.com:8080", host: "example.com", port: 8080},
		{name: "SERVER_NAME without a port", serverName: "example.com", host: "example.com", port: 5000},
		{name: "SERVER_NAME of IPv6", serverName: "[::1]:8080", host: "::1", port: 8080},
		{name: "SERVER_NAME of IPv6 without a port", serverName: "[::1]", host: "::1", port: 5000},
		{name: "each from its own place", options: RunOptions{Host: "a"}, envPort: "7", host: "a", port: 7},
		{name: "any port", options: RunOptions{Port: AnyPort}, envPort: "7", host: "127.0.0.1", port: 0},
		{name: "any port, by the environment", envPort: "0", host: "127.0.0.1", port: 0},
		{name: "a bad port that is not asked for", options: RunOptions{Port: 1}, envPort: "x", host: "127.0.0.1", port: 1},
		{name: "a socket file", options: RunOptions{Host: "unix:///run/app.sock"}, host: "unix:///run/app.sock", port: 5000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("RETORT_RUN_HOST", tt.envHost)
			t.Setenv("RETORT_RUN_PORT", tt.envPort)
			app := New("run")
			app.Config.Set("SERVER_NAME", tt.serverName)
			host, port, err := app.runAddress(tt.options)
			require.NoError(t, err)
			assert.Equal(t, tt.host, host)
			assert.Equal(t, tt.port, port)
		})
	}
}

func TestRunAddressOfABadPort(t *testing.T) {
	const text = ", which is no port; set it to a number from 0 to 65535, such as 5000"
	for _, tt := range []struct{ envPort, serverName, want string }{
		{"http", "", `retort: RETORT_RUN_PORT is "http"` + text},
		{"65536", "s:1", `retort: RETORT_RUN_PORT is "65536"` + text},
		{"-1", "", `retort: RETORT_RUN_PORT is "-1"` + text},
		{" 80", "", `retort: RETORT_RUN_PORT is " 80"` + text},
		{"", "example.com:http", `retort: the port of SERVER_NAME is "http"` + text},
	} {
		t.Setenv("RETORT_RUN_PORT", tt.envPort)
		app := New("run")
		app.Config.Set("SERVER_NAME", tt.serverName)
		_, _, err := app.runAddress(RunOptions{})
		require.EqualError(t, err, tt.want)
		require.EqualError(t, app.Run(), tt.want)
	}
}

func TestEnvFlag(t *testing.T) {
	for value, want := range map[string]bool{"": false, "0": false, "false": false, "False": false, "no": false, "NO": false, "1": true, "true": true, "yes": true, "on": true, "off": false, " ": false, "x": true} {
		t.Setenv("RETORT_DEBUG", value)
		assert.Equal(t, want, envFlag("RETORT_DEBUG"), "%q", value)
	}
}
