package gateway

// SingleThread serves one request at a time with an app that cannot take several
// at once: Call waits until the body of the request before was closed, and
// env.Multithread is false. A client that leaves while it waits never reaches
// app; Call then returns the error of its context. Apps under different calls of
// SingleThread do not wait for each other.
//
// PEP 3333, "Thread Support".
func SingleThread(app App) App {
	turn := make(chan struct{}, 1)
	return AppFunc(func(env *Environ, start StartResponse) (Body, error) {
		select {
		case turn <- struct{}{}:
		case <-env.Context().Done():
			return nil, env.Context().Err()
		}
		return callAlone(app, env, start, func() { <-turn })
	})
}

// callAlone calls done when all of the request is over, however it ends.
func callAlone(app App, env *Environ, start StartResponse, done func()) (out Body, err error) {
	defer func() {
		if out == nil { // failed, or panicking: there is no Close to wait for
			done()
		}
	}()
	env.Multithread = false
	body, err := app.Call(env, start)
	if body == nil {
		body = Empty()
	}
	if err != nil {
		return nil, closeAfter(err, body)
	}
	return OnClose(body, func() error {
		done()
		return nil
	}), nil
}
