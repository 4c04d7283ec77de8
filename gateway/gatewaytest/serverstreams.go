package gatewaytest

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/retort-go/retort/gateway"
)

// streamChecks are about wsgi.input and wsgi.errors: S13 to S15 and S37.
func streamChecks() []check[*Server] {
	return []check[*Server]{
		serverCheck("S13/length", theInputEndsAtItsLength),
		serverCheck("S13/none", noBodyIsAnEmptyInput),
		serverCheck("S13/next", theNextRequestIsNotEaten),
		serverCheck("S13/short", aShortBodyIsAnError),
		serverCheck("S14", linesOfTheInput),
		serverCheck("S15", anyTextIsAnError),
		serverCheck("S37/read", expectedBodyIsRead),
		serverCheck("S37/unread", expectedBodyIsNotRead),
	}
}

// reads reads all of the input and compares it.
func reads(env *gateway.Environ, right string) error {
	content, err := io.ReadAll(env.Input)
	if err != nil {
		return fmt.Errorf("reading wsgi.input: %w", err)
	}
	return mismatch("the input", string(content), right)
}

// ends says that reading on gives something else than the end.
func ends(env *gateway.Environ) error {
	for range 2 {
		n, err := env.Input.Read(make([]byte, 16))
		if n != 0 || err != io.EOF {
			return wrong("reading on gives %d bytes and the error %v", "0 bytes and io.EOF, as often as it is tried", n, err)
		}
	}
	return nil
}

func theInputEndsAtItsLength(t *trial) error {
	return t.look(&Request{Method: "POST", Body: []byte("12345")}, func(env *gateway.Environ) error {
		return errors.Join(variableIs(env, "CONTENT_LENGTH", "5"), reads(env, "12345"), ends(env))
	})
}

func noBodyIsAnEmptyInput(t *trial) error {
	for _, r := range []*Request{{}, {Method: "POST", Body: []byte{}}} {
		if err := t.look(r, func(env *gateway.Environ) error { return errors.Join(reads(env, ""), ends(env)) }); err != nil {
			return err
		}
	}
	return nil
}

func theNextRequestIsNotEaten(t *trial) error {
	pipe := func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		line, err := env.Input.ReadLine(0) // reads ahead, if anything does
		if err != nil && err != io.EOF {
			return nil, err
		}
		_, err = start("200 OK", plain(), nil)
		return gateway.String(env.Value("PATH_INFO") + " " + string(line)), err
	}
	if err := t.serve(pipe); err != nil {
		return err
	}
	door, ok := t.door.(Pipeline)
	if !ok {
		return fmt.Errorf("%w: several requests on one connection", ErrCannot)
	}
	all, err := door.SendAll(t.ctx, []*Request{
		{Method: "POST", Target: "/1", Body: []byte("12345")}, {Target: "/2"}, {Method: "POST", Target: "/3", Body: []byte("678")},
	})
	if err != nil {
		return err
	}
	for i, right := range []string{"/1 12345", "/2 ", "/3 678"} {
		content, err := io.ReadAll(all[i].Body)
		if err := errors.Join(err, mismatch("a response", string(content), right)); err != nil {
			return err
		}
	}
	return nil
}

func aShortBodyIsAnError(t *trial) error {
	seen := make(chan error, 1)
	app := func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := io.ReadAll(env.Input)
		seen <- err
		return gateway.Empty(), err
	}
	if err := t.serve(app); err != nil {
		return err
	}
	a, err := t.ask(&Request{Method: "POST", Body: []byte("1234567890"), Missing: 4})
	if err == nil && a.err == nil && a.code() != "400" {
		return wrong("a request whose body ends early is answered with %s", "400, or a connection that is cut", a.Status)
	}
	select {
	case err := <-seen:
		if err == nil {
			return wrong("reading a body that ends before its length gives io.EOF", "another error")
		}
	case <-t.ctx.Done():
		return wrong("reading a body that ends before its length hangs", "an error")
	}
	return nil
}

func linesOfTheInput(t *trial) error {
	return t.look(&Request{Method: "POST", Body: []byte("ab\r\ncdef\n\nlast")}, func(env *gateway.Environ) error {
		var err error
		for _, step := range []struct {
			limit int
			right string
		}{{0, "ab\r\n"}, {2, "cd"}, {3, "ef\n"}, {9, "\n"}, {9, "last"}, {9, ""}} {
			line, failed := env.Input.ReadLine(step.limit)
			if failed != nil && failed != io.EOF {
				return failed
			}
			err = errors.Join(err, mismatch(fmt.Sprintf("a line of at most %d bytes", step.limit), string(line), step.right))
		}
		return err
	})
}

func anyTextIsAnError(t *trial) error {
	text := "grüße \x00 \xff ☃ " + strings.Repeat("long ", 3000) + "the end"
	seen := make(chan error, 1)
	a, err := t.fetch(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		_, err := io.WriteString(env.Errors, text+"\n")
		seen <- errors.Join(err, env.Errors.Flush())
		_, err = start("200 OK", plain(), nil)
		return gateway.String("ok"), err
	}, &Request{})
	if err != nil {
		return err
	}
	if err := errors.Join(a.is("200", "ok"), <-seen); err != nil {
		return err
	}
	arrived := func(s string) bool {
		return t.log.contains(s) || a.Errors != nil && strings.Contains(a.Errors.String(), s)
	}
	return t.until("the arrival of a text by wsgi.errors", func() bool { return arrived("grüße") && arrived("☃") && arrived("the end") })
}

func expectedBodyIsRead(t *trial) error {
	return t.look(&Request{Method: "POST", Body: []byte("expected"), Expect: true}, func(env *gateway.Environ) error {
		return reads(env, "expected")
	})
}

func expectedBodyIsNotRead(t *trial) error {
	app := giving("413 Too Large", plain(), func() gateway.Body { return gateway.String("no") })
	return t.expect(app, &Request{Method: "POST", Body: []byte("unwanted"), Expect: true}, "413", "no")
}
