package datastructures_test

import (
	"strings"
	"testing"

	"github.com/retort-go/retort/datastructures"
)

func BenchmarkMIMEAccept(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		a := datastructures.ParseMIMEAccept("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8")
		a.BestMatch("application/json", "text/html")
	}
}

// BenchmarkMIMEAcceptFlood is the longest field that a server reads.
func BenchmarkMIMEAcceptFlood(b *testing.B) {
	field := strings.Repeat("a/b,", 64<<10/4)
	for b.Loop() {
		a := datastructures.ParseMIMEAccept(field)
		a.BestMatch("application/json", "text/html")
	}
}

func BenchmarkParseETags(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		datastructures.ParseETags(`"1700000000.0-22-1234567", W/"abc"`)
	}
}
