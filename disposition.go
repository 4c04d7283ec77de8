package retort

import (
	"fmt"
	"strings"

	"github.com/retort-go/retort/internal/asciifold"
	"github.com/retort-go/retort/internal/httpfield"
)

// disposition is the Content-Disposition of a file called name. A name that is
// not all ASCII is sent in both ways that browsers know (RFC 6266 §4.3).
//
// Source: Werkzeug: utils.py, send_file.
func disposition(name string, attachment bool) string {
	kind := "inline"
	if attachment {
		kind = "attachment"
	}
	return httpfield.FormatOptions(kind, httpfield.FormatFileName(name, asciiName(name)))
}

// checkDownloadName refuses the names that no field can carry.
func checkDownloadName(name string) error {
	if strings.ContainsFunc(name, isControl) {
		return fmt.Errorf("retort: DownloadName(%q): a file name with a line break or another control character cannot be sent", name)
	}
	return nil
}

// asciiName is the name for clients that read only ASCII: letters lose their
// marks; control characters and what has no ASCII form are left out.
func asciiName(name string) string {
	return strings.Map(func(r rune) rune {
		if isControl(r) {
			return -1
		}
		return r
	}, asciifold.Fold(name))
}
