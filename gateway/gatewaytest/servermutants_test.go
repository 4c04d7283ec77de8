package gatewaytest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/gateway/gatewaytest"
)

type (
	environment = *gateway.Environ
	starter     = gateway.StartResponse
	headers     = gateway.Headers
)

// environMutants are servers whose apps are called in the wrong way, or with the
// wrong environ.
var environMutants = []mutant{
	{"S1", "calls the app twice", around(func(app gateway.App, env environment, start starter) (gateway.Body, error) {
		if body, err := app.Call(env, func(string, headers, error) (gateway.Write, error) { return nil, nil }); err == nil {
			_ = body.Close()
		}
		return app.Call(env, start)
	})},
	{"S2", "takes functions only", around(func(app gateway.App, env environment, start starter) (gateway.Body, error) {
		if _, ok := app.(gateway.AppFunc); !ok {
			return nil, errMutant
		}
		return app.Call(env, start)
	})},
	{"S3/request", "has one environ for all requests", func(p *parts) {
		var first environment
		around(func(app gateway.App, env environment, start starter) (gateway.Body, error) {
			if first == nil {
				first = env
			}
			return app.Call(first, start)
		})(p)
	}},
	{"S3/log", "logs what the app has left of the environ", func(p *parts) {
		var own io.Writer
		p.setup = func(s *gatewaytest.Setup) { own, s.AccessLog = s.AccessLog, nil }
		around(func(app gateway.App, env environment, start starter) (gateway.Body, error) {
			defer func() { fmt.Fprintln(own, env.Value("REQUEST_METHOD"), env.Value("PATH_INFO")) }()
			return app.Call(env, start)
		})(p)
	}},
	{"S4", "does not know its name", setting("SERVER_NAME", "")},
	{"S5/path", "decodes the path as Latin-1", environ(func(env environment) {
		var runes []rune
		for _, c := range []byte(env.Value("PATH_INFO")) {
			runes = append(runes, rune(c))
		}
		env.Set("PATH_INFO", string(runes))
	})},
	{"S5/fields", "takes fields for text", environ(func(env environment) {
		env.Set("HTTP_X_BYTES", strings.ToValidUTF8(env.Value("HTTP_X_BYTES"), "?"))
	})},
	{"S6/present", "leaves empty fields out", environ(func(env environment) {
		for name, value := range env.All() {
			if value == "" {
				env.Del(name)
			}
		}
	})},
	{"S6/joined", "joins cookies with commas", environ(func(env environment) {
		env.Set("HTTP_COOKIE", strings.ReplaceAll(env.Value("HTTP_COOKIE"), "; ", ","))
	})},
	{"S6/underscore", "takes an underscore for a hyphen", handling(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		for name, values := range r.Header {
			if strings.Contains(name, "_") {
				r.Header[http.CanonicalHeaderKey(strings.ReplaceAll(name, "_", "-"))] = values
			}
		}
		next.ServeHTTP(w, r)
	})},
	{"S7/absent", "has a default Content-Type, as wsgiref", setting("CONTENT_TYPE", "text/plain")},
	{"S7/length", "has an empty length, as wsgiref", setting("CONTENT_LENGTH", "")},
	{"S8", "keeps quiet about its threads", environ(func(env environment) { env.Multithread = false })},
	{"S9/protocol", "says 1.1 for HTTP/1.1", setting("SERVER_PROTOCOL", "1.1")},
	{"S9/peer", "says <local> for an address", setting("REMOTE_ADDR", "<local>")},
	{"S9/tls", "does not say HTTPS", func(p *parts) {
		p.server = func(s *gatewaytest.Server) { s.Scheme = "https" }
		environ(func(env environment) { env.URLScheme = "https" })(p)
	}},
	{"S10", "has a variable that nobody knows of", setting("X_OWN", "1")},
	{"S10", "documents nothing", func(p *parts) { p.server = func(s *gatewaytest.Server) { s.Variables = nil } }},
	{"S11", "has an extension with any name", environ(func(env environment) { env.Ext = map[string]any{"Route": 1} })},
	{"S13/length", "goes on after the length", input(func(all []byte) string { return string(all) + "more" })},
	{"S13/none", "has an input without a body", input(func(all []byte) string { return "x" + string(all) })},
	{"S13/next", "drops what follows a request", handling(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		next.ServeHTTP(w, r)
	})},
	{"S13/short", "takes a broken body for its end", input(func(all []byte) string { return string(all) })},
	{"S14", "reads lines without their ends", input(func(all []byte) string { return strings.ReplaceAll(string(all), "\n", " ") })},
	{"S15", "drops what the app complains about", environ(func(env environment) { env.Errors = deaf{} })},
	{"S37/read", "never says 100 Continue", handling(func(http.Handler, http.ResponseWriter, *http.Request) { time.Sleep(2 * patience) })},
	{"S37/unread", "refuses expectations", handling(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Expect") != "" {
			w.WriteHeader(http.StatusExpectationFailed)
			return
		}
		next.ServeHTTP(w, r)
	})},
	{"S38/fields", "passes TE on", setting("HTTP_TE", "trailers")},
	{"S38/chunked", "takes no length for no body", environ(func(env environment) {
		if _, ok := env.Get("CONTENT_LENGTH"); !ok {
			env.Input = nil
		}
	})},
	{"S43", "has no settings", func(p *parts) { p.setup = func(s *gatewaytest.Setup) { s.Vars = nil } }},
	{"S45", "drops the port of the host", environ(func(env environment) {
		host, _, _ := strings.Cut(env.Value("HTTP_HOST"), ":")
		env.Set("HTTP_HOST", host)
	})},
}

// startMutants are servers whose start_response takes too much, or says too
// little.
var startMutants = []mutant{
	{"S16/write", "has a write that does nothing", writing(func(gateway.Write) gateway.Write { return func([]byte) error { return nil } })},
	{"S16/first", "sends what is written at the end", around(func(app gateway.App, env environment, start starter) (gateway.Body, error) {
		var written []byte
		body, err := app.Call(env, func(status string, h headers, exc error) (gateway.Write, error) {
			_, err := start(status, h, exc)
			return func(p []byte) error { written = append(written, p...); return nil }, err
		})
		if err != nil {
			return body, err
		}
		return gateway.Seq2(func(yield func([]byte, error) bool) {
			for p, err := range body.Chunks() {
				if !yield(p, err) {
					return
				}
			}
			yield(written, nil)
		}, body.Close), nil
	})},
	{"S17/refused", "mends statuses", starting(func(next starter) starter {
		return func(status string, h headers, exc error) (gateway.Write, error) {
			write, err := next(status, h, exc)
			if bad := new(gateway.StatusError); errors.As(err, &bad) {
				return next("200 OK", h, err)
			}
			return write, err
		}
	})},
	{"S17/code", "knows only the codes of the registry", starting(func(next starter) starter {
		return func(status string, h headers, exc error) (gateway.Write, error) {
			if strings.HasPrefix(status, "299") {
				status = "200 OK"
			}
			return next(status, h, exc)
		}
	})},
	{"S17/reason", "is net/http", netHTTP},
	{"S18/copied", "keeps the app's list until it sends it", delayed(func(gateway.Body, *headers) {})},
	{"S18/untouched", "adds to the app's list", starting(func(next starter) starter {
		return func(status string, h headers, exc error) (gateway.Write, error) {
			return next(status, append(h, [2]string{"X-Own", "1"}), exc)
		}
	})},
	{"S18/untouched", "sorts the app's list", starting(func(next starter) starter {
		return func(status string, h headers, exc error) (gateway.Write, error) {
			slices.SortFunc(h, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
			return next(status, h, exc)
		}
	})},
	{"S19/date", "sends no Date", handling(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil
		next.ServeHTTP(w, r)
	})},
	{"S19/kept", "says who it is", fields(func(h *headers) { h.Set("Server", "mutant") })},
	{"S19/kept", "joins fields", fields(func(h *headers) {
		if cookies := h.Values("Set-Cookie"); cookies != nil {
			h.Set("Set-Cookie", strings.Join(cookies, ", "))
		}
	})},
	{"S19/order", "is net/http", netHTTP},
	{"S20", "drops hop-by-hop fields, as gunicorn", fields(func(h *headers) {
		*h = slices.DeleteFunc(*h, func(f [2]string) bool { return strings.HasPrefix(f[0], "X") || refusedField(f) })
	})},
	{"S21", "drops bad fields, as net/http", fields(func(h *headers) { *h = slices.DeleteFunc(*h, refusedField) })},
	{"S22/start", "sends headers at once", starting(func(next starter) starter {
		return func(status string, h headers, exc error) (gateway.Write, error) {
			write, err := next(status, h, exc)
			if err == nil {
				err = write(nil)
			}
			return write, err
		}
	})},
	{"S22/empty", "sends headers with any chunk", translating(func(p []byte) []byte {
		if len(p) == 0 {
			return []byte(" ")
		}
		return p
	})},
	{"S22/end", "wants at least a chunk", stepping(func(body gateway.Body, yield func([]byte, error) bool) {
		n := 0
		for p, err := range body.Chunks() {
			n += len(p)
			if !yield(p, err) {
				return
			}
		}
		if n == 0 {
			yield(nil, errMutant)
		}
	})},
	{"S23", "keeps the fields of the first response", starting(func(next starter) starter {
		var all headers
		return func(status string, h headers, exc error) (gateway.Write, error) {
			all = append(all, h...)
			all.Del("Content-Length")
			return next(status, all, exc)
		}
	})},
	{"S24/chunk", "overlooks that it is too late", starting(overlooking)},
	{"S24/write", "overlooks that it is too late", starting(overlooking)},
	{"S24/cut", "ends a broken response cleanly", func(p *parts) {
		fields(func(h *headers) { h.Del("Content-Length") })(p)
		first := p.app
		stepping(untilError)(p)
		second := p.app
		p.app = func(app gateway.App) gateway.App { return first(second(app)) }
	}},
	{"S25/second", "takes the second response for a better one", starting(func(next starter) starter {
		return func(status string, h headers, _ error) (gateway.Write, error) { return next(status, h, errMutant) }
	})},
	{"S25/failed", "counts only what it has taken", starting(func(next starter) starter {
		return func(status string, h headers, exc error) (gateway.Write, error) {
			if !strings.Contains(status, "00 ") {
				return nil, errMutant
			}
			return next(status, h, exc)
		}
	})},
	{"S26", "keeps errors", func(p *parts) {
		var kept []error
		starting(func(next starter) starter {
			return func(status string, h headers, exc error) (gateway.Write, error) {
				kept = append(kept, exc)
				return next(status, h, exc)
			}
		})(p)
	}},
}

// overlooking is a start_response that never fails.
func overlooking(next starter) starter {
	var last gateway.Write
	return func(status string, h headers, exc error) (gateway.Write, error) {
		if write, err := next(status, h, exc); err == nil {
			last = write
		}
		return last, nil
	}
}

// untilError gives the chunks of a body, and ends where it fails.
func untilError(body gateway.Body, yield func([]byte, error) bool) {
	for p, err := range body.Chunks() {
		if err != nil || !yield(p, nil) {
			return
		}
	}
}

// bodyMutants are servers that do the wrong thing with a body.
var bodyMutants = []mutant{
	{"S27/chunk", "collects the body", collecting(anyBody)},
	{"S27/write", "collects what is written", around(func(app gateway.App, env environment, start starter) (gateway.Body, error) {
		var all []byte
		var send gateway.Write
		body, err := app.Call(env, func(status string, h headers, exc error) (gateway.Write, error) {
			write, err := start(status, h, exc)
			send = write
			return func(p []byte) error { all = append(all, p...); return nil }, err
		})
		if err == nil && all != nil {
			err = send(all)
		}
		return body, err
	})},
	{"S27/sized", "takes a body that knows its chunks for one that has them", collecting(isSized)},
	{"S28/chunks", "translates line ends", translating(translate)},
	{"S28/chunks", "keeps chunks", stepping(func(body gateway.Body, yield func([]byte, error) bool) {
		var kept [][]byte
		for p, err := range body.Chunks() {
			if err != nil {
				yield(nil, err)
				return
			}
			kept = append(kept, p)
		}
		for _, p := range kept {
			if !yield(p, nil) {
				return
			}
		}
	})},
	{"S28/write", "translates line ends", writing(func(next gateway.Write) gateway.Write {
		return func(p []byte) error { return next(translate(p)) }
	})},
	{"S29", "takes the number of chunks for the length", delayed(func(body gateway.Body, h *headers) {
		if s, ok := body.(gateway.Sized); ok {
			h.Set("Content-Length", fmt.Sprint(s.Len()))
		}
	})},
	{"S30/normal", "never closes", returning(func(body gateway.Body) gateway.Body { return gateway.Seq2(body.Chunks()) })},
	{"S30/normal", "closes twice", returning(func(body gateway.Body) gateway.Body { return gateway.OnClose(body, body.Close) })},
	{"S30/unused", "closes what it has used", closingIf(true)},
	{"S30/error", "closes what ends well", closingIf(true)},
	{"S30/panic", "closes what ends well", closingIf(true)},
	{"S30/failed", "forgets the body beside an error", around(func(app gateway.App, env environment, start starter) (gateway.Body, error) {
		body, err := app.Call(env, start)
		if err != nil {
			return nil, err
		}
		return body, nil
	})},
	{"S30/refused", "forgets the body without a response", around(func(app gateway.App, env environment, start starter) (gateway.Body, error) {
		var refused error
		body, err := app.Call(env, func(status string, h headers, exc error) (gateway.Write, error) {
			write, err := start(status, h, exc)
			refused = err
			return write, err
		})
		if refused != nil {
			return nil, refused
		}
		return body, err
	})},
	{"S30/length", "closes what ends by itself", closingIf(true)},
	{"S30/defer", "closes before the chunks have ended", returning(pulledBody)},
	{"S30/disconnect", "closes what ends by itself", closingIf(true)},
	{"S30/waiting", "does not tell that the client left", around(func(app gateway.App, env environment, start starter) (gateway.Body, error) {
		return app.Call(env.WithContext(context.Background()), start)
	})},
	{"S31/chunk", "wants the response before the body", around(startedFirst)},
	{"S31/end", "wants the response before the body", around(startedFirst)},
	{"S32", "asks for an io.WriterTo", returning(func(body gateway.Body) gateway.Body {
		if w, ok := body.(io.WriterTo); ok {
			_, _ = w.WriteTo(io.Discard)
		}
		return body
	})},
	{"S33/chunks", "asks for all chunks", stepping(func(body gateway.Body, yield func([]byte, error) bool) {
		wanted := true
		for p, err := range body.Chunks() {
			wanted = wanted && yield(p, err)
		}
	})},
	{"S33/write", "does not tell that it drops bytes", writing(func(next gateway.Write) gateway.Write {
		return func(p []byte) error { _ = next(p); return nil }
	})},
	{"S33/none", "sends the body to HEAD", raw(func(r *http.Request) bool { return r.Method == "HEAD" },
		"HTTP/1.1 200 OK\r\nETag: \"x\"\r\nContent-Length: 6\r\n\r\na body")},
	{"S33/none", "gives a 204 a length", raw(func(r *http.Request) bool { return r.Method == "GET" },
		"HTTP/1.1 204 No Content\r\nETag: \"x\"\r\nContent-Length: 0\r\n\r\n")},
	{"S33/head", "takes the body of HEAD for its length", fields(func(h *headers) { h.Del("Content-Length") })},
	{"S34/cut", "sends no length", fields(func(h *headers) { h.Del("Content-Length") })},
	{"S34/log", "logs nothing", quiet},
	{"S35/chunk", "takes one chunk for one byte", delayed(func(body gateway.Body, h *headers) {
		if s, ok := body.(gateway.Sized); ok {
			h.Set("Content-Length", fmt.Sprint(s.Len()))
		}
	})},
	{"S35/write", "counts the body alone", fields(func(h *headers) { h.Set("Content-Length", fmt.Sprint(len("given"))) })},
	{"S36/whole", "sends what fits its buffer", stepping(func(body gateway.Body, yield func([]byte, error) bool) {
		n := 0
		for p, err := range body.Chunks() {
			n += len(p)
			if n > 8<<10 || !yield(p, err) {
				return
			}
		}
	})},
	{"S36/old", "sends chunks to anybody", raw(func(r *http.Request) bool { return !r.ProtoAtLeast(1, 1) },
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\none two\r\n0\r\n\r\n")},
}

// startedFirst refuses apps that start later.
func startedFirst(app gateway.App, env environment, start starter) (gateway.Body, error) {
	started := false
	body, err := app.Call(env, func(status string, h headers, exc error) (gateway.Write, error) {
		started = true
		return start(status, h, exc)
	})
	if err == nil && !started {
		return body, errMutant
	}
	return body, err
}

// failureMutants are servers that do not stand failing apps, or have bad
// extensions.
var failureMutants = []mutant{
	{"S39/answer", "shows panics as pages", around(func(app gateway.App, env environment, start starter) (body gateway.Body, err error) {
		defer func() {
			if v := recover(); v != nil {
				_, err = start("200 OK", nil, errMutant)
				body = gateway.String(fmt.Sprint(v))
			}
		}()
		return app.Call(env, start)
	})},
	{"S39/log", "logs nothing", quiet},
	{"S39/next", "has had enough after a failure", func(p *parts) {
		failed := false
		around(func(app gateway.App, env environment, start starter) (gateway.Body, error) {
			if failed {
				_, err := start("503 Gone", nil, nil)
				return nil, err
			}
			failed = true
			body, err := app.Call(env, start)
			failed = err != nil
			return body, err
		})(p)
	}},
	{"S40/cut", "ends a broken response cleanly", stepping(untilError)},
	{"S40/text", "appends the error", stepping(func(body gateway.Body, yield func([]byte, error) bool) {
		for p, err := range body.Chunks() {
			if err != nil {
				yield([]byte(err.Error()), nil)
			}
			if !yield(p, err) {
				return
			}
		}
	})},
	{"S41/flag", "knows of no single thread", func(p *parts) { p.setup = func(s *gatewaytest.Setup) { s.SingleThread = false } }},
	{"S41/alone", "only says that there is one thread", func(p *parts) {
		p.setup = func(s *gatewaytest.Setup) { s.SingleThread = false }
		environ(func(env environment) { env.Multithread = false })(p)
	}},
	{"S41/alone", "forgets about the body", func(p *parts) {
		turn := make(chan struct{}, 1)
		p.setup = func(s *gatewaytest.Setup) { s.SingleThread = false }
		around(func(app gateway.App, env environment, start starter) (gateway.Body, error) {
			turn <- struct{}{}
			defer func() { <-turn }()
			return app.Call(env, start)
		})(p)
	}},
	{"S42/sent", "drops informational responses", handling(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(silent{w}, r)
	})},
	{"S42/bound", "sends hints of its own", handling(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Del("Link")
		next.ServeHTTP(w, r)
	})},
	{"S44/offset", "sends all of a file", returning(func(body gateway.Body) gateway.Body {
		file, ok := body.(gateway.FileBody)
		if !ok {
			return body
		}
		f, _, _ := file.File()
		all, err := os.ReadFile(f.Name())
		if err != nil {
			panic(err)
		}
		return gateway.OnClose(gateway.Bytes(all), body.Close)
	})},
	{"S44/length", "sends a file to its end", fields(func(h *headers) { h.Del("Content-Length") })},
	{"S44/closed", "leaves files open", returning(func(body gateway.Body) gateway.Body { return gateway.Seq2(body.Chunks()) })},
	{"S44/pipe", "knows no files without a size", returning(func(body gateway.Body) gateway.Body {
		if _, ok := body.(gateway.FileBody); ok {
			return body
		}
		return gateway.OnClose(gateway.Empty(), body.Close)
	})},
}
