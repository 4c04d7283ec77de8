package retort

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/retort-go/retort/internal/logtext"
	"github.com/retort-go/retort/internal/requestid"
	"github.com/retort-go/retort/internal/terminal"
)

// newLogger makes the logger of a new app: text for people when w is a terminal,
// else JSON; DEBUG in debug mode, else INFO. env, the environment variable
// RETORT_LOG, says otherwise: words between commas, text or json, debug, info,
// warn or error.
//
// Flask: logging.py, create_logger.
func newLogger(a *App, w io.Writer, env string) *slog.Logger {
	var level slog.Leveler = debugLevel{a}
	text := terminal.Is(w)
	for word := range strings.SplitSeq(strings.ToLower(env), ",") {
		switch word = strings.TrimSpace(word); word {
		case "":
		case "text", "json":
			text = word == "text"
		case "debug", "info", "warn", "error":
			var l slog.Level
			_ = l.UnmarshalText([]byte(word)) // these it knows
			level = l
		default:
			panic(fmt.Sprintf("retort: the environment variable RETORT_LOG is %q, but %q says nothing about a log; it takes text or json, and debug, info, warn or error, with a comma between: RETORT_LOG=json,warn", env, word))
		}
	}
	if text {
		return slog.New(RequestIDHandler(logtext.New(w, logtext.Options{Level: level, Color: terminal.Colors(w), Place: logPlace})))
	}
	h := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})
	return slog.New(RequestIDHandler(h)).With("app", a.Name)
}

// debugLevel is the level of an app that nobody has set.
type debugLevel struct{ app *App }

// Level implements [slog.Leveler].
func (d debugLevel) Level() slog.Level {
	f := d.app.frozen.Load()
	if f != nil && f.settings.debug || f == nil && d.app.Config.Bool("DEBUG") {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// logPlace is where a record comes from: "notes.go:31", or the package when it
// is one of this module, "retort" or "middleware".
func logPlace(f runtime.Frame) string {
	own := strings.HasPrefix(f.Function, packagePath+".") || strings.HasPrefix(f.Function, packagePath+"/")
	if own && !strings.HasSuffix(f.File, "_test.go") {
		pkg, _, _ := strings.Cut(f.Function[strings.LastIndexByte(f.Function, '/')+1:], ".")
		return pkg
	}
	return position{filepath.Base(f.File), f.Line}.in("")
}

// RequestIDHandler gives a handler that adds the attribute request_id to the
// records that are logged with the context of a request, [Context.Context] or
// the one of the *http.Request that plain handlers get, and passes them to h.
// The Logger of a new app has it already; this is for one of your own:
//
//	app.Logger = slog.New(retort.RequestIDHandler(slog.NewJSONHandler(os.Stdout, nil)))
//
//	app.Logger.InfoContext(c.Context(), "note saved", "id", id)
//
// In a logger with open groups the attribute belongs to the innermost.
func RequestIDHandler(h slog.Handler) slog.Handler {
	if h == nil {
		panic("retort: RequestIDHandler takes a slog.Handler, not nil")
	}
	return requestIDHandler{h}
}

type requestIDHandler struct{ slog.Handler }

// Handle implements [slog.Handler].
func (h requestIDHandler) Handle(ctx context.Context, r slog.Record) error {
	if id := requestIDIn(ctx); id != nil {
		r = r.Clone()
		r.AddAttrs(slog.String("request_id", id.String()))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements [slog.Handler].
func (h requestIDHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestIDHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements [slog.Handler].
func (h requestIDHandler) WithGroup(name string) slog.Handler {
	return requestIDHandler{h.Handler.WithGroup(name)}
}

// requestIDIn is the ID of the request that ctx belongs to, nil outside one.
func requestIDIn(ctx context.Context) *requestid.ID {
	if c := FromContext(ctx); c != nil && c.Request != nil {
		return c.requestID()
	}
	return requestid.FromContext(ctx)
}

// RequestID is the name of the request in the log: letters and digits with 128
// random bits, made when it is first asked for. Copies of the Context have the
// same one. An X-Request-ID field of the request is not looked at, because a
// client could write anything into the log with it; middleware that knows better
// gives the request its ID.
func (c *Context) RequestID() string { return c.requestID().String() }

func (c *Context) requestID() *requestid.ID {
	x := c.more()
	if id := x.requestID.Load(); id != nil {
		return id
	}
	id := requestid.FromContext(c.Context())
	if id == nil {
		id = new(requestid.ID)
	}
	x.requestID.CompareAndSwap(nil, id)
	return x.requestID.Load()
}
