package middleware

import (
	"fmt"
	"net/http"
	"strings"
)

// CompressOptions says what [Compress] compresses, and how. The zero value is
// what most programs want.
type CompressOptions struct {
	// Codings are the content codings that may be used, the preferred one
	// first: of those that a client likes equally well it gets the first. The
	// names are "zstd", "br" (brotli) and "gzip"; another one makes Compress
	// panic. Nil means all three in this order.
	Codings []string

	// MinSize is the size in bytes below which a body is left as it is: it
	// would shrink by less than its header grows. Zero means 1024; below zero
	// every body is compressed.
	MinSize int

	// Compressible reports whether bodies of a media type are compressed. It is
	// called with the type in lower case and without parameters, "text/html".
	// Nil means all types but those that are compressed in themselves: most
	// images, audio, video, web fonts, archives and office documents.
	Compressible func(mediaType string) bool
}

// Compress compresses the bodies of responses as the client's Accept-Encoding
// asks: the coding with the highest weight, of several the one that o prefers,
// and none where identity weighs more than each of them.
//
// A compressed response has a Content-Encoding and no Content-Length, takes no
// ranges, and its strong ETag becomes a weak one, because its bytes depend on
// the encoder. A client that asks with that weak tag gets its 304, also when the
// handler knows only the strong one.
//
// Left alone are bodies smaller than MinSize, media types that are compressed
// already, 204, 206 and 304, everything with a Content-Encoding, a
// Content-Range, a digest of its bytes or the cache directive no-transform, and
// connections that are taken over. HEAD gets no Content-Encoding, but no
// Content-Length or strong ETag either where GET would have none. Where another
// Accept-Encoding would have given another body, the response says Vary:
// Accept-Encoding. A client that refuses identity gets small bodies compressed
// too; if it refuses all that could be sent, its refusal is disregarded, as RFC
// 9110 §12.4.1 allows: by then the handler has run.
//
// The first MinSize bytes are held back until it is clear whether there are more,
// at most until the handler flushes or returns. Flush passes through the
// encoder, so streams and server-sent events arrive as they are written. A
// handler that panics, or writes less than the Content-Length that it has
// announced, leaves a body that ends abruptly and not one that looks whole.
//
// The levels are the usual ones for content made on the fly: gzip 6, brotli 4,
// zstd 3, with windows of 256 KiB for the last two. Encoders are reused; a
// writer that is kept after its request fails with an error. The handler is safe
// for concurrent use if next is.
//
// Do not compress a body that holds both a secret and text that the client of
// an attacker can choose: its size tells of the secret (BREACH). Cache-Control:
// no-transform leaves it out.
//
// Source: RFC 9110 §8.4, §8.8.1 and §12.5.3; RFC 9659 (windows of zstd).
func Compress(o CompressOptions) func(http.Handler) http.Handler {
	c := newCompressor(o)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.serve(next, w, r) })
	}
}

// defaultMinSize is the size below which compression saves less than a packet.
const defaultMinSize = 1024

// compressor is the options made ready.
type compressor struct {
	codings      []*coding // the preferred one first
	minSize      int64
	compressible func(mediaType string) bool
	vary         []string // shared by all responses; its capacity is its length
}

func newCompressor(o CompressOptions) *compressor {
	c := &compressor{minSize: int64(o.MinSize), compressible: o.Compressible, vary: []string{acceptEncoding}}
	if o.MinSize == 0 {
		c.minSize = defaultMinSize
	}
	if c.compressible == nil {
		c.compressible = compressible
	}
	names := o.Codings
	if names == nil {
		names = []string{"zstd", "br", "gzip"}
	}
	for _, name := range names {
		made, ok := newCoding(name)
		if !ok {
			panic(fmt.Sprintf(`middleware: CompressOptions.Codings: there is no content coding %q here; there are "zstd", "br" and "gzip"`, name))
		}
		c.codings = append(c.codings, made)
	}
	return c
}

func (c *compressor) serve(next http.Handler, w http.ResponseWriter, r *http.Request) {
	cw := &compressWriter{ResponseWriter: w, c: c, request: r}
	cw.coding, cw.identityRefused = negotiate(c.codings, r.Header[acceptEncoding])
	returned := false
	defer func() {
		if !returned {
			cw.abandon()
		}
	}()
	next.ServeHTTP(cw, r)
	returned = true
	cw.finish()
}

// compressible reports whether a body of a media type is worth compressing.
func compressible(mediaType string) bool {
	kind, sub, _ := strings.Cut(mediaType, "/")
	switch kind {
	case "image":
		return strings.HasSuffix(sub, "+xml") || sub == "bmp" || sub == "x-icon" || sub == "vnd.microsoft.icon"
	case "audio", "video":
		return false
	case "font":
		return sub != "woff" && sub != "woff2"
	case "application":
		return !packed(sub)
	}
	return true
}

// packed reports whether application/sub is compressed in itself.
func packed(sub string) bool {
	switch sub {
	case "zip", "gzip", "x-gzip", "zstd", "x-xz", "x-bzip", "x-bzip2", "x-7z-compressed", "vnd.rar", "x-rar-compressed",
		"x-compress", "java-archive", "font-woff", "font-woff2", "vnd.android.package-archive", "epub+zip":
		return true
	}
	return strings.HasSuffix(sub, "+zip") || strings.HasPrefix(sub, "grpc") ||
		strings.HasPrefix(sub, "vnd.openxmlformats-officedocument.") || strings.HasPrefix(sub, "vnd.oasis.opendocument.")
}
