package gatewaytest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/retort-go/retort/gateway"
)

// startChecks are about what start_response takes: S16 to S21.
func startChecks() []check[*Server] {
	return []check[*Server]{
		serverCheck("S16/write", writeSends),
		serverCheck("S16/first", writeComesBeforeTheBody),
		serverCheck("S17/refused", badStatusesAreRefused),
		serverCheck("S17/code", theCodeArrives),
		serverCheck("S17/reason", theReasonArrives),
		serverCheck("S18/copied", theHeaderListIsCopied),
		serverCheck("S18/untouched", theHeaderListIsLeftAlone),
		serverCheck("S19/date", dateIsAdded),
		serverCheck("S19/kept", fieldsAreKept),
		serverCheck("S19/order", fieldsKeepTheirOrder),
		serverCheck("S20", hopByHopFieldsAreRefused),
		serverCheck("S21", badFieldsAreRefused),
	}
}

func writeSends(t *trial) error {
	return t.expect(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		write, err := start("200 OK", plain(), nil)
		if err != nil {
			return nil, err
		}
		buf := []byte("one ")
		err = write(buf)
		copy(buf, "two ") // write is done with it
		return gateway.Empty(), errors.Join(err, write(buf))
	}, &Request{}, "200", "one two ")
}

func writeComesBeforeTheBody(t *trial) error {
	return t.expect(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		write, err := start("200 OK", plain(), nil)
		if err != nil {
			return nil, err
		}
		return streamed("body ", "end"), write([]byte("written "))
	}, &Request{}, "200", "written body end")
}

// refuse gives the error with which start_response refuses a response. The app
// returns it, as apps do.
func (t *trial) refuse(status string, h gateway.Headers) (refusal error, err error) {
	refused := make(chan error, 1)
	a, err := t.fetch(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := start(status, h, nil)
		refused <- err
		return gateway.String("sent"), err
	}, &Request{})
	if err == nil && a.code() != "500" {
		return nil, wrong("an app that calls start_response with status %q and fields %q, and returns its error, is answered with %s",
			"an error of start_response, and 500", status, h, a.Status)
	}
	select {
	case refusal := <-refused:
		return refusal, nil // what the client gets is for another check
	default:
		return nil, errors.Join(err, errors.New("the app was not called"))
	}
}

// isRefused has start_response called with what it must not take.
func (t *trial) isRefused(status string, h gateway.Headers) error {
	refusal, err := t.refuse(status, h)
	if err == nil && refusal == nil {
		return wrong("start_response takes status %q with fields %q", "an error", status, h)
	}
	return err
}

func badStatusesAreRefused(t *trial) error {
	for _, status := range []string{
		"", "200", "20 OK", "2000 OK", "abc OK", "-12 OK", "099 OK", "200OK", "200 O\rK", "200 O\nK", "200 OK\r\nX-Injected: 1", "200 \x00", "200 \x7f",
	} {
		if err := t.isRefused(status, plain()); err != nil {
			return err
		}
	}
	return nil
}

func theCodeArrives(t *trial) error {
	for _, code := range []string{"200", "299", "404", "599", "999"} {
		if err := t.expect(giving(code+" Some Reason", plain(), func() gateway.Body { return gateway.String("ok") }), &Request{}, code, "ok"); err != nil {
			return err
		}
	}
	return nil
}

func theReasonArrives(t *trial) error {
	a, err := t.fetch(giving("299 Rather Good", plain(), gateway.Empty), &Request{})
	if err != nil {
		return err
	}
	return mismatch("the status", a.Status, "299 Rather Good")
}

func theHeaderListIsCopied(t *trial) error {
	a, err := t.fetch(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		h := plain([2]string{"X-Kept", "first"})
		_, err := start("200 OK", h, nil)
		h[1][1] = "changed"
		return streamed("ok"), err
	}, &Request{})
	if err != nil {
		return err
	}
	return errors.Join(a.is("200", "ok"), mismatch("a field that the app changes after start_response", a.Header.Get("X-Kept"), "first"))
}

func theHeaderListIsLeftAlone(t *trial) error {
	h := append(make(gateway.Headers, 0, 16), plain([2]string{"x-own", " b "}, [2]string{"X-Own", "a"})...)
	before := slices.Clone(h[:cap(h)])
	if err := t.expect(giving("200 OK", h, func() gateway.Body { return gateway.String("ok") }), &Request{}, "200", "ok"); err != nil {
		return err
	}
	if err := t.stop(); err != nil {
		return err
	}
	return mismatch("the app's header list, and what lies behind it, after the response", fmt.Sprint(h[:cap(h)]), fmt.Sprint(before))
}

func dateIsAdded(t *trial) error {
	a, err := t.fetch(giving("200 OK", plain(), gateway.Empty), &Request{})
	if err != nil {
		return err
	}
	return mismatch("the number of Date fields of an app that gives none", len(a.Header.Values("Date")), 1)
}

func fieldsAreKept(t *trial) error {
	h := gateway.Headers{
		{"Date", "Mon, 01 Jan 2024 00:00:00 GMT"}, {"Server", "own"}, {"Content-Type", "text/x-own"}, {"Content-Length", "2"},
		{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}, {"X-Empty", ""}, {"X-Bytes", "\xff"},
	}
	a, err := t.fetch(giving("200 OK", h, func() gateway.Body { return gateway.String("ok") }), &Request{})
	if err != nil {
		return err
	}
	err = a.is("200", "ok")
	for _, f := range h {
		err = errors.Join(err, mismatch(f[0], strings.Join(a.Header.Values(f[0]), " | "), strings.Join(h.Values(f[0]), " | ")))
	}
	return err
}

func fieldsKeepTheirOrder(t *trial) error {
	h := gateway.Headers{{"X-Z", "1"}, {"X-a", "2"}, {"X-Z", "3"}, {"X-B", "4"}}
	a, err := t.fetch(giving("200 OK", h, gateway.Empty), &Request{})
	if err != nil {
		return err
	}
	own := slices.DeleteFunc(a.Header.Clone(), func(f [2]string) bool { return !strings.HasPrefix(f[0], "X-") })
	return mismatch("the fields of the app", fmt.Sprint(own), fmt.Sprint(h))
}

func hopByHopFieldsAreRefused(t *trial) error {
	for _, name := range []string{
		"Connection", "connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
	} {
		refusal, err := t.refuse("200 OK", plain([2]string{name, "x"}))
		if err != nil {
			return err
		}
		if !errors.Is(refusal, gateway.ErrHopByHop) {
			return wrong("for a field %s start_response gives %v", "an error with gateway.ErrHopByHop in its chain", name, refusal)
		}
	}
	return nil
}

func badFieldsAreRefused(t *trial) error {
	for _, f := range [][2]string{
		{"", "x"}, {"Bad Name", "x"}, {"Bad:Name", "x"}, {"X-\xe9", "x"}, {"X-A\n", "x"}, {"X-A", "a\r\nX-Injected: 1"}, {"X-A", "a\nb"}, {"X-A", "a\rb"},
		{"X-A", "\x00"}, {"X-A", "\x1b[0m"}, {"X-A", "\x7f"}, {"Status", "200 OK"}, {"Content-Length", "x"}, {"Content-Length", "-1"}, {"Content-Length", ""},
	} {
		if err := t.isRefused("200 OK", plain(f)); err != nil {
			return err
		}
	}
	return t.isRefused("200 OK", plain([2]string{"Content-Length", "4"}, [2]string{"content-length", "5"}))
}
