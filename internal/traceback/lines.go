package traceback

import "iter"

// Lines are the lines of source that are shown.
func (t *Traceback) Lines() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, f := range t.Frames {
			for _, line := range f.Excerpt {
				if !yield(line.Text) {
					return
				}
			}
		}
	}
}
