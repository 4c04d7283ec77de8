package gatewaytest

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/retort-go/retort/gateway"
)

// lengthChecks are about Content-Length and its absence: S33 to S36.
func lengthChecks() []check[*Server] {
	return []check[*Server]{
		serverCheck("S33/chunks", chunksEndAtTheLength),
		serverCheck("S33/write", writeEndsAtTheLength),
		serverCheck("S33/none", someResponsesHaveNoBody),
		serverCheck("S33/head", headHasItsLength),
		serverCheck("S34/cut", aShortResponseIsCut),
		serverCheck("S34/log", aShortResponseIsLogged),
		serverCheck("S35/chunk", oneChunkHasALength),
		serverCheck("S35/write", writtenBytesCountToo),
		serverCheck("S36/whole", unknownLengthsArriveWhole),
		serverCheck("S36/old", oldClientsGetNoChunks),
	}
}

func chunksEndAtTheLength(t *trial) error {
	var steps atomic.Int32
	err := t.expect(giving("200 OK", plain([2]string{"Content-Length", "5"}), func() gateway.Body {
		return gateway.Seq(func(yield func([]byte) bool) {
			for _, s := range []string{"abc", "def", "ghi", "jkl"} {
				steps.Add(1)
				if !yield([]byte(s)) {
					return
				}
			}
		})
	}), &Request{}, "200", "abcde")
	if err := errors.Join(err, t.stop()); err != nil {
		return err
	}
	return mismatch("the chunks that the app was asked for", steps.Load(), 2)
}

func writeEndsAtTheLength(t *trial) error {
	seen := make(chan error, 1)
	a, err := t.fetch(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		write, err := start("200 OK", plain([2]string{"Content-Length", "5"}), nil)
		if err != nil {
			return nil, err
		}
		err = write([]byte("abcdef"))
		if !errors.Is(err, gateway.ErrContentLength) {
			seen <- wrong("a write past Content-Length gives %v", "gateway.ErrContentLength", err)
		} else {
			seen <- nil
		}
		return gateway.Empty(), nil
	}, &Request{})
	if err := t.first(seen, err); err != nil {
		return err
	}
	return a.is("200", "abcde")
}

func someResponsesHaveNoBody(t *trial) error {
	for _, tt := range []struct{ method, status string }{{"HEAD", "200 OK"}, {"GET", "204 No Content"}, {"GET", "304 Not Modified"}, {"HEAD", "404 Not Found"}} {
		a, err := t.fetch(giving(tt.status, gateway.Headers{{"ETag", `"x"`}}, func() gateway.Body { return streamed("a ", "body") }), &Request{Method: tt.method})
		if err != nil {
			return err
		}
		err = errors.Join(a.is(tt.status[:3], ""), mismatch("ETag", a.Header.Get("ETag"), `"x"`))
		if strings.HasPrefix(tt.status, "204") {
			err = errors.Join(err, mismatch("the Content-Length of a 204", a.Header.Get("Content-Length"), ""))
		}
		if err != nil {
			return fmt.Errorf("%s with %s: %w", tt.method, tt.status, err)
		}
	}
	return nil
}

func headHasItsLength(t *trial) error {
	a, err := t.fetch(giving("200 OK", plain([2]string{"Content-Length", "1234"}), gateway.Empty), &Request{Method: "HEAD"})
	if err != nil {
		return err
	}
	return errors.Join(a.is("200", ""), mismatch("the Content-Length that the app gave for HEAD", a.Header.Get("Content-Length"), "1234"))
}

// tooShort is an app whose body ends before its length.
func tooShort() call {
	return giving("200 OK", plain([2]string{"Content-Length", "10"}), func() gateway.Body { return streamed("only", "8888") })
}

func aShortResponseIsCut(t *trial) error { return t.isCut(tooShort()) }

func aShortResponseIsLogged(t *trial) error {
	_, _ = t.fetch(tooShort(), &Request{}) // what comes of it is for the other check
	return t.reported()
}

func oneChunkHasALength(t *trial) error {
	for _, text := range []string{"seven b", ""} {
		a, err := t.fetch(giving("200 OK", plain(), func() gateway.Body { return sizedBody{streamed(text), 1} }), &Request{})
		if err != nil {
			return err
		}
		length := a.Header.Get("Content-Length")
		if err := a.is("200", text); err != nil {
			return err
		}
		if length == "" {
			return fmt.Errorf("a body of one chunk has no Content-Length: %w", errLeftOut)
		}
		if err := mismatch("Content-Length", length, fmt.Sprint(len(text))); err != nil {
			return err
		}
	}
	return nil
}

func writtenBytesCountToo(t *trial) error {
	return t.expect(func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		write, err := start("200 OK", plain(), nil)
		if err == nil {
			err = write([]byte("written and "))
		}
		return gateway.String("given"), err
	}, &Request{}, "200", "written and given")
}

func unknownLengthsArriveWhole(t *trial) error {
	text := strings.Repeat("line of a report\n", 3000)
	a, err := t.fetch(giving("200 OK", plain(), func() gateway.Body { return streamed("begin ", text, " end") }), &Request{})
	if err != nil {
		return err
	}
	return a.is("200", "begin "+text+" end")
}

func oldClientsGetNoChunks(t *trial) error {
	a, err := t.fetch(giving("200 OK", plain(), func() gateway.Body { return streamed("one ", "two") }), &Request{HTTP10: true})
	if err != nil {
		return err
	}
	return errors.Join(a.is("200", "one two"), mismatch("Transfer-Encoding to a client of HTTP/1.0", a.Header.Get("Transfer-Encoding"), ""))
}
