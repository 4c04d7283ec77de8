package gateway

import (
	"maps"
	"slices"
)

// VariableNames gives the names of all derived variables but the HTTP_* ones.
func VariableNames() []string { return slices.Sorted(maps.Keys(variables)) }
