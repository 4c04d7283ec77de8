package retort

import (
	"strings"

	"github.com/retort-go/retort/datastructures"
)

// storedForms are the codings in which a file may lie beside itself, the
// smallest first.
var storedForms = [...]struct{ coding, extension string }{
	{"br", ".br"}, {"zstd", ".zst"}, {"gzip", ".gz"},
}

// precompressed gives the form of f that the client wants most, in the place of
// f, or f itself. A file that is compressed already has no other form.
func (f *openFile) precompressed(acceptEncoding []string) (best *openFile, coding string) {
	if _, already := guessType(f.name); already != "" {
		return f, ""
	}
	accept := datastructures.ParseAccept(strings.Join(acceptEncoding, ","))
	var offers []string
	forms := make(map[string]*openFile)
	for _, form := range storedForms {
		if accept.Quality(form.coding) <= 0 {
			continue
		}
		stored, err := f.in.open(f.name + form.extension)
		if err != nil {
			continue // not there, or not readable: the file itself is
		}
		if stored.modTime.Before(f.modTime) {
			_ = stored.Close() // read only
			continue
		}
		forms[form.coding] = stored
		offers = append(offers, form.coding)
	}
	best, coding = f, accept.BestMatch(append(offers, "identity")...)
	if chosen := forms[coding]; chosen != nil {
		forms[coding], best = f, chosen
	} else {
		coding = ""
	}
	for _, other := range forms {
		_ = other.Close() // read only
	}
	return best, coding
}
