package tests

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/internal/urlmap"
)

// urlForRecording is an app of build.json with the URLs that url_for gave for it.
type urlForRecording struct {
	ID  string
	App struct {
		appSpec
		URLDefaults map[string]any `json:"url_defaults"`
	}
	Cases []*urlForCase
}

type urlForCase struct {
	oracleCase
	Context struct {
		Kind       string // app or request
		Path       string
		Method     string
		Host       string
		Scheme     string
		ScriptName string `json:"script_name"`
	}
}

func TestReplayURLFor(t *testing.T) {
	var recording struct {
		Apps []*urlForRecording `json:"flask_url_for"`
	}
	readOracle(t, "build.json", &recording)
	r := newOracleReplay(t, "build.json flask_url_for")
	for _, rec := range recording.Apps {
		app, err := rec.build()
		require.NoError(t, err, rec.ID)
		for _, c := range rec.Cases {
			r.check(rec.set(), &c.oracleCase, c.replay(app))
		}
	}
	r.report()
}

func (rec *urlForRecording) build() (*retort.App, error) {
	rec.App.ID = rec.ID
	app, err := buildApp(&rec.App.appSpec)
	if err != nil {
		return nil, err
	}
	for name, value := range rec.App.URLDefaults {
		app.URLDefaults(func(_ *retort.Context, endpoint string, values retort.H) {
			if _, given := values[name]; !given && rec.takes(endpoint, name) {
				values[name] = value
			}
		})
	}
	return app.App, nil
}

// takes reports whether a rule of the endpoint has the variable, which the
// recorded function asks the map for.
func (rec *urlForRecording) takes(endpoint, name string) bool {
	for _, r := range rec.App.Routes {
		if r.Endpoint == endpoint && strings.Contains(r.Rule, "<"+name+">") {
			return true
		}
	}
	return false
}

// set is what is said of the app when a case does not hold.
func (rec *urlForRecording) set() *oracleSet {
	s := &oracleSet{ID: rec.ID, Map: rec.App.Options}
	for _, r := range rec.App.Routes {
		s.Rules = append(s.Rules, oracleRule{Rule: r.Rule, Endpoint: r.Endpoint})
	}
	return s
}

// replay returns how the URL differs from the recording. Any error holds where an
// error was recorded.
func (c *urlForCase) replay(app *retort.App) string {
	url, err := c.url(app)
	return c.differences(url, err)
}

// url builds the URL where the case does.
func (c *urlForCase) url(app *retort.App) (url string, err error) {
	defer func() {
		if v := recover(); v != nil {
			url, err = "", fmt.Errorf("%v", v)
		}
	}()
	if c.Context.Kind == "app" {
		return app.URLFor(c.Endpoint, c.arguments()...), nil
	}
	return c.request(app).URLFor(c.Endpoint, c.arguments()...), nil
}

func (c *urlForCase) request(app *retort.App) *retort.Context {
	scheme, host := "http", "localhost"
	if c.Context.Scheme != "" {
		scheme = c.Context.Scheme
	}
	if c.Context.Host != "" {
		host = c.Context.Host
	}
	opts := []retort.TestOption{retort.WithBaseURL(scheme + "://" + host + c.Context.ScriptName)}
	if c.Context.Method != "" {
		opts = append(opts, retort.WithMethod(c.Context.Method))
	}
	return app.TestRequestContext(c.Context.Path, opts...)
}

// arguments are those of URLFor. null is what Python takes for not given.
func (c *urlForCase) arguments() []any {
	var args []any
	for _, v := range c.Values {
		option := urlForOption(v)
		switch {
		case option != nil:
			args = append(args, option)
		case v.Value != nil || !strings.HasPrefix(v.Name, "_"):
			args = append(args, v.Name, v.Value)
		}
	}
	return args
}

func urlForOption(v urlmap.Value) retort.URLOption {
	text, isText := v.Value.(string)
	yes, isBool := v.Value.(bool)
	switch {
	case v.Name == "_anchor" && v.Value != nil:
		return retort.Anchor(fmt.Sprint(v.Value))
	case v.Name == "_method" && isText:
		return retort.Method(text)
	case v.Name == "_scheme" && isText:
		return retort.Scheme(text)
	case v.Name == "_external" && isBool:
		return retort.External(yes)
	}
	return nil
}
