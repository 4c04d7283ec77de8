//go:build linux

package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/retort-go/retort"
)

// uploadApp answers with the digest of what it is sent, which it does not keep.
func uploadApp() http.Handler {
	app := retort.New("upload")
	app.Config.Set("MAX_CONTENT_LENGTH", 8<<30)
	app.Post("/")(func(c *retort.Context) (any, error) {
		sum := sha256.New()
		n, err := io.Copy(sum, c.Request.Stream())
		return retort.H{"bytes": n, "sha256": fmt.Sprintf("%x", sum.Sum(nil))}, err
	})
	return app
}

// zeros is a body of that many bytes.
func zeros(n int64) io.Reader { return io.LimitReader(zero{}, n) }

type zero struct{}

func (zero) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// measureUpload sends size bytes once with a length and once in chunks.
func measureUpload(size int64) error {
	for _, length := range []int64{size, -1} {
		if err := upload(size, length); err != nil {
			return err
		}
	}
	return nil
}

func upload(size, length int64) (err error) {
	c, err := start("upload")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	if err := send(c.addr, 1<<20, 1<<20); err != nil { // warm
		return err
	}
	before, err := c.usage("memory")
	if err != nil {
		return err
	}
	if err := send(c.addr, size, length); err != nil {
		return err
	}
	after, err := c.usage("memory")
	fmt.Printf("%d MB (length %d): at most %.1f MB more resident memory, %v of processor time\n", size>>20, length,
		float64(after.Peak-before.Resident)/(1<<20), after.CPU-before.CPU)
	return err
}

func send(addr string, size, length int64) error {
	r, err := http.NewRequest(http.MethodPost, "http://"+addr, zeros(size))
	if err != nil {
		return err
	}
	r.ContentLength = length
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", res.Status, body)
	}
	return err
}
