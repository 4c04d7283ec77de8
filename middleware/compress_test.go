package middleware_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/middleware"
)

// page is a body well above the smallest size.
var page = strings.Repeat("<p>A retort is a laboratory flask, and an answer.</p>\n", 100)

// decoder decodes a coding as it arrives.
func decoder(t testing.TB, coding string, r io.Reader) io.Reader {
	switch coding {
	case "":
		return r
	case "gzip":
		z, err := gzip.NewReader(r)
		require.NoError(t, err)
		return z
	case "br":
		return brotli.NewReader(r)
	case "zstd":
		z, err := zstd.NewReader(r, zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderConcurrency(1)) // RFC 9659's limit
		require.NoError(t, err)
		t.Cleanup(z.Close)
		return z
	}
	require.Fail(t, "unknown coding", coding)
	return nil
}

func decoded(t testing.TB, coding string, body []byte) string {
	all, err := io.ReadAll(decoder(t, coding, bytes.NewReader(body)))
	require.NoError(t, err)
	return string(all)
}

// exchange sends a request with the fields, given as name, value pairs, through
// Compress to h.
func exchange(h http.HandlerFunc, o middleware.CompressOptions, method string, fields ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/", nil)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	w := httptest.NewRecorder()
	middleware.Compress(o)(h).ServeHTTP(w, r)
	return w
}

func html(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, body)
	}
}

func TestCompressInEachCoding(t *testing.T) {
	for _, coding := range []string{"zstd", "br", "gzip"} {
		t.Run(coding, func(t *testing.T) {
			for range 3 { // the second one has a used encoder
				w := exchange(html(page), middleware.CompressOptions{}, "GET", "Accept-Encoding", coding)
				assert.Equal(t, http.Header{
					"Content-Type": {"text/html; charset=utf-8"}, "Content-Encoding": {coding}, "Vary": {"Accept-Encoding"},
				}, w.Header())
				assert.Less(t, w.Body.Len(), len(page)/10)
				assert.Equal(t, page, decoded(t, coding, w.Body.Bytes()))
			}
		})
	}
}

func TestCompressChoosesAmongItsCodings(t *testing.T) {
	w := exchange(html(page), middleware.CompressOptions{Codings: []string{"gzip", "br"}}, "GET", "Accept-Encoding", "zstd, br, gzip")
	assert.Equal(t, "gzip", w.Header().Get("Content-Encoding"))
	assert.PanicsWithValue(t, `middleware: CompressOptions.Codings: there is no content coding "deflate" here; there are "zstd", "br" and "gzip"`,
		func() { middleware.Compress(middleware.CompressOptions{Codings: []string{"gzip", "deflate"}}) })
}

func TestCompressTakesWhateverTheSizesOfTheWritesAre(t *testing.T) {
	for _, size := range []int{1, 7, 1023, 1024, 1025, 5000} {
		w := exchange(func(w http.ResponseWriter, _ *http.Request) {
			for rest := page; rest != ""; {
				n, err := io.WriteString(w, rest[:min(size, len(rest))])
				assert.NoError(t, err)
				rest = rest[n:]
			}
		}, middleware.CompressOptions{}, "GET", "Accept-Encoding", "gzip")
		assert.Equal(t, "gzip", w.Header().Get("Content-Encoding"), size)
		assert.Equal(t, "text/html; charset=utf-8", w.Header().Get("Content-Type"), "it was detected before the bytes were compressed")
		assert.Equal(t, page, decoded(t, "gzip", w.Body.Bytes()), size)
	}
}

func TestCompressBySize(t *testing.T) {
	for _, tt := range []struct {
		name     string
		size     int
		min      int
		accept   string
		declared bool
		want     string
	}{
		{"one byte below the smallest size", 1023, 0, "gzip", false, ""},
		{"the smallest size", 1024, 0, "gzip", false, "gzip"},
		{"announced, one byte below", 1023, 0, "gzip", true, ""},
		{"announced, the smallest size", 1024, 0, "gzip", true, "gzip"},
		{"another smallest size", 100, 100, "gzip", false, "gzip"},
		{"below another smallest size", 99, 100, "gzip", false, ""},
		{"no smallest size", 1, -1, "gzip", false, "gzip"},
		{"an empty body, whatever the smallest size", 0, -1, "gzip", false, ""},
		{"a small body for a client that refuses identity", 5, 0, "gzip, identity;q=0", false, "gzip"},
		{"a small announced body for a client that refuses identity", 5, 0, "gzip, *;q=0", true, "gzip"},
		{"a client that refuses everything", 5000, 0, "*;q=0", false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := strings.Repeat("x", tt.size)
			w := exchange(func(w http.ResponseWriter, r *http.Request) {
				if tt.declared {
					w.Header().Set("Content-Length", fmt.Sprint(tt.size))
				}
				html(body)(w, r)
			}, middleware.CompressOptions{MinSize: tt.min}, "GET", "Accept-Encoding", tt.accept)
			assert.Equal(t, tt.want, w.Header().Get("Content-Encoding"))
			assert.Equal(t, body, decoded(t, tt.want, w.Body.Bytes()))
			assert.Equal(t, "Accept-Encoding", w.Header().Get("Vary"), "another client could have got something else")
			assert.Equal(t, tt.declared && tt.want == "", w.Header().Get("Content-Length") != "")
		})
	}
}

func TestCompressLeavesAlone(t *testing.T) {
	for _, tt := range []struct {
		name, field, value string
		status             int
	}{
		{"an encoded body", "Content-Encoding", "gzip", 200},
		{"a body that is said to be unencoded", "Content-Encoding", "identity", 200},
		{"a part of a body", "Content-Range", "bytes 0-1/2", 206},
		{"a range that does not exist", "Content-Range", "bytes */2", 416},
		{"206", "Content-Type", "multipart/byteranges; boundary=x", 206},
		{"no-transform", "Cache-Control", "max-age=5, No-Transform", 200},
		{"a digest", "Content-Digest", "sha-256=:x:", 200},
		{"JPEG", "Content-Type", "image/jpeg", 200},
		{"video", "Content-Type", "Video/MP4; codecs=x", 200},
		{"audio", "Content-Type", "audio/ogg", 200},
		{"a web font", "Content-Type", "font/woff2", 200},
		{"an archive", "Content-Type", "application/zip", 200},
		{"an office document", "Content-Type", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", 200},
		{"a type with a structured suffix", "Content-Type", "application/x+zip", 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := exchange(func(w http.ResponseWriter, _ *http.Request) {
				h := w.Header()
				h.Set("Content-Type", "text/plain")
				h.Set("ETag", `"tag"`)
				h.Set("Accept-Ranges", "bytes")
				h.Set("Content-Length", fmt.Sprint(len(page)))
				h.Set(tt.field, tt.value)
				w.WriteHeader(tt.status)
				io.WriteString(w, page)
			}, middleware.CompressOptions{}, "GET", "Accept-Encoding", "gzip")
			want := http.Header{"Content-Type": {"text/plain"}, "Etag": {`"tag"`}, "Accept-Ranges": {"bytes"}, "Content-Length": {fmt.Sprint(len(page))}}
			want.Set(tt.field, tt.value)
			assert.Equal(t, want, w.Header())
			assert.Equal(t, tt.status, w.Code)
			assert.Equal(t, page, w.Body.String())
		})
	}
}

func TestCompressKnowsWhatIsWorthIt(t *testing.T) {
	for typ, want := range map[string]string{
		"text/html": "gzip", "text/event-stream": "gzip", "application/json; charset=utf-8": "gzip", "application/wasm": "gzip",
		"image/svg+xml": "gzip", "image/x-icon": "gzip", "font/ttf": "gzip", "IMAGE/PNG": "", "application/gzip": "", "application/grpc+proto": "",
	} {
		w := exchange(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", typ)
			io.WriteString(w, page)
		}, middleware.CompressOptions{}, "GET", "Accept-Encoding", "gzip")
		assert.Equal(t, want, w.Header().Get("Content-Encoding"), typ)
		assert.Equal(t, want != "", w.Header().Get("Vary") != "", typ)
	}
	only := middleware.CompressOptions{Compressible: func(typ string) bool { return typ == "text/html" }}
	assert.Equal(t, "gzip", exchange(html(page), only, "GET", "Accept-Encoding", "gzip").Header().Get("Content-Encoding"))
	only.Compressible = func(string) bool { return false }
	assert.Empty(t, exchange(html(page), only, "GET", "Accept-Encoding", "gzip").Header()["Vary"])
}

func TestCompressDetectsAnImageWithoutAType(t *testing.T) {
	png := "\x89PNG\x0D\x0A\x1A\x0A" + page
	w := exchange(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, png) }, middleware.CompressOptions{}, "GET", "Accept-Encoding", "gzip")
	assert.Empty(t, w.Header()["Content-Encoding"])
	assert.Empty(t, w.Header()["Vary"])
	assert.Equal(t, png, w.Body.String())
}

func TestCompressAddsToVary(t *testing.T) {
	for _, tt := range []struct {
		name       string
		have, want []string
	}{
		{"none", nil, []string{"Accept-Encoding"}},
		{"another field", []string{"Cookie"}, []string{"Cookie", "Accept-Encoding"}},
		{"the same field", []string{"Cookie, accept-encoding"}, []string{"Cookie, accept-encoding"}},
		{"every field", []string{"*"}, []string{"*"}},
	} {
		for _, accept := range []string{"gzip", "identity"} {
			w := exchange(func(w http.ResponseWriter, r *http.Request) {
				if tt.have != nil {
					w.Header()["Vary"] = tt.have
				}
				html(page)(w, r)
			}, middleware.CompressOptions{}, "GET", "Accept-Encoding", accept)
			assert.Equal(t, tt.want, w.Header()["Vary"], tt.name)
		}
	}
}

func TestCompressBodilessResponses(t *testing.T) {
	for _, status := range []int{204, 304} {
		w := exchange(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }, middleware.CompressOptions{}, "GET", "Accept-Encoding", "gzip")
		assert.Equal(t, status, w.Code)
		assert.Empty(t, w.Header()["Content-Encoding"])
		assert.Zero(t, w.Body.Len())
	}
	w := exchange(func(http.ResponseWriter, *http.Request) {}, middleware.CompressOptions{}, "GET", "Accept-Encoding", "gzip")
	assert.Equal(t, 200, w.Code)
	assert.Empty(t, w.Header())
}

// tagged answers conditions by the book, as http.ServeContent does, or not at
// all.
func tagged(heeding bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"a,b"`)
		w.Header().Set("Content-Type", "text/html")
		if heeding {
			http.ServeContent(w, r, "", time.Unix(1e9, 0), strings.NewReader(page))
			return
		}
		io.WriteString(w, page)
	}
}

func TestCompressWeakensTags(t *testing.T) {
	for _, heeding := range []bool{true, false} {
		for _, tt := range []struct {
			name, accept, match string
			heeded, ignored     int // statuses
			tag                 string
		}{
			{"compressed", "gzip", "", 200, 200, `W/"a,b"`},
			{"not compressed", "", "", 200, 200, `"a,b"`},
			{"the weak tag comes back", "gzip", `"x", W/"a,b"`, 304, 304, `W/"a,b"`},
			{"another weak tag comes back", "gzip", `W/"a"`, 200, 200, `W/"a,b"`},
			{"the strong tag comes back", "", `"a,b"`, 304, 200, `"a,b"`},
		} {
			t.Run(fmt.Sprint(tt.name, heeding), func(t *testing.T) {
				w := exchange(tagged(heeding), middleware.CompressOptions{}, "GET", "Accept-Encoding", tt.accept, "If-None-Match", tt.match)
				want := tt.ignored
				if heeding {
					want = tt.heeded
				}
				assert.Equal(t, want, w.Code)
				assert.Equal(t, tt.tag, w.Header().Get("ETag"))
				assert.Equal(t, "Accept-Encoding", w.Header().Get("Vary"))
				if want == 304 {
					assert.Zero(t, w.Body.Len())
					assert.Empty(t, w.Header()["Content-Type"])
					assert.Empty(t, w.Header()["Content-Encoding"])
				}
			})
		}
	}
}

func TestCompressMakesA304OfNothingElse(t *testing.T) {
	page404 := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"a"`)
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(404)
		io.WriteString(w, page)
	}
	w := exchange(page404, middleware.CompressOptions{}, "GET", "Accept-Encoding", "gzip", "If-None-Match", `W/"a"`)
	assert.Equal(t, 404, w.Code)
	assert.Equal(t, page, decoded(t, "gzip", w.Body.Bytes()))
	w = exchange(tagged(false), middleware.CompressOptions{}, "POST", "Accept-Encoding", "gzip", "If-None-Match", `W/"a,b"`)
	assert.Equal(t, 200, w.Code)
	assert.Equal(t, page, decoded(t, "gzip", w.Body.Bytes()))
}

func TestCompressTakesNoRangesAwayThatItCannotKeep(t *testing.T) {
	w := exchange(tagged(true), middleware.CompressOptions{}, "GET", "Accept-Encoding", "gzip", "Range", "bytes=0-9")
	assert.Equal(t, 206, w.Code)
	assert.Equal(t, page[:10], w.Body.String())
	assert.Equal(t, `"a,b"`, w.Header().Get("ETag"))
	w = exchange(tagged(true), middleware.CompressOptions{}, "GET", "Accept-Encoding", "gzip", "Range", "bytes=0-9", "If-Range", `W/"a,b"`)
	assert.Equal(t, 200, w.Code, "a weak tag names no bytes")
	assert.Empty(t, w.Header()["Accept-Ranges"])
	assert.Equal(t, page, decoded(t, "gzip", w.Body.Bytes()))
}

func TestCompressAnswersHEADAsGETWithoutItsBody(t *testing.T) {
	w := exchange(tagged(true), middleware.CompressOptions{}, "HEAD", "Accept-Encoding", "gzip")
	assert.Equal(t, 200, w.Code)
	assert.Zero(t, w.Body.Len())
	assert.Empty(t, w.Header()["Content-Encoding"])
	assert.Empty(t, w.Header()["Content-Length"], "the length of GET's body is not known")
	assert.Equal(t, `W/"a,b"`, w.Header().Get("ETag"))
	assert.Equal(t, "Accept-Encoding", w.Header().Get("Vary"))
	w = exchange(tagged(true), middleware.CompressOptions{}, "HEAD")
	assert.Equal(t, fmt.Sprint(len(page)), w.Header().Get("Content-Length"))
}

func TestCompressReadsAFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "page.html")
	require.NoError(t, os.WriteFile(name, []byte(page), 0o600))
	for _, typ := range []string{"text/html", "image/png", ""} {
		for _, accept := range []string{"gzip", ""} {
			w := exchange(func(w http.ResponseWriter, _ *http.Request) {
				f, err := os.Open(name)
				require.NoError(t, err)
				defer f.Close()
				if typ != "" {
					w.Header().Set("Content-Type", typ)
				}
				n, err := w.(io.ReaderFrom).ReadFrom(f)
				assert.NoError(t, err)
				assert.EqualValues(t, len(page), n)
			}, middleware.CompressOptions{}, "GET", "Accept-Encoding", accept)
			coding := w.Header().Get("Content-Encoding")
			assert.Equal(t, accept == "gzip" && typ != "image/png", coding == "gzip", typ)
			assert.Equal(t, page, decoded(t, coding, w.Body.Bytes()))
		}
	}
	w := exchange(func(w http.ResponseWriter, _ *http.Request) {
		n, err := w.(io.ReaderFrom).ReadFrom(io.MultiReader(strings.NewReader("few"), &failing{}))
		assert.EqualError(t, err, "disk gone")
		assert.EqualValues(t, 3, n)
	}, middleware.CompressOptions{}, "GET", "Accept-Encoding", "gzip")
	assert.Equal(t, "few", w.Body.String())
}

type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, errors.New("disk gone") }

// readerFrom notes whether ReadFrom reached the server's writer.
type readerFrom struct {
	*httptest.ResponseRecorder
	from any
}

func (w *readerFrom) ReadFrom(r io.Reader) (int64, error) {
	w.from = r
	return io.Copy(w.ResponseRecorder, r)
}

func TestCompressKeepsSendfileForWhatItLeavesAlone(t *testing.T) {
	f, err := os.Open("compress_test.go")
	require.NoError(t, err)
	defer f.Close()
	w := &readerFrom{ResponseRecorder: httptest.NewRecorder()}
	r := get("/")
	r.Header.Set("Accept-Encoding", "gzip")
	middleware.Compress(middleware.CompressOptions{})(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		io.Copy(w, struct{ io.Reader }{f}) // without WriterTo
	})).ServeHTTP(w, r)
	assert.Equal(t, struct{ io.Reader }{f}, w.from)
}

// server starts a real one and gives a connection to it.
func server(t *testing.T, h http.HandlerFunc, o middleware.CompressOptions) net.Conn {
	s := httptest.NewUnstartedServer(middleware.Compress(o)(h))
	s.Config.ErrorLog = nil
	s.Start()
	t.Cleanup(s.Close)
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	return conn
}

func request(t *testing.T, conn net.Conn, accept string) *http.Response {
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: %s\r\n\r\n", accept)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	return res
}

func TestCompressStreamsEventsAsTheyAreWritten(t *testing.T) {
	for _, coding := range []string{"zstd", "br", "gzip"} {
		t.Run(coding, func(t *testing.T) {
			next := make(chan int)
			conn := server(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream")
				assert.NoError(t, http.NewResponseController(w).Flush()) // the header, before there is an event
				for i := range next {
					fmt.Fprintf(w, "data: event %d\n\n", i)
					w.(http.Flusher).Flush()
				}
			}, middleware.CompressOptions{})
			res := request(t, conn, coding)
			require.Equal(t, coding, res.Header.Get("Content-Encoding"))
			next <- 0
			events := bufio.NewReader(decoder(t, coding, res.Body))
			for i := range 5 {
				if i > 0 {
					next <- i // only when the one before has arrived
				}
				line, err := events.ReadString('\n')
				require.NoError(t, err)
				require.Equal(t, fmt.Sprintf("data: event %d\n", i), line)
				_, err = events.ReadString('\n')
				require.NoError(t, err)
			}
			close(next)
			_, err := events.ReadString('\n')
			assert.Equal(t, io.EOF, err)
		})
	}
}

func TestCompressLetsABrokenBodyLookBroken(t *testing.T) {
	for _, tt := range []struct {
		name string
		h    http.HandlerFunc
	}{
		{"a panic", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, page); panic(http.ErrAbortHandler) }},
		{"a panic after a flush", func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "few")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}},
		{"less than was announced", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(page)+1))
			io.WriteString(w, page)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			conn := server(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/plain")
				tt.h(w, r)
			}, middleware.CompressOptions{})
			fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n")
			all, _ := io.ReadAll(conn)
			assert.False(t, bytes.HasSuffix(all, []byte("0\r\n\r\n")), "the last chunk says that the body is whole")
		})
	}
}

func TestCompressRefusesMoreThanWasAnnounced(t *testing.T) {
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() {
		exchange(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "2000")
			w.Header().Set("Content-Type", "text/html")
			_, err := io.WriteString(w, page)
			assert.Equal(t, http.ErrContentLength, err)
		}, middleware.CompressOptions{}, "GET", "Accept-Encoding", "gzip")
	})
}

func TestCompressLeavesRoomForAnErrorPage(t *testing.T) {
	w := httptest.NewRecorder()
	r := get("/")
	r.Header.Set("Accept-Encoding", "gzip")
	assert.PanicsWithValue(t, "oops", func() {
		middleware.Compress(middleware.CompressOptions{})(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusAccepted)
			io.WriteString(w, "few")
			panic("oops")
		})).ServeHTTP(w, r)
	})
	assert.Zero(t, w.Body.Len())
	http.Error(w, "500", 500)
	assert.Equal(t, 500, w.Code, "no header had left")
}

func TestCompressPassesInformationalResponsesAndConnections(t *testing.T) {
	conn := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		c, _, err := http.NewResponseController(w).Hijack()
		if assert.NoError(t, err) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nmine")
			_, err = io.WriteString(w, page)
			assert.EqualError(t, err, "middleware: the response is over: its handler has returned")
			c.Close()
		}
	}, middleware.CompressOptions{})
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n")
	all, err := io.ReadAll(conn)
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(all), "HTTP/1.1 103 Early Hints\r\nLink: "), "%q", all)
	assert.True(t, strings.HasSuffix(string(all), "\r\n\r\nmine"), "%q", all)
}

func TestCompressDoesNotGiveAConnectionAwayInTheMiddle(t *testing.T) {
	exchange(func(w http.ResponseWriter, r *http.Request) {
		html(page)(w, r)
		_, _, err := w.(http.Hijacker).Hijack()
		assert.EqualError(t, err, "middleware: the connection cannot be taken over: a compressed response has begun or ended on it")
	}, middleware.CompressOptions{}, "GET", "Accept-Encoding", "gzip")
}

func TestCompressKeepsAWriterThatOutlivesItsRequestAway(t *testing.T) {
	h := middleware.Compress(middleware.CompressOptions{})
	stop, stopped := make(chan bool), make(chan bool)
	stale := func(w http.ResponseWriter, r *http.Request) {
		html(page)(w, r)
		go func() {
			defer func() { stopped <- true }()
			for {
				select {
				case <-stop:
					return
				default:
					w.Write([]byte("STALE"))
				}
			}
		}()
	}
	r := get("/")
	r.Header.Set("Accept-Encoding", "gzip")
	// Its writer takes what may come late.
	h(http.HandlerFunc(stale)).ServeHTTP(&discarding{}, r)
	for range 200 {
		w := httptest.NewRecorder()
		h(html(page)).ServeHTTP(w, r)
		require.Equal(t, page, decoded(t, "gzip", w.Body.Bytes()))
	}
	close(stop)
	<-stopped
}

type discarding struct{ h http.Header }

func (w *discarding) Header() http.Header {
	if w.h == nil {
		w.h = make(http.Header)
	}
	return w.h
}
func (*discarding) WriteHeader(int)             {}
func (*discarding) Write(p []byte) (int, error) { return len(p), nil }

func BenchmarkCompress(b *testing.B) {
	for _, coding := range []string{"identity", "gzip", "br", "zstd"} {
		b.Run(coding, func(b *testing.B) {
			h := middleware.Compress(middleware.CompressOptions{})(html(page))
			r := get("/")
			r.Header.Set("Accept-Encoding", coding)
			b.SetBytes(int64(len(page)))
			b.ReportAllocs()
			w := &discarding{}
			for b.Loop() {
				clear(w.Header())
				h.ServeHTTP(w, r)
			}
		})
	}
}
