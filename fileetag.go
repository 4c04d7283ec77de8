package retort

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash/adler32"
	"io"
	"path"
	"strconv"
)

// etag is an entity tag made of time, size and name, or of the content when the
// file has no time.
//
// Source: Werkzeug: utils.py, send_file.
func (f *openFile) etag() (string, error) {
	if f.modTime.IsZero() && f.in.tree != nil {
		return f.in.contentTag(f.name)
	}
	tag := strconv.AppendInt(make([]byte, 0, 48), f.modTime.UnixNano(), 36)
	tag = strconv.AppendInt(append(tag, '-'), f.size, 36)
	tag = strconv.AppendUint(append(tag, '-'), uint64(adler32.Checksum([]byte(f.name))), 36)
	return string(tag), nil
}

// contentTag is the entity tag of a file in the tree by its content.
func (d folder) contentTag(name string) (string, error) {
	at := path.Join(d.dir, name)
	if d.tags != nil {
		if tag, ok := d.tags.Load(at); ok {
			return tag.(string), nil
		}
	}
	f, err := d.tree.Open(at)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	tag := base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:18])
	if err = errors.Join(err, f.Close()); err == nil && d.tags != nil {
		d.tags.Store(at, tag)
	}
	return tag, err
}
