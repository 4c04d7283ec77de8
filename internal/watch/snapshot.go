package watch

import (
	"crypto/sha256"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

// Op is what happened to a file.
type Op uint8

// What can happen to a file.
const (
	Written Op = iota
	Created
	Removed
)

// String is "written", "created" or "removed".
func (o Op) String() string { return [...]string{"written", "created", "removed"}[o] }

// Change is a file that is no longer what it was.
type Change struct {
	Path  string
	Op    Op
	Label string // that of the root
}

// entry is what is known of a file.
type entry struct {
	size    int64
	modTime time.Time
	sum     [sha256.Size]byte
	label   string
	since   time.Time // Since of the root
}

// clockGrain is by how much the times of files may be behind the clock: the
// kernel takes them from one that ticks.
const clockGrain = 10 * time.Millisecond

// isLate reports whether the file was written after the time that its root counts
// from.
func (e *entry) isLate() bool {
	return !e.since.IsZero() && e.modTime.After(e.since.Add(-clockGrain))
}

// maxHashed is the size from which on a file is told from another by size and
// time alone: reading a film for each touch would be felt.
const maxHashed = 8 << 20

// snapshot is the state of the files under some roots.
type snapshot struct {
	files map[string]entry
	dirs  map[string]bool
}

// take looks at all files. Of those that look as they did in old, the content is
// not read again.
func take(roots []Root, old map[string]entry) snapshot {
	s := snapshot{files: make(map[string]entry, len(old)), dirs: make(map[string]bool)}
	for i := range roots {
		r := &roots[i]
		r.walk(func(path string, info fs.FileInfo) { s.add(path, info, r, old) }, func(dir string) { s.dirs[dir] = true })
	}
	return s
}

func (s *snapshot) add(path string, info fs.FileInfo, r *Root, old map[string]entry) {
	if _, seen := s.files[path]; seen { // under two roots: the first one's
		return
	}
	e := entry{size: info.Size(), modTime: info.ModTime(), label: r.Label, since: r.Since}
	if before, ok := old[path]; ok && before.size == e.size && before.modTime.Equal(e.modTime) {
		e.sum = before.sum
	} else {
		e.sum = contentSum(path, e)
	}
	s.files[path] = e
}

// contentSum tells one content from another. A file that cannot be read is told
// by its time.
func contentSum(path string, e entry) (sum [sha256.Size]byte) {
	byTime := sha256.Sum256([]byte(e.modTime.String()))
	if e.size > maxHashed {
		return byTime
	}
	f, err := os.Open(path)
	if err != nil {
		return byTime
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, io.LimitReader(f, maxHashed)); err != nil {
		return byTime
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// changes lists what differs from old, sorted by path.
func (s *snapshot) changes(old map[string]entry) []Change {
	var all []Change
	for path, e := range s.files {
		before, ok := old[path]
		switch {
		case !ok:
			all = append(all, Change{path, Created, e.label})
		case before.sum != e.sum:
			all = append(all, Change{path, Written, e.label})
		}
	}
	for path, e := range old {
		if _, ok := s.files[path]; !ok {
			all = append(all, Change{path, Removed, e.label})
		}
	}
	slices.SortFunc(all, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return all
}
