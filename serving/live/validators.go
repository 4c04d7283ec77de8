//go:build retort_dev

package live

import (
	"net/http"
	"strings"
)

// tagWith gives an entity tag that holds for a page with the script of a state,
// "" for what is no entity tag.
func tagWith(tag, state string) string {
	if !strings.HasSuffix(tag, `"`) || strings.Count(tag, `"`) != 2 {
		return ""
	}
	return tag[:len(tag)-1] + ";" + state + `"`
}

// tagWithout is the reverse of tagWith, "" for a tag of another state.
func tagWithout(tag, state string) string {
	own, found := strings.CutSuffix(tag, ";"+state+`"`)
	if !found {
		return ""
	}
	return own + `"`
}

// revalidation gives the request as the application is to see it: it asks for
// the page if it has changed or the browser has it from another state. It says
// whether the browser has one of this state.
func revalidation(r *http.Request, state string) (*http.Request, bool) {
	if r.Header["If-None-Match"] == nil && r.Header["If-Modified-Since"] == nil {
		return r, false
	}
	var own []string
	for _, field := range r.Header["If-None-Match"] {
		for _, tag := range entityTags(field) {
			if tag = tagWithout(tag, state); tag != "" {
				own = append(own, tag)
			}
		}
	}
	r = r.WithContext(r.Context()) // a copy
	r.Header = r.Header.Clone()
	r.Header.Del("If-Modified-Since")
	r.Header.Del("If-None-Match")
	if own != nil {
		r.Header.Set("If-None-Match", strings.Join(own, ", "))
	}
	return r, own != nil
}

// entityTags splits a list of entity tags; a comma may stand in one.
func entityTags(list string) []string {
	var tags []string
	for {
		open := strings.IndexByte(list, '"')
		if open < 0 {
			return tags
		}
		size := strings.IndexByte(list[open+1:], '"')
		if size < 0 {
			return tags
		}
		end := open + size + 2
		if strings.HasSuffix(list[:open], "W/") {
			open -= len("W/")
		}
		tags = append(tags, list[open:end])
		list = list[end:]
	}
}
