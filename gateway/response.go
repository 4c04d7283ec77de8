package gateway

// response is what start_response has said so far. The zero value is a response
// that has not begun.
type response struct {
	called  bool  // start_response was called, however it went
	failure error // why the last call was refused
	status  string
	code    int // of status; 0 until a response was accepted
	header  Headers
	left    int64 // bytes to Content-Length; below zero without one
}

// begin is one call of start_response; sent tells whether the headers are out.
func (s *response) begin(status string, h Headers, exc error, sent bool) error {
	again := s.called
	s.called = true
	switch {
	case exc == nil && again:
		return ErrAlreadyStarted
	case exc != nil && sent:
		return &RestartError{exc}
	}
	s.failure = s.accept(status, h)
	return s.failure
}

// accept stores a response, or nothing at all.
func (s *response) accept(status string, h Headers) error {
	s.code, s.header = 0, nil
	code, err := parseStatus(status)
	if err != nil {
		return err
	}
	header, err := checkHeaders(h)
	if err != nil {
		return err
	}
	s.status, s.code, s.header, s.left = status, code, header, -1
	if length := header.Get("Content-Length"); length != "" {
		s.left, _ = parseLength(length) // checkHeaders has parsed it
	}
	return nil
}

// ready reports why there is no response to send bytes for.
func (s *response) ready() error {
	if s.failure != nil {
		return s.failure
	}
	if s.code == 0 {
		return ErrNotStarted
	}
	return nil
}
