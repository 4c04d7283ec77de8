package formparser

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// captures are bodies in the manner of clients that exist, each with its own
// habits. Line breaks are written as they are in each.
var captures = []struct {
	name, contentType, body string
	want                    seen
}{
	{
		"Firefox: a long boundary of dashes and digits, an empty file field",
		"multipart/form-data; boundary=---------------------------271828182845904523536028747135",
		"-----------------------------271828182845904523536028747135\r\n" +
			"Content-Disposition: form-data; name=\"file1\"; filename=\"flask.png\"\r\nContent-Type: image/png\r\n\r\n" +
			"\x89PNG\r\n\x1a\n\x00\x00\r\n" +
			"-----------------------------271828182845904523536028747135\r\n" +
			"Content-Disposition: form-data; name=\"file2\"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n" +
			"-----------------------------271828182845904523536028747135\r\n" +
			"Content-Disposition: form-data; name=\"note\"\r\n\r\ntwo litres\r\n" +
			"-----------------------------271828182845904523536028747135--\r\n",
		seen{
			Values: [][2]string{{"note", "two litres"}},
			Files:  []seenFile{{"file1", "flask.png", "image/png", "\x89PNG\r\n\x1a\n\x00\x00"}, {"file2", "", "application/octet-stream", ""}},
		},
	},
	{
		"Chrome and Safari: quotes and line breaks of names in percent escapes",
		"multipart/form-data; boundary=----WebKitFormBoundaryRetort0Alembic9q",
		"------WebKitFormBoundaryRetort0Alembic9q\r\n" +
			"Content-Disposition: form-data; name=\"a %22b%22 c\"\r\n\r\nzwei\r\nZeilen\r\n" +
			"------WebKitFormBoundaryRetort0Alembic9q\r\n" +
			"Content-Disposition: form-data; name=\"f\"; filename=\"Grüße %22x%22.txt\"\r\nContent-Type: text/plain\r\n\r\nhallo\n\r\n" +
			"------WebKitFormBoundaryRetort0Alembic9q--\r\n",
		seen{
			Values: [][2]string{{`a "b" c`, "zwei\r\nZeilen"}},
			Files:  []seenFile{{"f", `Grüße "x".txt`, "text/plain", "hallo\n"}},
		},
	},
	{
		"Internet Explorer: the whole path as the file name, backslashes as they are",
		"multipart/form-data; boundary=---------------------------7e81c30f2a55d0",
		"-----------------------------7e81c30f2a55d0\r\n" +
			"Content-Disposition: form-data; name=\"report\"; filename=\"C:\\Documents\\report.txt\"\r\nContent-Type: text/plain\r\n\r\n" +
			"file contents\r\n" +
			"-----------------------------7e81c30f2a55d0--\r\n",
		seen{Files: []seenFile{{"report", `C:\Documents\report.txt`, "text/plain", "file contents"}}},
	},
	{
		"old Opera: a boundary with dashes inside, a charset for the text",
		"multipart/form-data; boundary=----------qW3eR5tY7uI9oP1aS2dF4g",
		"------------qW3eR5tY7uI9oP1aS2dF4g\r\n" +
			"Content-Disposition: form-data; name=\"note\"\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nbl\xe5\r\n" +
			"------------qW3eR5tY7uI9oP1aS2dF4g--\r\n",
		seen{Values: [][2]string{{"note", "blå"}}},
	},
	{
		"curl: 24 dashes",
		"multipart/form-data; boundary=------------------------0f1e2d3c4b5a6978",
		"--------------------------0f1e2d3c4b5a6978\r\n" +
			"Content-Disposition: form-data; name=\"person\"\r\n\r\nada\r\n" +
			"--------------------------0f1e2d3c4b5a6978\r\n" +
			"Content-Disposition: form-data; name=\"secret\"; filename=\"a\\\"b.txt\"\r\nContent-Type: text/plain\r\n\r\na line of text\n\r\n" +
			"--------------------------0f1e2d3c4b5a6978--\r\n",
		seen{
			Values: [][2]string{{"person", "ada"}},
			Files:  []seenFile{{"secret", `a"b.txt`, "text/plain", "a line of text\n"}},
		},
	},
	{
		".NET: names without quotes, the file name twice, the boundary in quotes",
		`multipart/form-data; boundary="01234567-89ab-4cde-8f01-23456789abcd"`,
		"--01234567-89ab-4cde-8f01-23456789abcd\r\n" +
			"Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=title\r\n\r\nÜber\r\n" +
			"--01234567-89ab-4cde-8f01-23456789abcd\r\n" +
			"Content-Disposition: form-data; name=doc; filename=\"=?utf-8?B?w5xiZXIucGRm?=\"; filename*=utf-8''%C3%9Cber.pdf\r\n\r\n%PDF\r\n" +
			"--01234567-89ab-4cde-8f01-23456789abcd--\r\n",
		seen{
			Values: [][2]string{{"title", "Über"}},
			Files:  []seenFile{{"doc", "Über.pdf", "", "%PDF"}},
		},
	},
	{
		"Python requests: no Content-Type for parts, no line break at the end",
		"multipart/form-data; boundary=00112233445566778899aabbccddeeff",
		"--00112233445566778899aabbccddeeff\r\n" +
			"Content-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n" +
			"--00112233445566778899aabbccddeeff\r\n" +
			"Content-Disposition: form-data; name=\"f\"; filename*=utf-8''%E2%98%83.bin\r\n\r\n\x00\x01\r\n" +
			"--00112233445566778899aabbccddeeff--",
		seen{
			Values: [][2]string{{"a", "1"}},
			Files:  []seenFile{{"f", "☃.bin", "", "\x00\x01"}},
		},
	},
	{
		"Java HttpClient: fields with transfer encodings, which are not decoded",
		"multipart/form-data; boundary=aB3_dE6-gH9; charset=ISO-8859-1",
		"--aB3_dE6-gH9\r\n" +
			"Content-Disposition: form-data; name=\"q\"\r\nContent-Type: text/plain; charset=US-ASCII\r\nContent-Transfer-Encoding: 8bit\r\n\r\n50=25\r\n" +
			"--aB3_dE6-gH9\r\n" +
			"Content-Disposition: form-data; name=\"b\"\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==\r\n" +
			"--aB3_dE6-gH9--\r\n",
		seen{Values: [][2]string{{"q", "50=25"}, {"b", "YQ=="}}},
	},
	{
		"Flash: a line break first and none last",
		"multipart/form-data; boundary=----------Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0",
		"\r\n------------Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0\r\n" +
			"Content-Disposition: form-data; name=\"Filename\"\r\n\r\nphoto.png\r\n" +
			"------------Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0\r\n" +
			"Content-Disposition: form-data; name=\"Filedata\"; filename=\"photo.png\"\r\nContent-Type: application/octet-stream\r\n\r\nPNG\r\n" +
			"------------Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0--",
		seen{
			Values: [][2]string{{"Filename", "photo.png"}},
			Files:  []seenFile{{"Filedata", "photo.png", "application/octet-stream", "PNG"}},
		},
	},
	{
		"a shell script with a here-document: LF alone",
		"multipart/form-data; boundary=EOF",
		"--EOF\nContent-Disposition: form-data; name=\"log\"\n\nline 1\nline 2\n--EOF--\n",
		seen{Values: [][2]string{{"log", "line 1\nline 2"}}},
	},
	{
		"a mail program: preamble, continued header lines, blanks after the boundary, epilogue",
		"multipart/form-data; boundary=\"=_next part\"",
		"This is a message in several parts.\r\n\r\n--=_next part  \r\n" +
			"Content-Type: text/plain;\r\n\tcharset=\"utf-8\"\r\nContent-Disposition: form-data;\r\n name=\"note\";\r\n filename=\"note.txt\"\r\n\r\nbody\r\n" +
			"\r\n--=_next part--  \r\n\r\nThe end.\r\n",
		seen{Files: []seenFile{{"note", "note.txt", `text/plain; charset="utf-8"`, "body\r\n"}}},
	},
}

func TestCaptures(t *testing.T) {
	for _, tt := range captures {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, parse(t, tt.body, tt.contentType))
			_, err := Parse(strings.NewReader(tt.body[:len(tt.body)/2]), tt.contentType, Limits{})
			var syntax *SyntaxError
			assert.ErrorAs(t, err, &syntax, "half of it")
		})
	}
}
