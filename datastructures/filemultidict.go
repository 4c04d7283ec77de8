package datastructures

import (
	"errors"
	"iter"
)

// FileMultiDict is an ordered list of form fields and the files in them. The
// zero value is empty. Reading it from several goroutines is safe, also of a nil
// *FileMultiDict; adding is not.
//
// Source: Werkzeug: datastructures/file_storage.py, FileMultiDict.
type FileMultiDict struct{ files []*FileStorage }

// Add appends a file under its Name.
func (d *FileMultiDict) Add(f *FileStorage) { d.files = append(d.files, f) }

// Len is the number of files.
func (d *FileMultiDict) Len() int {
	if d == nil {
		return 0
	}
	return len(d.files)
}

// Get gives the first file that was chosen in a field. It is nil when there is
// none, also when the field was sent without a file: a browser sends such a field
// with an empty file name. A nil *FileStorage reads like an empty file.
//
// Differs from Werkzeug: there the empty file is given, and is false.
func (d *FileMultiDict) Get(name string) *FileStorage {
	f, _ := d.Lookup(name)
	return f
}

// Lookup gives the first file that was chosen in a field and whether there is
// one.
func (d *FileMultiDict) Lookup(name string) (*FileStorage, bool) {
	for key, f := range d.All() {
		if key == name && f.Chosen() {
			return f, true
		}
	}
	return nil, false
}

// Has reports whether a file was chosen in that field.
func (d *FileMultiDict) Has(name string) bool {
	_, ok := d.Lookup(name)
	return ok
}

// Require gives the first file that was chosen in a field and panics with a
// [*KeyError] when there is none: in a view, a 400.
func (d *FileMultiDict) Require(name string) *FileStorage {
	f, ok := d.Lookup(name)
	if !ok {
		panic(&KeyError{Key: name})
	}
	return f
}

// GetList gives all files of a field in order, also those that were not chosen;
// nil when there are none.
func (d *FileMultiDict) GetList(name string) []*FileStorage {
	var list []*FileStorage
	for key, f := range d.All() {
		if key == name {
			list = append(list, f)
		}
	}
	return list
}

// All ranges over the fields and their files in order.
func (d *FileMultiDict) All() iter.Seq2[string, *FileStorage] {
	return func(yield func(string, *FileStorage) bool) {
		if d == nil {
			return
		}
		for _, f := range d.files {
			if !yield(f.Name, f) {
				return
			}
		}
	}
}

// Close closes all files.
func (d *FileMultiDict) Close() error {
	var errs []error
	for _, f := range d.All() {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}
