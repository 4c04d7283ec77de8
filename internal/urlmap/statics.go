package urlmap

// statics finds the rules without variables by their whole path, before any
// search: with one hash and one comparison. It may only be asked for hits. A path
// that is not in it, or whose rules want another method, is for the search.
//
// Most paths with variables are turned away without a hash: no static rule has
// their length and their last byte.
type statics struct {
	lasts []uint64 // by length of the path: the set of last bytes, modulo 64
	table table[end]
}

// newStatics collects the static paths behind a site's first state.
func newStatics(start *state) statics {
	paths := appendStatics(nil, "", start)
	t := statics{table: newTable[end](len(paths))}
	for _, p := range paths {
		t.add(p)
	}
	return t
}

// staticPath is a path, and the first rule that matches it.
type staticPath struct {
	path string
	end  end
}

func appendStatics(paths []staticPath, prefix string, s *state) []staticPath {
	if len(s.rules) > 0 && prefix != "" {
		paths = append(paths, staticPath{prefix, newEnd(s.rules[0])})
	}
	for text, next := range s.static {
		paths = appendStatics(paths, prefix+"/"+text, next)
	}
	return paths
}

func (t *statics) add(p staticPath) {
	n := len(p.path)
	for len(t.lasts) <= n {
		t.lasts = append(t.lasts, 0)
	}
	t.lasts[n] |= 1 << (p.path[n-1] % 64)
	t.table.add(p.path, p.end)
}

// find returns the rule of a static path if it takes requests of the given
// method; nil sends the request to the search.
func (t *statics) find(path string, bit Methods) *end {
	n := len(path)
	if n >= len(t.lasts) || n == 0 || t.lasts[n]>>(path[n-1]%64)&1 == 0 {
		return nil
	}
	if e := t.table.find(path); e != nil && e.mask&bit != 0 && !e.conditional {
		return e
	}
	return nil
}
