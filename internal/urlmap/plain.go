package urlmap

// Plain says how the value of a variable follows from its text.
type Plain uint8

const (
	NotPlain  Plain = iota // by Parse only
	PlainText              // the value is the text
	PlainInt               // the value is the int that its decimal digits write
)

// Plain says whether the value of the variable can be had from its text without
// its converter.
func (v Variable) Plain() Plain {
	switch v.Converter.(type) {
	case stringConverter, pathConverter, *anyConverter:
		return PlainText
	case intConverter:
		return PlainInt
	}
	return NotPlain
}
