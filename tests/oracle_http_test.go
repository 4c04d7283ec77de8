package tests

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// oracleDir is where the recordings are: RETORT_ORACLE_DIR, or the package's
// own.
func oracleDir() string {
	if dir := os.Getenv("RETORT_ORACLE_DIR"); dir != "" {
		return dir
	}
	return filepath.Join("testdata", "oracle")
}

func loadRecording(t *testing.T) *recording {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(oracleDir(), "http.json"))
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("RETORT_ORACLE_DIR") != "" {
		t.Skip("RETORT_ORACLE_DIR holds no http.json")
	}
	require.NoError(t, err)
	var rec recording
	require.NoError(t, json.Unmarshal(data, &rec))
	return &rec
}

// tally counts the cases of a replay.
type tally struct {
	hold, all int
	excused   map[string]int
}

func TestRecordedFlask(t *testing.T) {
	var total tally
	total.excused = make(map[string]int)
	for _, rec := range loadRecording(t).Apps {
		t.Run(rec.App.ID, func(t *testing.T) { replay(t, &rec, handlerDoor, &total) })
	}
	for reason, n := range total.excused {
		t.Logf("%d cases do not hold on purpose: %s", n, reason)
	}
	fmt.Printf("http.json: %d of %d cases hold\n", total.hold, total.all)
}

// TestRecordedFlaskThroughTheGateway replays the same through App.Call, where
// the reason phrase shows too.
func TestRecordedFlaskThroughTheGateway(t *testing.T) {
	for _, rec := range loadRecording(t).Apps {
		t.Run(rec.App.ID, func(t *testing.T) {
			replay(t, &rec, gatewayDoor, &tally{excused: make(map[string]int)})
		})
	}
}

// replay runs the cases of one app.
func replay(t *testing.T, rec *recordedApp, enter door, total *tally) {
	rec.App.writeFiles(t)
	app, err := buildApp(&rec.App)
	if err != nil {
		t.Errorf("%d cases cannot be replayed: %v", len(rec.Cases), err)
		total.all += len(rec.Cases)
		return
	}
	hold := 0
	for i := range rec.Cases {
		c := &rec.Cases[i]
		differences := app.replayCase(&rec.App, c, enter)
		if len(differences) == 0 {
			hold++
			continue
		}
		if reason, ok := deviates(&rec.App, c); ok {
			total.excused[reason]++
			continue
		}
		t.Errorf("%s does not hold:\n\t%s", c.ID, strings.Join(differences, "\n\t"))
	}
	t.Logf("%s: %d of %d cases hold", rec.App.ID, hold, len(rec.Cases))
	total.hold += hold
	total.all += len(rec.Cases)
}

// replayCase runs the steps of a case, which share their cookies.
func (a *replayApp) replayCase(spec *appSpec, c *recordedCase, enter door) []string {
	jar := new(cookieJar)
	template := nothingToReplace
	var found []string
	for i := range c.Steps {
		s := &c.Steps[i]
		got, err := a.answer(&s.Request, jar, template, enter)
		if err != nil {
			return append(found, fmt.Sprintf("step %d: %v", i, err))
		}
		compare := comparison{
			head:     s.Request.Method == http.MethodHead,
			jsonText: spec.ID == "conv" || strings.HasPrefix(spec.ID, "json0") || strings.HasPrefix(spec.ID, "json1"),
			want:     s.wanted(spec),
			got:      got,
		}
		for _, d := range compare.differences() {
			found = append(found, fmt.Sprintf("step %d, %s %s: %s", i, s.Request.Method, s.Request.Target, d))
		}
		if d := spec.sessionDifference(s.wanted(spec), got.header); d != "" {
			found = append(found, fmt.Sprintf("step %d, %s %s: %s", i, s.Request.Method, s.Request.Target, d))
		}
		if i == 0 {
			template = strings.NewReplacer("{{etag:0}}", got.header.Get("ETag"), "{{last-modified:0}}", got.header.Get("Last-Modified"))
		}
	}
	return found
}

// wanted is the answer that is right: the released Flask's where an entry of
// TRUSTED_HOSTS has a port, which the other then never finds.
func (s *recordedStep) wanted(spec *appSpec) *expectation {
	if s.Release != nil && strings.HasPrefix(spec.ID, "hosts_port") {
		return s.Release
	}
	return &s.Expect
}

// answer sends one request. The error is what the replay could not do.
func (a *replayApp) answer(q *request, jar *cookieJar, template *strings.Replacer, enter door) (*answer, error) {
	a.trace, a.fault = nil, nil
	r, err := q.httpRequest(jar, template)
	if err != nil {
		return nil, err
	}
	got := a.enter(r, enter)
	discard(r)
	got.trace = a.trace
	jar.keep(got.header)
	return got, a.fault
}

// enter goes through the door; a panic that leaves the app is the answer.
func (a *replayApp) enter(r *http.Request, enter door) (got *answer) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case error:
			got = &answer{propagated: className(v), header: make(http.Header)}
		default:
			got = &answer{propagated: fmt.Sprint(v), header: make(http.Header)}
		}
	}()
	return enter(a.App, r)
}

// nothingToReplace is for the first step of a case.
var nothingToReplace = strings.NewReplacer()
