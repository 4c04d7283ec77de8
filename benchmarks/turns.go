package benchmarks

import (
	"fmt"
	"slices"
)

// Turns collects what several competitors needed, measured in turns: whatever
// else the machine does meets all of them.
type Turns struct {
	// Cost are the costs by competitor, one for each turn.
	Cost map[string][]float64
}

// Add notes the cost of one turn.
func (t *Turns) Add(name string, cost float64) {
	if t.Cost == nil {
		t.Cost = make(map[string][]float64)
	}
	t.Cost[name] = append(t.Cost[name], cost)
}

// Median is the median cost of a competitor.
func (t *Turns) Median(name string) float64 { return Quantile(t.Cost[name], 0.5) }

// Ratio compares a with b turn by turn.
func (t *Turns) Ratio(a, b string) Ratio {
	ratios := make([]float64, min(len(t.Cost[a]), len(t.Cost[b])))
	for i := range ratios {
		ratios[i] = t.Cost[a][i] / t.Cost[b][i]
	}
	return Ratio{Quantile(ratios, 0.5), Quantile(ratios, 0.1), Quantile(ratios, 0.9), len(ratios)}
}

// Ratio is how one competitor compares with another, and the spread of that.
type Ratio struct {
	Median, P10, P90 float64
	Turns            int
}

// String gives all four numbers.
func (r Ratio) String() string {
	return fmt.Sprintf("%.3f (p10 %.3f, p90 %.3f, %d turns)", r.Median, r.P10, r.P90, r.Turns)
}

// Quantile is the value below which the part q of the values lies.
func Quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
