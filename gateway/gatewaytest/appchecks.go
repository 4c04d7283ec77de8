package gatewaytest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/retort-go/retort/gateway"
)

// appChecks are the checks of apps.
func appChecks() []check[*Application] {
	return []check[*Application]{
		{"A1/again", answersAgain},
		{"A1/together", answersTogether},
		keeps("A3", "B08 B10"),
		keeps("A4", "B01"),
		keeps("A7", "W02"),
		keeps("A10", "S02"),
		keeps("A11", "C01"),
		keeps("A12", "H03"),
		keeps("A13", "H01 H02 H05 H07 S03 S05 S06 S07"),
		keeps("A14", "H06"),
		{"A15/early", endsEarly(visit{take: 1})},
		{"A15/unused", endsEarly(visit{unused: true})},
		keeps("A16", "B03"),
		{"A17", needsNothingOptional},
		{"A18", tellsOfItsErrors},
		{"A19/validator", knowsItsValidators},
		{"A19/range", knowsItsRanges},
		{"A19/coding", knowsItsCodings},
		{"A19/head", knowsItsLength},
		{"A20", ignoresTheConnection},
	}
}

// keeps is a check that Lint makes: none of these codes, neither when all goes
// well nor when the request cannot be read or the client leaves.
func keeps(id, codes string) check[*Application] {
	return check[*Application]{id, func(ctx context.Context, a *Application) error {
		var errs []error
		for _, r := range a.requests() {
			for _, v := range []visit{{request: r}, {request: r, take: 1}, {request: r, input: &broken{}}} {
				o := v.to(ctx, a.App)
				errs = append(errs, o.found(codes))
			}
		}
		return firstOf(errs)
	}}
}

// firstOf is the first error that is one: what follows is often the same again.
func firstOf(errs []error) error {
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		return errs[i]
	}
	return nil
}

// broken is an input whose connection fails in the middle.
type broken struct{ told bool }

var errConnection = errors.New("the connection is gone")

func (b *broken) Read(p []byte) (int, error) {
	b.told = true
	return copy(p, "a"), errConnection
}

func answersAgain(ctx context.Context, a *Application) error {
	for _, r := range a.requests() {
		first := visit{request: r}.to(ctx, a.App)
		for range 3 {
			next := visit{request: r}.to(ctx, a.App)
			if next.failed() && !first.failed() {
				return next.about(wrong("%s when it is asked again", "what it was at first: "+first.ending(), next.ending()))
			}
		}
	}
	return nil
}

// answersTogether asks the same of many goroutines, which all begin at once.
func answersTogether(ctx context.Context, a *Application) error {
	const clients = 16
	for _, r := range a.requests() {
		alone := visit{request: r}.to(ctx, a.App)
		outcomes := make([]outcome, clients)
		begin := make(chan struct{})
		var wg sync.WaitGroup
		for i := range outcomes {
			wg.Go(func() {
				<-begin
				outcomes[i] = visit{request: r}.to(ctx, a.App)
			})
		}
		close(begin)
		wg.Wait()
		for _, o := range outcomes {
			if o.failed() && !alone.failed() {
				return o.about(wrong("%s when others ask, too", "what it is alone: "+alone.ending(), o.ending()))
			}
		}
	}
	return nil
}

// endsEarly has clients that do not want all of a body.
func endsEarly(v visit) func(context.Context, *Application) error {
	return func(ctx context.Context, a *Application) error {
		for _, r := range a.requests() {
			whole := visit{request: r}.to(ctx, a.App)
			v.request = r
			for _, v := range []visit{v, {request: r}} { // what comes after it is as ever
				if o := v.to(ctx, a.App); o.err != nil && whole.err == nil {
					return o.about(wrong("%v, of a body that is closed early", "none", o.err))
				}
			}
		}
		return nil
	}
}

// needsNothingOptional takes away what a gateway may leave out.
func needsNothingOptional(ctx context.Context, a *Application) error {
	for _, r := range a.requests() {
		if r.Body != nil {
			continue // its type and length are needed
		}
		whole := visit{request: r}.to(ctx, a.App)
		bare := visit{request: r, environ: func(env *gateway.Environ) {
			for name := range env.All() {
				switch name {
				case "REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "HTTP_HOST":
				default:
					env.Del(name)
				}
			}
		}}.to(ctx, a.App)
		if bare.failed() && !whole.failed() {
			return bare.about(wrong("%s without the variables that need not be there", "what it is with them: "+whole.ending(), bare.ending()))
		}
	}
	return nil
}

// tellsOfItsErrors lets the connection of the request fail while it is read.
func tellsOfItsErrors(ctx context.Context, a *Application) error {
	for _, r := range a.requests() {
		var in broken
		o := visit{request: r, input: &in}.to(ctx, a.App)
		if in.told && o.err == nil && strings.HasPrefix(o.status, "2") {
			return o.about(wrong("a request that could not be read was answered with %s", "an error of the app, or a status that says so", o.status))
		}
	}
	return nil
}

// knowsItsValidators asks for what the client has already.
func knowsItsValidators(ctx context.Context, a *Application) error {
	for _, r := range a.requests() {
		first := visit{request: r}.to(ctx, a.App)
		tag := first.header.Get("ETag")
		if first.code() != "200" || tag == "" || r.method() != "GET" {
			continue
		}
		same := visit{request: r, field: gateway.Headers{{"If-None-Match", tag}}}.to(ctx, a.App)
		other := visit{request: r, field: gateway.Headers{{"If-None-Match", `"gatewaytest-has-another-one"`}}}.to(ctx, a.App)
		switch {
		case other.code() == "304":
			return other.about(wrong("304 for an ETag that it has not", "200"))
		case same.code() == "304":
			if err := same.found("H10 B09"); err != nil {
				return err
			}
			if again := same.header.Get("ETag"); again != tag {
				return same.about(mismatch("the ETag of the 304", again, tag))
			}
		case same.code() != "200":
			return same.about(wrong("%s for its own ETag", "304, or 200 again", same.ending()))
		}
	}
	return nil
}

// knowsItsRanges asks for the second byte where ranges are offered.
func knowsItsRanges(ctx context.Context, a *Application) error {
	for _, r := range a.requests() {
		whole := visit{request: r}.to(ctx, a.App)
		if whole.code() != "200" || r.method() != "GET" || whole.header.Get("Accept-Ranges") != "bytes" || len(whole.body) < 2 {
			continue
		}
		part := visit{request: r, field: gateway.Headers{{"Range", "bytes=1-1"}}}.to(ctx, a.App)
		switch part.code() {
		case "206":
			err := errors.Join(
				mismatch("the Content-Range of one byte", part.header.Get("Content-Range"), fmt.Sprintf("bytes 1-1/%d", len(whole.body))),
				mismatch("the byte", string(part.body), string(whole.body[1:2])))
			if err != nil {
				return part.about(err)
			}
		case "200":
			if !bytes.Equal(part.body, whole.body) {
				return part.about(wrong("200 and %d bytes of %d for a range", "206 with the range, or 200 with everything", len(part.body), len(whole.body)))
			}
		default:
			return part.about(wrong("%s for a range that is there", "206, or 200 with everything", part.ending()))
		}
	}
	return nil
}

// knowsItsCodings asks for no coding and for gzip.
func knowsItsCodings(ctx context.Context, a *Application) error {
	for _, r := range a.requests() {
		plain := visit{request: r, field: gateway.Headers{{"Accept-Encoding", "identity"}}}.to(ctx, a.App)
		if coding := plain.header.Get("Content-Encoding"); coding != "" && coding != "identity" {
			return plain.about(wrong("Content-Encoding: %s for a client that can read none", "no coding", coding))
		}
		coded := visit{request: r, field: gateway.Headers{{"Accept-Encoding", "gzip"}}}.to(ctx, a.App)
		switch coding := coded.header.Get("Content-Encoding"); {
		case coding == "":
			continue
		case coding != "gzip":
			return coded.about(wrong("Content-Encoding: %s for a client that can read gzip", "gzip, or no coding", coding))
		case !strings.Contains(strings.ToLower(strings.Join(coded.header.Values("Vary"), ",")), "accept-encoding"):
			return coded.about(wrong("no Accept-Encoding in Vary", "caches are told that the coding depends on it"))
		case coded.err == nil && r.method() != "HEAD" && len(coded.body) > 0:
			if err := unzips(coded.body); err != nil {
				return coded.about(err)
			}
		}
	}
	return nil
}

func unzips(body []byte) error {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err == nil {
		_, err = io.Copy(io.Discard, z)
	}
	if err != nil {
		return wrong("a body in gzip that cannot be read: %v", "one that can", err)
	}
	return nil
}

// knowsItsLength compares what HEAD says with what GET gives.
func knowsItsLength(ctx context.Context, a *Application) error {
	for _, r := range a.requests() {
		if r.method() != "GET" {
			continue
		}
		asked := *r
		asked.Method = "HEAD"
		get, head := visit{request: r}.to(ctx, a.App), visit{request: &asked}.to(ctx, a.App)
		said := head.header.Get("Content-Length")
		if get.code() != "200" || head.code() != "200" || said == "" || said == strconv.Itoa(len(get.body)) {
			continue
		}
		return head.about(wrong("Content-Length: %s", fmt.Sprintf("%d, which is what GET gives", len(get.body)), said))
	}
	return nil
}

// ignoresTheConnection asks with fields that are the server's affair.
func ignoresTheConnection(ctx context.Context, a *Application) error {
	for _, r := range a.requests() {
		without := visit{request: r}.to(ctx, a.App)
		for _, f := range [][2]string{
			{"HTTP_CONNECTION", "close"}, {"HTTP_CONNECTION", "keep-alive"}, {"HTTP_KEEP_ALIVE", "timeout=5"},
			{"HTTP_TE", "trailers"}, {"HTTP_TRAILER", "X-Sum"}, {"HTTP_PROXY_CONNECTION", "close"},
		} {
			with := visit{request: r, environ: func(env *gateway.Environ) { env.Set(f[0], f[1]) }}.to(ctx, a.App)
			if with.ending() != without.ending() {
				return with.about(wrong("%s with %s=%s", "what it is without: "+without.ending(), with.ending(), f[0], f[1]))
			}
		}
	}
	return nil
}
