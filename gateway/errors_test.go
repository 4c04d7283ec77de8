package gateway_test

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/gateway"
)

func TestErrorsSayWhatToDo(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{gateway.ErrAlreadyStarted, "gateway: start_response was called twice; to replace a response that is not sent yet, pass the error that made it necessary as exc"},
		{gateway.ErrNotStarted, "gateway: the app sent a body or ended before it called start_response; call start(status, headers, nil) before the first chunk that is not empty"},
		{gateway.ErrIterating, "gateway: write was called after the app returned its body; yield the bytes as a chunk instead"},
		{gateway.ErrContentLength, "gateway: the body does not have the length that Content-Length declares"},
		{gateway.ErrBodyClosed, "gateway: the response body was closed"},
		{&gateway.RestartError{Exc: io.EOF}, "gateway: the response cannot begin again, its headers were sent: EOF"},
		{&gateway.LengthError{Declared: 5, Sent: 3}, "gateway: Content-Length declares 5 bytes, the body had 3"},
		{&gateway.PanicError{Value: 7}, "gateway: panic: 7"},
		{&gateway.InputError{Err: io.EOF}, "gateway: reading the request body: EOF"},
		{&gateway.RequestError{Status: 400, Reason: "why"}, "gateway: why"},
	} {
		require.EqualError(t, tt.err, tt.want)
	}
}

func TestErrorsHaveTheirCausesInTheChain(t *testing.T) {
	cause := errors.New("cause")
	require.ErrorIs(t, &gateway.LengthError{}, gateway.ErrContentLength)
	require.ErrorIs(t, &gateway.HopByHopError{}, gateway.ErrHopByHop)
	require.ErrorIs(t, &gateway.InputError{Err: cause}, cause)
	require.ErrorIs(t, &gateway.PanicError{Value: cause}, cause)
	assert.NoError(t, errors.Unwrap(&gateway.PanicError{Value: "no error"}))
}
