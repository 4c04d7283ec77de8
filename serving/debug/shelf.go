//go:build retort_dev

package debug

import (
	"crypto/rand"
	"encoding/hex"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/retort-go/retort/internal/fault"
	"github.com/retort-go/retort/internal/traceback"
)

// record is a fault that is kept for who enters the PIN later. It holds texts
// alone, not the error or the request, which may hold on to much.
type record struct {
	id         string
	at         time.Time
	target     string // "GET /path", masked
	text       string
	traceback  *traceback.Traceback
	sections   []fault.Section
	goroutines *traceback.Goroutines
}

func newRecord(f *fault.Fault, r *http.Request, at time.Time) *record {
	target := r.Method + " " + r.URL.Path
	if f.Mask != nil {
		target = f.Mask(target)
	}
	return &record{newID(), at, target, f.Text(), f.Traceback, f.Sections, f.Goroutines}
}

// newID is a name that cannot be guessed.
func newID() string {
	var b [16]byte
	_, _ = io.ReadFull(rand.Reader, b[:]) // never fails, see crypto/rand
	return hex.EncodeToString(b[:])
}

// size is about how many bytes a record takes.
func (r *record) size() int {
	n := len(r.target) + len(r.text)
	for _, f := range r.traceback.Frames {
		n += frameSize(&f)
	}
	for _, s := range r.sections {
		for _, row := range s.Rows {
			for _, cell := range row {
				n += len(cell)
			}
		}
	}
	if r.goroutines != nil {
		for _, g := range r.goroutines.Groups {
			for _, f := range g.Frames {
				n += frameSize(&f)
			}
		}
	}
	return n
}

func frameSize(f *traceback.Frame) int {
	n := len(f.Function) + len(f.File) + 64
	for _, line := range f.Excerpt {
		n += len(line.Text)
	}
	return n
}

const (
	// maxRecords is how many faults are kept.
	maxRecords = 20
	// maxRecordBytes is how much they take together.
	maxRecordBytes = 16 << 20
)

// shelf keeps the last faults. Its zero value is empty; its methods may be called
// from many goroutines.
type shelf struct {
	mu      sync.Mutex
	records []*record // the oldest first
	bytes   int
}

// add keeps a record, which it gives back, and forgets the oldest when there are
// too many. One that is too large for the shelf is not kept.
func (s *shelf) add(r *record) *record {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = append(s.records, r)
	s.bytes += r.size()
	for len(s.records) > maxRecords || s.bytes > maxRecordBytes {
		s.bytes -= s.records[0].size()
		s.records[0] = nil
		s.records = s.records[1:]
	}
	return r
}

// find gives the record with an id, nil when it is not there. One that is looked
// at is forgotten later.
func (s *shelf) find(id string) *record {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, r := range s.records {
		if r.id == id {
			copy(s.records[i:], s.records[i+1:])
			s.records[len(s.records)-1] = r
			return r
		}
	}
	return nil
}
