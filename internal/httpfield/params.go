package httpfield

import "slices"

// Param is one name and its value.
type Param struct {
	Name, Value string

	// Bare is true of a name without "=" and a value; Value is "" then.
	Bare bool
}

// Params are names and values in the order of the field; each name occurs once.
type Params []Param

// Lookup gives the parameter of that name, which is compared letter by letter.
func (p Params) Lookup(name string) (Param, bool) {
	if i := p.index(name); i >= 0 {
		return p[i], true
	}
	return Param{}, false
}

// Get gives the value of the parameter of that name, "" when there is none.
func (p Params) Get(name string) string {
	param, _ := p.Lookup(name)
	return param.Value
}

// Set gives p with param in the place of the one with its name, or at the end.
func (p Params) Set(param Param) Params {
	if i := p.index(param.Name); i >= 0 {
		p[i] = param
		return p
	}
	return append(p, param)
}

// Delete gives p without the parameter of that name.
func (p Params) Delete(name string) Params {
	if i := p.index(name); i >= 0 {
		return slices.Delete(p, i, i+1)
	}
	return p
}

func (p Params) index(name string) int {
	return slices.IndexFunc(p, func(q Param) bool { return q.Name == name })
}

// collector gathers parameters of which a later one replaces an earlier one of
// its name. The index keeps it linear in the number of parameters.
type collector struct {
	params Params
	places map[string]int
}

// at gives the parameter of that name, made if need be.
func (c *collector) at(name string) *Param {
	i, ok := c.places[name]
	if !ok {
		if c.places == nil {
			c.places = make(map[string]int)
		}
		i = len(c.params)
		c.places[name] = i
		c.params = append(c.params, Param{Name: name})
	}
	return &c.params[i]
}
