package formparser

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
)

// store keeps the contents of a form's files: the first in memory, those that
// do not fit one after another in a single temporary file. A form of a thousand
// files so has one file descriptor open, not a thousand.
type store struct {
	memory int64 // bytes of the budget that are not used
	file   *os.File
	size   int64  // of file
	name   string // of file if it is still to be removed
	closed atomic.Bool
}

// spill makes the temporary file. Its name is removed at once where the system
// allows that for an open file; then nothing remains even if the process dies.
func (s *store) spill() error {
	if s.file != nil {
		return nil
	}
	f, err := os.CreateTemp("", "retort-upload-")
	if err != nil {
		return fmt.Errorf("making a temporary file for an upload: %w", err)
	}
	s.file = f
	if os.Remove(f.Name()) != nil {
		s.name = f.Name()
	}
	return nil
}

// write appends to the temporary file.
func (s *store) write(p []byte) error {
	n, err := s.file.Write(p)
	s.size += int64(n)
	if err != nil {
		return fmt.Errorf("writing an upload to its temporary file: %w", err)
	}
	return nil
}

// close removes what the store keeps. The second time it does nothing.
func (s *store) close() error {
	if s.closed.Swap(true) || s.file == nil {
		return nil
	}
	err := s.file.Close()
	if s.name != "" {
		err = os.Remove(s.name)
	}
	if err != nil {
		return fmt.Errorf("removing the temporary file of an upload: %w", err)
	}
	return nil
}

// upload is the content of one file while it arrives. Only the latest upload of
// a store may be written.
type upload struct {
	store   *store
	memory  []byte
	spilled bool
	start   int64 // in the temporary file
}

func (u *upload) write(p []byte) error {
	if !u.spilled && int64(len(u.memory)+len(p)) <= u.store.memory {
		u.memory = append(u.memory, p...)
		return nil
	}
	if err := u.spill(); err != nil {
		return err
	}
	return u.store.write(p)
}

func (u *upload) spill() error {
	if u.spilled {
		return nil
	}
	if err := u.store.spill(); err != nil {
		return err
	}
	u.spilled, u.start = true, u.store.size
	early := u.memory
	u.memory = nil
	return u.store.write(early)
}

// content ends the upload.
func (u *upload) content() *Content {
	if u.spilled {
		size := u.store.size - u.start
		return &Content{store: u.store, section: io.NewSectionReader(u.store.file, u.start, size)}
	}
	u.store.memory -= int64(len(u.memory))
	return &Content{store: u.store, section: io.NewSectionReader(memory(u.memory), 0, int64(len(u.memory)))}
}

// memory is an io.ReaderAt over bytes in memory.
type memory []byte

func (m memory) ReadAt(p []byte, off int64) (int, error) {
	n := copy(p, m[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Content is what an uploaded file holds, from memory or from a temporary file.
// It can be read until it or its [Form] is closed; then reading gives
// [fs.ErrClosed]. Read and Seek share a position and are for one goroutine at a
// time; ReadAt is for any number.
type Content struct {
	store   *store
	section *io.SectionReader
	closed  atomic.Bool
}

// Read reads from the current position.
func (c *Content) Read(p []byte) (int, error) {
	if err := c.check(); err != nil {
		return 0, err
	}
	return c.section.Read(p)
}

// ReadAt reads from an offset and leaves the current position alone.
func (c *Content) ReadAt(p []byte, off int64) (int, error) {
	if err := c.check(); err != nil {
		return 0, err
	}
	return c.section.ReadAt(p, off)
}

// Seek sets the position for the next Read.
func (c *Content) Seek(offset int64, whence int) (int64, error) {
	if err := c.check(); err != nil {
		return 0, err
	}
	return c.section.Seek(offset, whence)
}

// Size is the number of bytes, also after Close.
func (c *Content) Size() int64 { return c.section.Size() }

// Close ends the reading of this file. The memory and the disk belong to the
// form and are given back when it is closed. It gives no error.
func (c *Content) Close() error {
	c.closed.Store(true)
	return nil
}

func (c *Content) check() error {
	if c.closed.Load() || c.store.closed.Load() {
		return fmt.Errorf("the uploaded file is closed, as the request is over or its Close was called: %w", fs.ErrClosed)
	}
	return nil
}
