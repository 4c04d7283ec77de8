package retort

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/retort-go/retort/internal/supervise"
	"github.com/retort-go/retort/internal/urlmap"
)

// App is a web application: the registry of its views and hooks, and the
// gateway callable itself, as an [http.Handler] and as a [gateway.App].
//
// Everything is registered before the first request; from then on the app is
// frozen, safe for use by many goroutines, and registering panics.
//
// Source: Flask: app.py, Flask.
type App struct {
	// Name is the name of the app, in the log and on the command line.
	Name string
	// Config holds the settings.
	Config *Config
	// Logger takes what the app has to say: one record for each unhandled
	// error. That of a new app writes to standard error: text for people when
	// that is a terminal, else JSON; records from DEBUG on in debug mode, else
	// from INFO; each with the [Context.RequestID] of the request whose context
	// it was logged with. The environment variable RETORT_LOG changes that: text
	// or json, and debug, info, warn or error, as in RETORT_LOG=json,warn. Set
	// it before the first request; see [RequestIDHandler]. Nil: nothing is logged.
	Logger *slog.Logger
	// JSON reads and writes JSON: DefaultJSON{} in a new app. Set it before the
	// first request.
	JSON JSONProvider
	// SessionInterface keeps the sessions: in signed cookies, with SECRET_KEY, if
	// it is nil. Set it before the first request.
	//
	// Source: Flask: app.py, session_interface.
	SessionInterface SessionInterface
	// Validator checks what [Request.Bind] and its relatives have read; nil
	// checks nothing. Set it before the first request.
	Validator Validator
	// Signals are what the app tells of itself.
	Signals Signals

	scaffold

	dir                string // the working directory, for the places of rules
	root               rootPath
	templates          string // the folder below root
	static             folder
	urls               *urlmap.Map
	routes             []*route // by Spec.Index
	endpoints          map[string]*route
	hasConverter       bool // of the application's own
	hasWebSocket       bool
	hasConditional     bool
	mounts             []*mount
	blueprints         []*registration // in the order of registration
	commands           []appCommand
	owners             *owners // made when the app freezes; nil: none
	middleware         []func(http.Handler) http.Handler
	teardownAppContext []func(*Context, error)
	buildErrorHandlers []func(err *BuildError, endpoint string, values H) (string, error)
	templating         templating

	lifespan   lifespan
	background background

	running       atomic.Bool // under Run
	warnedOfProxy atomic.Bool // see sessioninterface.go
	warnedOfField atomic.Bool // see proxywarning.go
	tested        atomic.Bool // by a TestClient, whose responses give their Context
	freezing      sync.Mutex
	frozen        atomic.Pointer[frozen]
}

// Option is an option of [New].
type Option interface{ applyApp(*appOptions) }

type appOptions struct {
	fileOptions
	urls           urlmap.Options
	templateEngine func(TemplateEnvironment) (Templates, error)
}

type appOption func(*appOptions)

func (f appOption) applyApp(o *appOptions) { f(o) }

// HostMatching has rules match the whole Host of the request: each rule then
// needs the option [Host].
//
// Source: Flask: app.py, host_matching.
func HostMatching() Option {
	return appOption(func(o *appOptions) { o.urls.HostMatching = true })
}

// SubdomainMatching has rules match the subdomain of the request below
// SERVER_NAME: that of the option [Subdomain], none by default. Without it rules
// with a Subdomain match no request; URLFor still builds their URLs, which are
// then another site's.
//
// Source: Flask: app.py, subdomain_matching.
func SubdomainMatching() Option {
	return appOption(func(o *appOptions) { o.urls.SubdomainMatching = true })
}

// New makes an app. name is that of the program, for the log.
func New(name string, opts ...Option) *App {
	supervise.KeepDescriptors()
	o := appOptions{urls: urlmap.DefaultOptions()}
	o.static.dir, o.templates, o.templateEngine = "static", "templates", HTMLTemplates
	o.urls.CaseSensitiveMethods, o.urls.BuildSubdomains = true, true
	for _, opt := range opts {
		opt.applyApp(&o)
	}
	if o.urls.HostMatching && o.urls.SubdomainMatching {
		panic("retort: HostMatching and SubdomainMatching exclude each other: a rule is chosen by the whole host or by the subdomain")
	}
	lock := &setupLock{
		owner:  fmt.Sprintf("the app %q", name),
		reason: "it has handled its first request, and a change now would reach some requests and not others; move the call to where the app is set up, before Run, the first request and the first TestClient call",
	}
	a := &App{
		Name:      name,
		JSON:      DefaultJSON{},
		Signals:   newSignals(),
		scaffold:  scaffold{lock: lock},
		urls:      urlmap.New(o.urls),
		endpoints: make(map[string]*route),
	}
	a.add = func(at position, rule, endpoint string, view any, opts []RouteOption) error {
		return a.addURLRule(nil, at, rule, endpoint, view, opts)
	}
	a.dir, _ = os.Getwd() // without one, places are given with their whole path
	a.Config = newConfig(lock, &a.root)
	a.Logger = newLogger(a, os.Stderr, os.Getenv("RETORT_LOG"))
	at := callerOutside()
	a.root = o.findRoot(at)
	a.templates = o.templates
	a.templating.makeEngine = o.templateEngine
	a.addStatic(at, o.static)
	return a
}

// Use puts middleware around the app. The first call is the outermost. It sees
// every request, 404s and errors included, before there is a match or a
// [Context]; what should run with those is a hook or a decorator ([Decorate]).
//
// Source: Flask: app.wsgi_app = Middleware(app.wsgi_app).
func (a *App) Use(mw func(http.Handler) http.Handler) {
	a.lock.check("Use")
	if mw == nil {
		panic("retort: Use takes a func(http.Handler) http.Handler, not nil")
	}
	a.middleware = append(a.middleware, mw)
}

// frozen is the app as it handles requests: made once, never changed.
type frozen struct {
	settings settings
	handler  http.Handler // with the middleware around it
	direct   bool         // no hook asks for a Context
	views    []directView // by the index of the route
	asksMore bool         // the map looks at more than path and method, or calls the application's code
	plain404 string       // the page, when nothing can change it
	sessions sessions
	origins  *http.CrossOriginProtection // nil: requests of any origin are let through
	looks    bool                        // looksAt has something to look at
	lengths  [256][]string
	html     []string
	json     []string
}

// directView is what the way without a Context needs to know of a route, close
// together in memory. view is nil for a route that cannot go that way.
type directView struct {
	view    any  // for callCommon
	options bool // OPTIONS is answered without the view
}

// settings are the configuration in the form in which it is used.
type settings struct {
	debug, testing, propagate     bool
	trapHTTP, trapBadRequest      bool
	keepBadRequest                bool // TRAP_BAD_REQUEST_ERRORS is set to false
	serverName, applicationRoot   string
	scheme                        string
	body                          bodyLimits
	trustedHosts                  trustedHosts
	sendFileMaxAge                time.Duration // below zero: none
	useXSendfile                  bool
	maxCookieSize                 int64
	provideAutomaticOptions       bool
	matchesHost, matchesSubdomain bool
}

func (a *App) readSettings() settings {
	c := a.Config
	s := settings{
		debug:                   c.Bool("DEBUG"),
		testing:                 c.Bool("TESTING"),
		trapHTTP:                c.Bool("TRAP_HTTP_EXCEPTIONS"),
		serverName:              c.String("SERVER_NAME"),
		applicationRoot:         c.String("APPLICATION_ROOT"),
		scheme:                  c.String("PREFERRED_URL_SCHEME"),
		body:                    bodyLimits{c.Int("MAX_CONTENT_LENGTH"), c.Int("MAX_FORM_MEMORY_SIZE"), c.Int("MAX_FORM_PARTS")},
		sendFileMaxAge:          c.seconds("SEND_FILE_MAX_AGE_DEFAULT"),
		useXSendfile:            c.Bool("USE_X_SENDFILE"),
		maxCookieSize:           c.Int("MAX_COOKIE_SIZE"),
		provideAutomaticOptions: c.boolOr("PROVIDE_AUTOMATIC_OPTIONS", true),
		matchesHost:             a.urls.Options().HostMatching,
		matchesSubdomain:        a.urls.Options().SubdomainMatching,
	}
	if hosts, ok := c.Get("TRUSTED_HOSTS").([]string); ok {
		s.trustedHosts, _ = newTrustedHosts(hosts) // checked when it was set
	}
	s.propagate = c.boolOr("PROPAGATE_EXCEPTIONS", s.debug || s.testing)
	s.trapBadRequest = c.boolOr("TRAP_BAD_REQUEST_ERRORS", false)
	s.keepBadRequest = !c.boolOr("TRAP_BAD_REQUEST_ERRORS", true)
	return s
}

// settings are those in force: the snapshot, or the present ones during setup.
func (a *App) settings() settings {
	if f := a.frozen.Load(); f != nil {
		return f.settings
	}
	return a.readSettings()
}

// compiled is the app as it handles requests. It ends the setup.
func (a *App) compiled() *frozen {
	if f := a.frozen.Load(); f != nil {
		return f
	}
	return a.freeze()
}

// freeze ends the setup. It is called by the first request.
func (a *App) freeze() *frozen {
	a.freezing.Lock()
	defer a.freezing.Unlock()
	if f := a.frozen.Load(); f != nil {
		return f
	}
	if a.Logger == nil {
		a.Logger = slog.New(slog.DiscardHandler)
	}
	a.lock.locked.Store(true)
	a.urls.Freeze()
	a.owners = a.newOwners()
	f := &frozen{settings: a.readSettings(), html: exactly(htmlType), json: exactly(jsonType)}
	f.sessions = a.newSessions()
	f.origins = a.newOriginCheck(f.sessions.on)
	f.looks = f.origins != nil || f.sessions.on && f.sessions.refresh
	f.views = make([]directView, len(a.routes))
	for i, rt := range a.routes {
		rt.untouched = rt.scopesEmpty() && len(a.teardownAppContext) == 0
		if rt.direct && rt.untouched && !rt.rule.MayRedirect() {
			f.views[i] = directView{rt.directView(), rt.autoOptions}
		}
	}
	for i := range f.lengths {
		f.lengths[i] = exactly(strconv.Itoa(i))
	}
	f.asksMore = a.hasConverter || a.hasWebSocket || a.hasConditional || f.settings.matchesHost || f.settings.matchesSubdomain
	f.direct = a.scope.empty() && len(a.teardownAppContext) == 0
	if h := a.scope.handlers; f.direct && !f.settings.debug && !f.settings.trapHTTP && h.empty() && len(a.mounts) == 0 && a.owners == nil {
		f.plain404 = Error(http.StatusNotFound).Page()
	}
	f.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.serve(f, w, r) })
	for i := len(a.middleware) - 1; i >= 0; i-- {
		f.handler = a.middleware[i](f.handler)
	}
	a.frozen.Store(f)
	a.Config.warnOfUnknownKeys(a.Logger)
	if f.settings.debug {
		a.warnOfPermutedNames()
	}
	return f
}

// exactly gives a one-element slice that append must copy: it is shared by all
// responses.
func exactly(s string) []string { return []string{s}[:1:1] }

// contentLength is the value of the Content-Length field for n bytes.
func (f *frozen) contentLength(n int) []string {
	if n < len(f.lengths) {
		return f.lengths[n]
	}
	return []string{strconv.Itoa(n)}
}
