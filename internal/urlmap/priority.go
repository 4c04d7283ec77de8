package urlmap

// Priority is one entry of the order in which a look-up tries the rules: a rule,
// and whether it stands here for its own path or, being lenient about slashes,
// for that path with or without its last one.
type Priority struct {
	Rule  *Rule
	Slash SlashVariant
}

// SlashVariant says which path a [Priority] is for.
type SlashVariant uint8

// The variants of a rule's path.
const (
	AsWritten    SlashVariant = iota // the rule's own path
	WithoutSlash                     // the rule ends in a slash, the path does not
	WithSlash                        // the path has one slash more than the rule
)

// Priorities returns the rules as one list, so that a request which [Map.Match]
// answers with a rule goes to the first entry that fits it. It may be called
// after [Map.Freeze].
func (m *Map) Priorities() []Priority { return m.root.priorities(nil) }

func (s *state) priorities(list []Priority) []Priority {
	for _, r := range s.rules {
		list = append(list, Priority{r, AsWritten})
	}
	if sibling := s.static[""]; sibling != nil {
		list = sibling.lenient(list, WithoutSlash)
	}
	for _, text := range s.texts {
		list = s.static[text].priorities(list)
	}
	for _, t := range s.dynamic {
		list = t.to.priorities(list)
	}
	return s.lenient(list, WithSlash)
}

// lenient appends the rules that do not mind their last slash.
func (s *state) lenient(list []Priority, v SlashVariant) []Priority {
	for _, r := range s.rules {
		if !r.strict {
			list = append(list, Priority{r, v})
		}
	}
	return list
}

// Piece is a piece of a rule: literal text, or the variable with this index.
type Piece struct {
	Text     string
	Variable int // negative for literal text
}

// Pieces returns the rule in pieces: those of its domain and those of its path,
// with slashes merged where the rule merges them.
func (r *Rule) Pieces() (domain, path []Piece) { return piecesOf(r.domain), piecesOf(r.path) }

func piecesOf(tokens []token) []Piece {
	list := make([]Piece, len(tokens))
	for i, t := range tokens {
		list[i] = Piece{t.text, t.variable}
	}
	return list
}
