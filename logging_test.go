package retort_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/gateway"
	"github.com/retort-go/retort/internal/requestid"
	"github.com/retort-go/retort/middleware"
)

// idsIn are the request IDs of the records in log.
func idsIn(t *testing.T, log *bytes.Buffer) []string {
	t.Helper()
	var ids []string
	for dec := json.NewDecoder(log); dec.More(); {
		var record struct {
			ID string `json:"request_id"`
		}
		require.NoError(t, dec.Decode(&record))
		ids = append(ids, record.ID)
	}
	return ids
}

func TestRecordsOfARequestCarryItsID(t *testing.T) {
	var log bytes.Buffer
	app := retort.New("test")
	app.Logger = slog.New(retort.RequestIDHandler(slog.NewJSONHandler(&log, nil))).With("a", 1).WithGroup("")
	app.Logger.Info("outside")
	var want string
	app.Get("/")(func(c *retort.Context) error {
		want = c.RequestID()
		assert.Equal(t, want, c.RequestID())
		assert.Equal(t, want, c.Copy().RequestID())
		app.Logger.InfoContext(c.Context(), "in a view")
		app.Logger.InfoContext(c.Copy().Context(), "in a copy")
		return &appError{"broken"}
	})
	app.Get("/plain")(func(_ http.ResponseWriter, r *http.Request) {
		want = retort.FromContext(r.Context()).RequestID()
		app.Logger.InfoContext(r.Context(), "in a handler")
	})
	app.TestClient().Get("/", retort.WithHeader("X-Request-ID", "forged"))
	assert.Regexp(t, "^[A-Z2-7]{26}$", want)
	assert.Equal(t, []string{"", want, want, want}, idsIn(t, &log))
	first := want
	app.TestClient().Get("/plain")
	assert.Equal(t, []string{want}, idsIn(t, &log))
	assert.NotEqual(t, first, want)
	require.NoError(t, app.WithAppContext(t.Context(), func(c *retort.Context) error {
		app.Logger.InfoContext(c.Context(), "without a request")
		return nil
	}))
	assert.Equal(t, []string{""}, idsIn(t, &log))
}

// As middleware does that is trusted to name requests.
func TestAnAppWithoutALogger(t *testing.T) {
	app := retort.New("quiet")
	app.Logger = nil
	app.Get("/")(func() error { return errors.New("broken") })
	assert.Equal(t, http.StatusInternalServerError, app.TestClient().Get("/").Status)
}

func TestARequestIDThatIsGiven(t *testing.T) {
	var log bytes.Buffer
	app := retort.New("test")
	app.Logger = slog.New(retort.RequestIDHandler(slog.NewJSONHandler(&log, nil)))
	app.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx := requestid.NewContext(r.Context(), requestid.Of("given"))
			next.ServeHTTP(w, r.WithContext(ctx))
			app.Logger.InfoContext(ctx, "in middleware")
		})
	})
	app.Get("/")(func(c *retort.Context) string { return c.RequestID() })
	assert.Equal(t, "given", app.TestClient().Get("/").Text)
	assert.Equal(t, []string{"given"}, idsIn(t, &log))
}

func TestAccessLogOfAnApp(t *testing.T) {
	var log bytes.Buffer
	app := retort.New("test")
	app.Logger = slog.New(retort.RequestIDHandler(slog.NewJSONHandler(&log, nil)))
	app.Use(middleware.AccessLog(app.Logger))
	var want string
	app.Get("/")(func(c *retort.Context) string { want = c.RequestID(); return "" })
	app.TestClient().Get("/")
	assert.Equal(t, []string{want}, idsIn(t, &log), "the record has the ID of the request")
}

// TestAccessLines holds that there is one line for each request, whoever writes
// it.
func TestAccessLines(t *testing.T) {
	var log syncBuffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	for _, tt := range []struct {
		name           string
		off, logs      bool
		server, record int
	}{
		{"the server writes it", false, false, 1, 0},
		{"nobody does", true, false, 0, 0},
		{"middleware does", false, true, 0, 1},
		{"only middleware does", true, true, 0, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			newApp := func() *retort.App {
				app := quiet()
				if tt.logs {
					app.Use(middleware.AccessLog(logger))
				}
				app.Get("/seen")(noArguments)
				return app
			}
			count := func() [2]int {
				text := log.String()
				log.buf.Reset()
				return [2]int{strings.Count(text, `"GET /seen HTTP/1.1"`), strings.Count(text, "target=/seen")}
			}
			url, stop := running(t, newApp(), retort.RunOptions{Log: &log, NoAccessLog: tt.off})
			fetch(t, url+"/seen")
			require.NoError(t, stop())
			assert.Equal(t, [2]int{tt.server, tt.record}, count(), "under Run")
			if tt.off {
				return
			}
			srv, err := gateway.MakeServer("127.0.0.1:0", newApp(), gateway.AccessLog(&log))
			require.NoError(t, err)
			served := make(chan error, 1)
			go func() { served <- srv.ServeForever() }()
			fetch(t, "http://"+srv.Addr().String()+"/seen")
			require.NoError(t, srv.Shutdown(context.Background()))
			<-served
			assert.Equal(t, [2]int{tt.server, tt.record}, count(), "under a gateway")
		})
	}
}
