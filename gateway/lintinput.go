package gateway

import "errors"

// watchInput is an input with its checks. One that is at its end stays so.
func (run *lintRun) watchInput(in *Input) *Input {
	if in == nil {
		return nil
	}
	watched := NewInput(&lintInput{run, in}, in.Remaining())
	watched.unlimited = run.unlimitedLine
	return watched
}

// unlimitedLine tells once a request.
func (run *lintRun) unlimitedLine() {
	run.mu.Lock()
	again := run.unlimited
	run.unlimited = true
	run.mu.Unlock()
	if !again {
		run.warn("I01", "a line of the input is read without a limit; a client can send one as long as its whole request, so give ReadLine a maximum")
	}
}

// lintInput reads the input below.
type lintInput struct {
	run *lintRun
	in  *Input
}

func (l *lintInput) Read(p []byte) (int, error) {
	l.run.mu.Lock()
	over := l.run.over
	l.run.mu.Unlock()
	if over {
		l.run.error("I02", "the input was read when the response was over; something outlived its request")
	}
	n, err := l.in.Read(p)
	var failed *InputError
	if errors.As(err, &failed) {
		err = failed.Err // the Input above makes another one of it
	}
	return n, err
}
