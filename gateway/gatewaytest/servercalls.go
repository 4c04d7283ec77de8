package gatewaytest

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/retort-go/retort/gateway"
)

// callChecks are about the call of the app: S1 to S3.
func callChecks() []check[*Server] {
	return []check[*Server]{
		serverCheck("S1", eachRequestIsOneCall),
		serverCheck("S2", anyKindOfAppWillDo),
		serverCheck("S3/request", theEnvironIsTheAppsOwn),
		serverCheck("S3/log", theAccessLogIsTheServers),
	}
}

func eachRequestIsOneCall(t *trial) error {
	var calls atomic.Int32
	app := func(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		calls.Add(1)
		_, err := start("200 OK", plain(), nil)
		return gateway.String("ok"), err
	}
	if err := t.serve(app); err != nil {
		return err
	}
	for i, method := range []string{"GET", "HEAD", "POST", "OPTIONS"} {
		if _, err := t.ask(&Request{Method: method}); err != nil {
			return err
		}
		if err := mismatch("the calls of the app after "+method, calls.Load(), int32(i+1)); err != nil {
			return err
		}
	}
	return nil
}

// appStruct is an app that no map can have as its key.
type appStruct struct{ text []string }

// Call implements [gateway.App].
func (a appStruct) Call(_ *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
	_, err := start("200 OK", plain(), nil)
	return gateway.String(a.text[0]), err
}

func anyKindOfAppWillDo(t *trial) error {
	value := appStruct{[]string{"ok"}}
	for name, app := range map[string]gateway.App{
		"a struct": value, "a pointer": &value, "a function": gateway.AppFunc(value.Call),
	} {
		if err := t.serveWith(t.setup(app)); err != nil {
			return err
		}
		a, err := t.ask(&Request{})
		if err == nil {
			err = a.is("200", "ok")
		}
		if err != nil {
			return fmt.Errorf("the app is %s: %w", name, err)
		}
	}
	return nil
}

// wreck leaves nothing of an environ.
func wreck(env *gateway.Environ) {
	for name := range env.All() {
		env.Del(name)
	}
	env.Set("REQUEST_METHOD", "WRECKED")
	env.Set("PATH_INFO", "wrecked")
	env.Ext, env.Input, env.Errors, env.URLScheme = nil, nil, nil, "wrecked"
}

func theEnvironIsTheAppsOwn(t *trial) error {
	app := func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		saw := env.Value("REQUEST_METHOD") + " " + env.Value("PATH_INFO") + " " + env.URLScheme
		wreck(env)
		_, err := start("200 OK", plain([2]string{"X-Saw", saw}), nil)
		return gateway.String("ok"), err
	}
	if err := t.serve(app); err != nil {
		return err
	}
	for _, r := range []struct{ method, path, body string }{{"GET", "/a", "ok"}, {"HEAD", "/b", ""}, {"GET", "/c", "ok"}} {
		a, err := t.ask(&Request{Method: r.method, Target: r.path})
		if err != nil {
			return err
		}
		saw := r.method + " " + r.path + " " + t.scheme()
		if err := errors.Join(a.is("200", r.body), mismatch("method, path and scheme of a request", a.Header.Get("X-Saw"), saw)); err != nil {
			return err
		}
	}
	return nil
}

func theAccessLogIsTheServers(t *trial) error {
	if !t.server.AccessLog {
		return nil // none is asked for
	}
	err := t.expect(func(env *gateway.Environ, start gateway.StartResponse) (gateway.Body, error) {
		wreck(env)
		_, err := start("200 OK", plain(), nil)
		return gateway.String("ok"), err
	}, &Request{Target: "/logged"}, "200", "ok")
	if err != nil {
		return err
	}
	return t.until("an access line with GET and /logged", func() bool { return t.access.contains("GET") && t.access.contains("/logged") })
}
