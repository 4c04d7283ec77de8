//go:build retort_dev

package debug

import (
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort/internal/traceback"
)

func small(id string) *record { return &record{id: id, traceback: &traceback.Traceback{}} }

func TestTheShelfKeepsTheLast(t *testing.T) {
	var s shelf
	for i := range maxRecords {
		s.add(small(strconv.Itoa(i)))
	}
	assert.NotNil(t, s.find("0"), "it was looked at")
	s.add(small("new"))
	assert.NotNil(t, s.find("0"))
	assert.Nil(t, s.find("1"), "the oldest that nobody has looked at")
	assert.NotNil(t, s.find("new"))
	assert.Len(t, s.records, maxRecords)
	assert.Nil(t, s.find(""))
}

func TestTheShelfIsBounded(t *testing.T) {
	var s shelf
	large := func(id string, n int) *record {
		r := small(id)
		r.text = strings.Repeat("x", n)
		return r
	}
	s.add(large("a", maxRecordBytes/2))
	s.add(large("b", maxRecordBytes/2))
	assert.NotNil(t, s.find("a"))
	s.add(large("c", 10))
	assert.Nil(t, s.find("b"))
	assert.NotNil(t, s.find("a"))
	s.add(large("d", maxRecordBytes+1))
	assert.Nil(t, s.find("d"), "it is too large")
	assert.Empty(t, s.records)
	assert.Zero(t, s.bytes)
}

func TestTheShelfInParallel(t *testing.T) {
	var s shelf
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			for j := range 100 {
				id := strconv.Itoa(i*1000 + j)
				s.add(small(id))
				s.find(id)
			}
		})
	}
	all.Wait()
	assert.Len(t, s.records, maxRecords)
}

func TestIDsDiffer(t *testing.T) {
	a, b := newID(), newID()
	assert.NotEqual(t, a, b)
	assert.Len(t, a, 32)
}
