package serving

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// syncBuffer is a log that counts its Write calls.
type syncBuffer struct {
	mu     sync.Mutex
	b      bytes.Buffer
	writes int
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.writes++
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// waitFor returns when the log contains s. The access line is written when the
// client may have its answer already.
func (b *syncBuffer) waitFor(t *testing.T, s string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(b.String(), s) }, 30*time.Second, time.Millisecond, "%s", s)
}

func get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	resp, err := c.Get(url)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(b)
}

func TestOneRequestAllocatesOneObject(t *testing.T) {
	s := NewServer(http.NotFoundHandler(), Options{Log: io.Discard})
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") })
	recorded := s.record(bare)
	r := newRequest(t, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
	body := r.Body
	w := newFakeWriter()
	allocs := func(h http.Handler) float64 {
		return testing.AllocsPerRun(200, func() {
			r.Body = body
			h.ServeHTTP(w, r)
		})
	}
	assert.Equal(t, 1.0, allocs(recorded)-allocs(bare))
}

func BenchmarkRecord(b *testing.B) {
	s := NewServer(http.NotFoundHandler(), Options{Log: io.Discard})
	h := s.record(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") }))
	r := newRequest(b, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
	w := newFakeWriter()
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}

func TestAccessLinesAreWhole(t *testing.T) {
	var log syncBuffer
	addr := startServer(t, http.HandlerFunc(echoTarget), Options{Log: &log})
	const n = 40
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() { get(t, "http://"+addr+"/x") })
	}
	wg.Wait()
	require.Eventually(t, func() bool { return strings.Count(log.String(), "\n") == n }, 30*time.Second, time.Millisecond)
	assert.Equal(t, n, log.writes)
	for line := range strings.Lines(log.String()) {
		assert.Regexp(t, `^127\.0\.0\.1 - - \[../.../.... ..:..:..\] "GET /x HTTP/1\.1" 200 -\n$`, line)
	}
}

func TestAccessLineTellsWhatArrivedWhateverTheHandlerDoes(t *testing.T) {
	var log syncBuffer
	addr := startServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Method, r.RequestURI = "PUT", "/other"
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusTeapot)
	}), Options{Log: &log})
	get(t, "http://"+addr+"/real")
	log.waitFor(t, `"GET /real HTTP/1.1" 418 -`)
}

func TestPanicBeforeTheAnswerIs500(t *testing.T) {
	var log syncBuffer
	addr := startServer(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }), Options{Log: &log})
	resp, body := get(t, "http://"+addr+"/p")
	assert.Equal(t, 500, resp.StatusCode)
	assert.Equal(t, "Internal Server Error\n", body)
	log.waitFor(t, `"GET /p HTTP/1.1" 500 -`)
	assert.Contains(t, log.String(), "panic while answering GET /p for 127.0.0.1: boom\ngoroutine ")
}

func TestThePanicOfAHandlerShowsNoCredentials(t *testing.T) {
	var log syncBuffer
	addr := startServer(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		panic("no user for " + r.Header.Get("Authorization"))
	}), Options{Log: &log})
	r, err := http.NewRequest("GET", "http://"+addr+"/", nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer tr0ub4dor-and-3")
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	res.Body.Close()
	log.waitFor(t, `" 500 -`)
	assert.Contains(t, log.String(), "no user for ")
	assert.NotContains(t, log.String(), "tr0ub4dor")
}

func TestPanicAfterTheAnswerBeganCutsTheConnection(t *testing.T) {
	addr := startServer(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "half")
		http.NewResponseController(w).Flush()
		panic("boom")
	}), Options{})
	resp, err := http.Get("http://" + addr)
	require.NoError(t, err)
	defer resp.Body.Close()
	_, err = io.ReadAll(resp.Body)
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

// spyListener makes connections that note whether ReadFrom is given a file.
type spyListener struct {
	net.Listener
	files chan bool
}

type spyConn struct {
	*net.TCPConn
	files chan bool
}

func (l spyListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return spyConn{c.(*net.TCPConn), l.files}, nil
}

func (l spyListener) SetDeadline(t time.Time) error {
	return l.Listener.(*net.TCPListener).SetDeadline(t)
}

func (c spyConn) ReadFrom(r io.Reader) (int64, error) {
	select {
	case c.files <- isRegularFile(r.(*io.LimitedReader).R):
	default:
	}
	return c.TCPConn.ReadFrom(r)
}

func TestAFileReachesTheConnectionAsAFile(t *testing.T) {
	content := strings.Repeat("0123456789abcdef", 80_000) // several steps
	name := filepath.Join(t.TempDir(), "big.txt")
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	l := spyListener{listen(t), make(chan bool, 1)}
	s := NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, name)
	}), Options{Log: io.Discard})
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	_, body := get(t, "http://"+l.Addr().String()+"/")
	assert.True(t, body == content, "the body is not the file's content")
	assert.True(t, <-l.files, "the connection was not given a file")
}

// deadlineWriter records the deadlines that are set.
type deadlineWriter struct {
	*fakeWriter
	reads, writes []time.Duration // from now; 0 for none
}

func until(d time.Time) time.Duration {
	if d.IsZero() {
		return 0
	}
	return time.Until(d).Round(time.Second)
}

func (w *deadlineWriter) SetReadDeadline(d time.Time) error {
	w.reads = append(w.reads, until(d))
	return nil
}

func (w *deadlineWriter) SetWriteDeadline(d time.Time) error {
	w.writes = append(w.writes, until(d))
	return nil
}

func TestProgressDeadlines(t *testing.T) {
	const limit = 80 * time.Second
	const late = limit + limit/8
	post := "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
	tests := []struct {
		name          string
		request       string
		handler       http.HandlerFunc
		reads, writes []time.Duration
	}{
		{"an answer gets one when it begins and one for what is buffered", "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
			func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "a"); io.WriteString(w, "b") },
			nil, []time.Duration{late, late}},
		{"a body that is read loses it at its end", post,
			func(_ http.ResponseWriter, r *http.Request) { io.ReadAll(r.Body) },
			[]time.Duration{late, 0}, []time.Duration{late}},
		{"a body that is closed loses it too", post,
			func(_ http.ResponseWriter, r *http.Request) { r.Body.Close() },
			[]time.Duration{late, 0}, []time.Duration{late}},
		{"a body that is left gets it anew for net/http's drain", post,
			func(http.ResponseWriter, *http.Request) {},
			[]time.Duration{late, late}, []time.Duration{late}},
		{"a handler that sets its own keeps them", post,
			func(w http.ResponseWriter, r *http.Request) {
				rc := http.NewResponseController(w)
				rc.SetReadDeadline(time.Now().Add(time.Hour))
				rc.SetWriteDeadline(time.Now().Add(time.Hour))
				io.ReadAll(r.Body)
				io.WriteString(w, "a")
			},
			[]time.Duration{late, time.Hour}, []time.Duration{time.Hour}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := NewServer(tt.handler, Options{Log: io.Discard, ProgressTimeout: limit})
			w := &deadlineWriter{fakeWriter: newFakeWriter()}
			s.record(tt.handler).ServeHTTP(w, newRequest(t, tt.request))
			assert.Equal(t, tt.reads, w.reads, "reads")
			assert.Equal(t, tt.writes, w.writes, "writes")
		})
	}
}

func TestABodyThatStandsStillIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan error, 1)
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			failed <- err
		}, Options{ProgressTimeout: 80 * time.Second})
		began := time.Now()
		io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc")
		assert.ErrorIs(t, <-failed, os.ErrDeadlineExceeded)
		assert.Equal(t, 90*time.Second, time.Since(began), "the timeout and its eighth")
	})
}

func TestASlowBodyThatMovesIsReadToTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inMemory(t, echoTarget, Options{ProgressTimeout: 80 * time.Second})
		io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n")
		for range 10 {
			time.Sleep(75 * time.Second)
			io.WriteString(c, "a")
		}
		assert.Contains(t, readAnswer(t, c), `body="aaaaaaaaaa"`)
	})
}

// A handler that works longer than ProgressTimeout after reading its body, or
// between two writes, is not a peer that stands still.
func TestASlowHandlerIsNotCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			io.ReadAll(r.Body)
			io.WriteString(w, "a")
			select {
			case <-r.Context().Done():
				return
			case <-time.After(250 * time.Second):
			}
			io.Copy(w, &slowReader{pause: 150 * time.Second, left: 2})
		}, Options{ProgressTimeout: 80 * time.Second})
		io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody")
		assert.Equal(t, "abb", readAnswer(t, c))
	})
}

type slowReader struct {
	pause time.Duration
	left  int
}

func (r *slowReader) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	r.left--
	time.Sleep(r.pause)
	return copy(p, "b"), nil
}

func TestAClientThatTakesNothingIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan error, 1)
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			var err error
			for chunk := make([]byte, 3*progressStep/2); err == nil; {
				_, err = w.Write(chunk)
			}
			failed <- err
		}, Options{ProgressTimeout: 80 * time.Second})
		began := time.Now()
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		err := <-failed
		var timeout net.Error
		assert.True(t, errors.As(err, &timeout) && timeout.Timeout(), "%v", err)
		assert.Equal(t, 90*time.Second, time.Since(began))
	})
}

func TestResponseControllerWorksThroughTheWrapper(t *testing.T) {
	got := make(chan []error, 1)
	addr := startServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rc := http.NewResponseController(w)
		errs := []error{rc.EnableFullDuplex(), rc.SetReadDeadline(time.Time{}), rc.SetWriteDeadline(time.Time{}), rc.Flush()}
		c, _, err := rc.Hijack()
		got <- append(errs, err)
		c.Close()
	}), Options{})
	http.Get("http://" + addr)
	assert.Equal(t, []error{nil, nil, nil, nil, nil}, <-got)
}

func TestBigWritesArriveWhole(t *testing.T) {
	want := strings.Repeat("0123456789", progressStep/5+7)
	for name, write := range map[string]func(http.ResponseWriter) (int, error){
		"Write":       func(w http.ResponseWriter) (int, error) { return w.Write([]byte(want)) },
		"WriteString": func(w http.ResponseWriter) (int, error) { return io.WriteString(w, want) },
	} {
		t.Run(name, func(t *testing.T) {
			addr := startServer(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				n, err := write(w)
				assert.NoError(t, err)
				assert.Equal(t, len(want), n)
			}), Options{})
			_, body := get(t, "http://"+addr)
			assert.True(t, body == want)
		})
	}
}
