package gatewaytest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/retort-go/retort/gateway"
)

// failureChecks are about apps that fail: S39 and S40.
func failureChecks() []check[*Server] {
	return []check[*Server]{
		serverCheck("S39/answer", failuresAreAnswered),
		serverCheck("S39/log", failuresAreLogged),
		serverCheck("S39/next", failuresAreNotTheEnd),
		serverCheck("S40/cut", aBrokenStreamIsCut),
		serverCheck("S40/text", nothingIsAppended),
	}
}

// failures are apps that fail before anything is sent.
func failures() map[string]call {
	return map[string]call{
		"returns an error": func(*gateway.Environ, gateway.StartResponse) (gateway.Body, error) { return nil, errBroken },
		"panics": func(*gateway.Environ, gateway.StartResponse) (gateway.Body, error) {
			panic("gatewaytest: the app panics, as this check wants it to")
		},
		"gives an error as its first chunk": giving("200 OK", unsent(), func() gateway.Body { return failing() }),
		"never starts": func(*gateway.Environ, gateway.StartResponse) (gateway.Body, error) {
			return gateway.String("unannounced"), nil
		},
		"does nothing": func(*gateway.Environ, gateway.StartResponse) (gateway.Body, error) { return gateway.Empty(), nil },
		"overlooks a refusal": func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			_, _ = start("200 OK", append(unsent(), [2]string{"Bad Name", ""}), nil) // refused, which the app overlooks
			return gateway.String("unannounced"), nil
		},
	}
}

func failuresAreAnswered(t *trial) error {
	for name, app := range failures() {
		a, err := t.fetch(app, &Request{})
		if err == nil {
			err = errors.Join(a.isClean500(), mismatch("bytes that were not announced are in the body", strings.Contains(a.body, "unannounced"), false))
		}
		if err != nil {
			return fmt.Errorf("an app that %s: %w", name, err)
		}
	}
	return nil
}

func failuresAreLogged(t *trial) error {
	for name, app := range failures() {
		t.log = &book{}
		_, _ = t.fetch(app, &Request{}) // what comes of it is for other checks
		if err := t.reported(); err != nil {
			return fmt.Errorf("an app that %s: %w", name, err)
		}
	}
	return nil
}

func failuresAreNotTheEnd(t *trial) error {
	for name, app := range failures() {
		err := t.serve(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
			if env.Value("PATH_INFO") == "/fail" {
				return app(env, start)
			}
			_, err := start("200 OK", plain(), nil)
			return gateway.String("alive"), err
		})
		if err != nil {
			return err
		}
		_, _ = t.ask(&Request{Target: "/fail"}) // what comes of it is for other checks
		a, err := t.ask(&Request{})
		if err == nil {
			err = a.is("200", "alive")
		}
		if err != nil {
			return fmt.Errorf("after an app that %s: %w", name, err)
		}
	}
	return nil
}

// halfway is an app that fails in the middle of a body of unknown length.
func halfway() call {
	return giving("200 OK", plain(), func() gateway.Body { return failing("half", " of it") })
}

func aBrokenStreamIsCut(t *trial) error { return t.isCut(halfway()) }

func nothingIsAppended(t *trial) error {
	if err := t.serve(halfway()); err != nil {
		return err
	}
	a, err := t.ask(&Request{})
	if err != nil {
		return nil // cut before anything was seen of it
	}
	return mismatch("the body begins as that of the app, and has no more", strings.HasPrefix("half of it", a.body), true)
}
