package retort

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheLoggerOfANewApp(t *testing.T) {
	for _, tt := range []struct {
		name, env string
		debug     bool
		level     slog.Level // the lowest that is logged
		json      bool
	}{
		{"where nobody reads along", "", false, slog.LevelInfo, true},
		{"in debug mode", "", true, slog.LevelDebug, true},
		{"as text", "text", false, slog.LevelInfo, false},
		{"as text in debug mode", "text", true, slog.LevelDebug, false},
		{"as JSON", "json", false, slog.LevelInfo, true},
		{"from a level on", "warn", false, slog.LevelWarn, true},
		{"as text from a level on, whatever the mode", " Text , ERROR ", true, slog.LevelError, false},
		{"with everything", "debug", false, slog.LevelDebug, true},
		{"with news", "info", true, slog.LevelInfo, true},
	} {
		for _, frozen := range []bool{false, true} {
			t.Run(tt.name, func(t *testing.T) {
				var b bytes.Buffer
				app := New("notes")
				app.Config.Set("DEBUG", tt.debug)
				app.Logger = newLogger(app, &b, tt.env)
				if frozen {
					app.freeze()
				}
				app.Logger.Log(t.Context(), tt.level-1, "too low")
				assert.Empty(t, b.String())
				app.Logger.Log(t.Context(), tt.level, "seen", "id", 7)
				if !tt.json {
					assert.Regexp(t, `^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] `+tt.level.String()+` in logging_internal_test\.go:\d+: seen id=7\n$`, b.String())
					return
				}
				var record struct {
					Level, Msg, App string
					ID              int
				}
				require.NoError(t, json.Unmarshal(b.Bytes(), &record))
				assert.Equal(t, tt.level.String(), record.Level)
				assert.Equal(t, "seen", record.Msg)
				assert.Equal(t, "notes", record.App)
				assert.Equal(t, 7, record.ID)
			})
		}
	}
}

func TestAnUnknownWordInRETORT_LOG(t *testing.T) {
	assert.PanicsWithValue(t, `retort: the environment variable RETORT_LOG is "json,loud", but "loud" says nothing about a log; it takes text or json, and debug, info, warn or error, with a comma between: RETORT_LOG=json,warn`,
		func() { newLogger(New("notes"), &bytes.Buffer{}, "json,loud") })
	t.Setenv("RETORT_LOG", "loud")
	assert.Panics(t, func() { New("notes") })
}

func TestWhereARecordComesFrom(t *testing.T) {
	for want, f := range map[string]runtime.Frame{
		"notes.go:31": {Function: "example.com/notes.show", File: "/home/ada/notes/notes.go", Line: 31},
		"retort":      {Function: packagePath + ".(*App).logFailure", File: "/mod/retort/exceptions.go", Line: 160},
		"middleware":  {Function: packagePath + "/middleware.AccessLog.func1.1", File: "/mod/retort/middleware/accesslog.go", Line: 82},
		"other.go:1":  {Function: packagePath + "er.Other", File: "/mod/other.go", Line: 1},
	} {
		assert.Equal(t, want, logPlace(f))
	}
}

// An error on a terminal: one record, its stack below it, and nothing of the
// path that a terminal would obey.
func TestAnErrorAsTextIsReadable(t *testing.T) {
	var b bytes.Buffer
	app := New("notes")
	app.Logger = newLogger(app, &b, "text")
	app.Get("/<path:p>")(func(string) string { panic("boom") })
	app.TestClient().Get("/%1b%5b31m%07")
	assert.Regexp(t, `^\[[^]]+\] ERROR in retort: exception on /\\x1b\[31m\\x07 \[GET\] error="panic: boom" type=\S+ endpoint=/<path:p> request_id=[A-Z2-7]{26}
  traceback: the innermost call first
    github\.com/retort-go/retort\.TestAnErrorAsTextIsReadable\.func1
        logging_internal_test\.go:\d+
$`, b.String())
}
