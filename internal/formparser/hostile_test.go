package formparser

import (
	"fmt"
	"io"
	"mime/multipart"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hostileShapes are bodies that make a parser look at the same bytes again and
// again: each repeats a piece inside of one uploaded file (CVE-2023-46136).
// The boundary is chosen to suit.
var hostileShapes = []struct{ name, boundary, piece string }{
	{"text", "B", "the quick brown fox "},
	{"CR", "B", "\r"},
	{"LF", "B", "\n"},
	{"CRLF", "B", "\r\n"},
	{"CR and a letter", "B", "\rx"},
	{"LF and CR", "B", "\n\r"},
	{"dashes", "BOUNDARY", "-"},
	{"dashes and a boundary of dashes", strings.Repeat("-", 70), "-"},
	{"dashes and the longest boundary", strings.Repeat("-", maxBoundary), "-"},
	{"lines of dashes", strings.Repeat("-", 70), "\r\n" + strings.Repeat("-", 71)},
	{"beginnings of the boundary", "BOUNDARY", "\r\n--BOUNDAR"},
	{"the boundary within a line", "BOUNDARY", "--BOUNDARY"},
	{"the boundary at the beginning of a line that goes on", "BOUNDARY", "\r\n--BOUNDARYx"},
	{"the boundary with too many blanks", "B", "\r\n--B" + strings.Repeat(" ", maxPadding+1)},
	{"the boundary with blanks and a letter", "B", "\r\n--B" + strings.Repeat("\t", maxPadding-1) + "x"},
	{"the boundary and one dash", "B", "\n--B-"},
	{"a boundary that overlaps itself", strings.Repeat("ab", 35) + "a", "\n--" + strings.Repeat("ab", 40)},
}

// hostile gives a body of one file of about n bytes.
func hostile(boundary, piece string, n int) (body, contentType string) {
	body = "--" + boundary + "\r\nContent-Disposition: form-data; name=f; filename=n\r\n\r\nx" +
		strings.Repeat(piece, n/len(piece)) + "\r\n--" + boundary + "--\r\n"
	return body, "multipart/form-data; boundary=" + boundary
}

func TestHostileShapesAreData(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	const size = 1 << 20
	for _, tt := range hostileShapes {
		t.Run(tt.name, func(t *testing.T) {
			body, contentType := hostile(tt.boundary, tt.piece, size)
			start := time.Now()
			form, err := Parse(strings.NewReader(body), contentType, Limits{})
			require.NoError(t, err)
			defer form.Close()
			content, err := io.ReadAll(form.Files[0].Content)
			require.NoError(t, err)
			assert.True(t, "x"+strings.Repeat(tt.piece, size/len(tt.piece)) == string(content))
			// Quadratic time is hours here, linear time a few milliseconds.
			assert.Less(t, time.Since(start), 10*time.Second)
		})
	}
}

// The same shapes where no file is: before the first boundary, after the last,
// and without any.
func TestHostileShapesAroundTheParts(t *testing.T) {
	for _, tt := range hostileShapes {
		t.Run(tt.name, func(t *testing.T) {
			flood := "x" + strings.Repeat(tt.piece, 1<<20/len(tt.piece))
			body, contentType := hostile(tt.boundary, "y", 1)
			got := parse(t, flood+"\r\n"+body+flood, contentType)
			assert.Equal(t, upload1("xy"), got)
			_, err := Parse(strings.NewReader(flood), contentType, Limits{})
			var syntax *SyntaxError
			require.ErrorAs(t, err, &syntax)
		})
	}
}

// A body that arrives byte by byte is not looked at anew for each of them.
func TestOneByteAtATime(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	body, contentType := hostile("B", "\r\n--B"+strings.Repeat(" ", maxPadding-1)+"x", 1<<20)
	start := time.Now()
	form, err := Parse(iotest.OneByteReader(strings.NewReader(body)), contentType, Limits{})
	require.NoError(t, err)
	defer form.Close()
	assert.Less(t, time.Since(start), 10*time.Second)
}

// BenchmarkHostile parses each shape in two sizes: the rates are the same when
// the time is linear.
func BenchmarkHostile(b *testing.B) {
	b.Setenv("TMPDIR", b.TempDir())
	for _, tt := range hostileShapes {
		for _, size := range []int{1 << 20, 8 << 20} {
			b.Run(fmt.Sprintf("%s/%dMiB", tt.name, size>>20), func(b *testing.B) {
				body, contentType := hostile(tt.boundary, tt.piece, size)
				b.SetBytes(int64(len(body)))
				for b.Loop() {
					form, err := Parse(strings.NewReader(body), contentType, Limits{FileMemorySize: -1})
					if err != nil {
						b.Fatal(err)
					}
					form.Close()
				}
			})
		}
	}
}

// smallForm is a form as most are.
var smallForm = field("user", "ada") + field("password", "lovelace") + field("next", "/notes") + end

func TestASmallFormAllocatesLittle(t *testing.T) {
	allocations := testing.AllocsPerRun(100, func() {
		if _, err := Parse(strings.NewReader(smallForm), multipartB, Limits{}); err != nil {
			t.Fatal(err)
		}
	})
	assert.LessOrEqual(t, allocations, 50.0)
}

func BenchmarkSmallForm(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(strings.NewReader(smallForm), multipartB, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSmallFormMIME is the same form read by the standard library.
func BenchmarkSmallFormMIME(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := multipart.NewReader(strings.NewReader(smallForm), "B").ReadForm(1 << 20); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUpload64MiB reports the growth of the heap at the end of an upload
// that is still open.
func BenchmarkUpload64MiB(b *testing.B) {
	b.Setenv("TMPDIR", b.TempDir())
	b.SetBytes(64 << 20)
	b.ReportAllocs()
	var grown uint64
	for b.Loop() {
		before := heap()
		form, err := Parse(uploadOf(64<<20), multipartB, Limits{})
		if err != nil {
			b.Fatal(err)
		}
		after := heap()
		grown = max(grown, after-min(before, after))
		form.Close()
	}
	b.ReportMetric(float64(grown), "heap-growth-B")
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// uploadOf is a form of one file with n bytes, made while it is read.
func uploadOf(n int64) io.Reader {
	head := "--B\r\nContent-Disposition: form-data; name=f; filename=n\r\n\r\n"
	return io.MultiReader(strings.NewReader(head), io.LimitReader(&endless{body: "0123456789abcdef"}, n), strings.NewReader("\r\n"+end))
}

// A large upload allocates no more than its budget of memory and a window: all
// that is allocated counts here, collected or not.
func TestALargeUploadIsSmallInMemory(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	form, err := Parse(uploadOf(64<<20), multipartB, Limits{})
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	defer form.Close()
	assert.EqualValues(t, 64<<20, form.Files[0].Size)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4<<20))
}
