package retort

import (
	"path"
	"strings"
)

// mimetypes are the types of files by their extension. The table is our own, so
// that an app answers alike on every machine.
//
// Source: the IANA registry of media types; Python: mimetypes.py.
var mimetypes = map[string]string{
	"3gp": "video/3gpp", "7z": "application/x-7z-compressed",
	"aac": "audio/aac", "ai": "application/postscript", "apk": "application/vnd.android.package-archive",
	"apng": "image/apng", "asc": "application/pgp-keys", "atom": "application/atom+xml",
	"avi": "video/x-msvideo", "avif": "image/avif",
	"bin": "application/octet-stream", "bmp": "image/bmp", "bz2": "application/x-bzip2",
	"c": "text/x-csrc", "crt": "application/x-x509-ca-cert", "css": "text/css", "csv": "text/csv",
	"deb": "application/vnd.debian.binary-package", "doc": "application/msword",
	"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "dtd": "application/xml-dtd",
	"eml": "message/rfc822", "eot": "application/vnd.ms-fontobject", "eps": "application/postscript",
	"epub": "application/epub+zip", "exe": "application/x-msdos-program",
	"flac": "audio/flac", "flv": "video/x-flv",
	"geojson": "application/geo+json", "gif": "image/gif", "gpx": "application/gpx+xml",
	"h": "text/x-chdr", "heic": "image/heic", "heif": "image/heif", "htm": "text/html", "html": "text/html",
	"ico": "image/vnd.microsoft.icon", "ics": "text/calendar", "iso": "application/x-iso9660-image",
	"jar": "application/java-archive", "java": "text/x-java", "jpeg": "image/jpeg", "jpg": "image/jpeg",
	"js": "text/javascript", "json": "application/json", "jsonld": "application/ld+json", "jxl": "image/jxl",
	"kml":  "application/vnd.google-earth.kml+xml",
	"m3u8": "application/vnd.apple.mpegurl", "m4a": "audio/mp4", "m4v": "video/mp4", "map": "application/json",
	"markdown": "text/markdown", "md": "text/markdown", "mid": "audio/midi", "midi": "audio/midi",
	"mjs": "text/javascript", "mkv": "video/x-matroska", "mov": "video/quicktime", "mp3": "audio/mpeg",
	"mp4": "video/mp4", "mpd": "application/dash+xml", "mpeg": "video/mpeg", "mpg": "video/mpeg",
	"odg": "application/vnd.oasis.opendocument.graphics", "odp": "application/vnd.oasis.opendocument.presentation",
	"ods": "application/vnd.oasis.opendocument.spreadsheet", "odt": "application/vnd.oasis.opendocument.text",
	"oga": "audio/ogg", "ogg": "audio/ogg", "ogv": "video/ogg", "opus": "audio/ogg", "otf": "font/otf",
	"pdf": "application/pdf", "pem": "application/pem-certificate-chain", "png": "image/png",
	"ppt": "application/vnd.ms-powerpoint", "ps": "application/postscript",
	"pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	"psd":  "image/vnd.adobe.photoshop", "py": "text/x-python",
	"rar": "application/vnd.rar", "rdf": "application/rdf+xml", "rss": "application/rss+xml", "rtf": "application/rtf",
	"sh": "text/x-sh", "sql": "application/sql", "svg": "image/svg+xml",
	"tar": "application/x-tar", "tex": "text/x-tex", "text": "text/plain", "tif": "image/tiff", "tiff": "image/tiff",
	"ts": "video/mp2t", "tsv": "text/tab-separated-values", "ttf": "font/ttf", "txt": "text/plain",
	"vcf": "text/vcard", "vtt": "text/vtt",
	"wasm": "application/wasm", "wav": "audio/x-wav", "weba": "audio/webm", "webm": "video/webm",
	"webmanifest": "application/manifest+json", "webp": "image/webp", "woff": "font/woff", "woff2": "font/woff2",
	"xhtml": "application/xhtml+xml", "xls": "application/vnd.ms-excel",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"xml":  "application/xml", "xsl": "application/xslt+xml", "xslt": "application/xslt+xml", "xz": "application/x-xz",
	"yaml": "application/yaml", "yml": "application/yaml",
	"zip": "application/zip",
}

// codings are the content codings that an extension stands for.
var codings = map[string]string{"gz": "gzip", "z": "compress", "br": "br", "zst": "zstd"}

// guessType gives the media type of a file by its name, and the content coding
// that an extension after it stands for: x.tar.gz is application/x-tar in gzip.
//
// Source: Python: mimetypes.py, guess_type.
func guessType(name string) (mimetype, coding string) {
	name = strings.TrimLeft(path.Base(name), ".") // .css is a hidden file, not a style sheet
	stem, ext := cutExtension(name)
	switch ext {
	case "svgz":
		return "image/svg+xml", "gzip"
	case "tgz":
		return "application/x-tar", "gzip"
	}
	if coding = codings[ext]; coding != "" {
		_, ext = cutExtension(stem)
	}
	if mimetype = mimetypes[ext]; mimetype == "" {
		mimetype = octetType
	}
	return mimetype, coding
}

// cutExtension cuts the extension off, in lower case and without its dot.
func cutExtension(name string) (stem, ext string) {
	i := strings.LastIndexByte(name, '.')
	if i <= 0 {
		return name, ""
	}
	return name[:i], strings.ToLower(name[i+1:])
}

// withCharset adds the charset to a media type that is text.
//
// Source: Werkzeug: utils.py, get_content_type.
func withCharset(mimetype string) string {
	switch mimetype {
	case "application/ecmascript", "application/javascript", "application/sql", "application/xml",
		"application/xml-dtd", "application/xml-external-parsed-entity":
		return mimetype + "; charset=utf-8"
	}
	if strings.HasPrefix(mimetype, "text/") || strings.HasSuffix(mimetype, "+xml") {
		return mimetype + "; charset=utf-8"
	}
	return mimetype
}
