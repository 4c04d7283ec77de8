package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestHello(t *testing.T) {
	res := newApp().TestClient().Get("/")
	assert.Equal(t, 200, res.Status)
	assert.Equal(t, "text/html; charset=utf-8", res.Header.Get("Content-Type"))
	assert.Equal(t, "Hello, WSGI!", res.Text)
}

func TestSquare(t *testing.T) {
	client := newApp().TestClient()
	res := client.Get("/square/7")
	assert.Equal(t, "application/json", res.Header.Get("Content-Type"))
	assert.Equal(t, "{\"n\":7,\"square\":49}\n", res.Text)
	assert.Equal(t, 404, client.Get("/square/seven").Status)
}
