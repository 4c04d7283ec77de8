package gatewaytest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// rules are requirements of a contract about nothing.
func rules() []Requirement {
	return []Requirement{
		{ID: "X1", Strength: Must, Text: "It holds.", Source: "nowhere"},
		{ID: "X2", Strength: Must, Text: "It cannot be broken.", Source: "nowhere", Types: "it is typed"},
		{ID: "X3", Strength: May, Text: "It may be done.", Source: "nowhere"},
	}
}

// saying is a check that always says the same.
func saying(id string, err error) check[int] {
	return check[int]{id, func(context.Context, int) error { return err }}
}

func checked(exceptions []Exception, ids []string, checks ...check[int]) []string {
	c := &contract[int]{rules(), checks, exceptions, time.Second}
	var lines []string
	for _, r := range c.results(0, ids) {
		lines = append(lines, fmt.Sprintf("%t %s", r.Failed(), r))
	}
	return lines
}

func TestResultsInWords(t *testing.T) {
	odd := wrong("%d is odd", "an even number", 3)
	sure := []Exception{{"X1/b", "the wire has no numbers"}}
	for _, tt := range []struct {
		name       string
		exceptions []Exception
		ids        []string
		checks     []check[int]
		want       []string
	}{
		{"all is well", nil, nil, []check[int]{saying("X3", nil), saying("X1", nil)},
			[]string{"false X1 must: holds", "false X2 must: held by types: it is typed", "false X3 may: holds"}},
		{"one is broken", nil, []string{"X1"}, []check[int]{saying("X1/a", nil), saying("X1/b", odd), saying("X3", odd)},
			[]string{"false X1/a must: holds", "true X1/b must: broken: It holds.\n\tseen: 3 is odd; right would be: an even number\n\t(nowhere)"}},
		{"one is excepted", sure, []string{"X1/b"}, []check[int]{saying("X1/a", nil), saying("X1/b", odd)},
			[]string{"false X1/b must: excepted: the wire has no numbers (seen: 3 is odd; right would be: an even number)"}},
		{"all of a requirement are excepted", []Exception{{"X1", "there is none"}}, []string{"X1"}, []check[int]{saying("X1/a", odd), saying("X1/b", nil)},
			[]string{"false X1/a must: excepted: there is none (seen: 3 is odd; right would be: an even number)",
				"true X1/b must: stale exception: it passed, although an exception says: there is none; remove the exception"}},
		{"an exception is not true", sure, []string{"X1/b"}, []check[int]{saying("X1/b", nil)},
			[]string{"true X1/b must: stale exception: it passed, although an exception says: the wire has no numbers; remove the exception"}},
		{"an exception is for nothing", sure, []string{"X1"}, []check[int]{saying("X1/a", nil)},
			[]string{"false X1/a must: holds", "true X1/b: stale exception: there is no such check"}},
		{"what may be done is not", nil, []string{"X3"}, []check[int]{saying("X3", fmt.Errorf("no numbers: %w", errLeftOut))},
			[]string{"false X3 may: left out: no numbers: it is not done"}},
		{"what must be done is not", nil, []string{"X1"}, []check[int]{saying("X1", fmt.Errorf("no numbers: %w", errLeftOut))},
			[]string{"true X1 must: broken: It holds.\n\tno numbers: it is not done\n\t(nowhere)"}},
		{"an ID that is none", nil, []string{"X9"}, []check[int]{saying("X1", nil)},
			[]string{"true X9: stale exception: there is no such check"}},
	} {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, checked(tt.exceptions, tt.ids, tt.checks...)) })
	}
}

func TestAPanicOfACheckIsItsFailure(t *testing.T) {
	c := check[int]{"X1", func(context.Context, int) error { panic("oh") }}
	err := try(0, &c, time.Minute)
	assert.ErrorContains(t, err, "the check panicked: oh\ngoroutine")
}

func TestACheckHasItsTime(t *testing.T) {
	waits := check[int]{"X1", func(ctx context.Context, _ int) error {
		<-ctx.Done()
		return errors.New("nothing came")
	}}
	assert.EqualError(t, try(0, &waits, time.Millisecond), "nothing came")
}

func TestACheckThatHangsIsLeftBehind(t *testing.T) {
	t.Parallel()
	end := make(chan struct{})
	defer close(end)
	hangs := check[int]{"X1", func(context.Context, int) error { <-end; return nil }}
	assert.ErrorContains(t, try(0, &hangs, time.Millisecond), "the check hangs")
}

func TestValuesInReports(t *testing.T) {
	long := make([]byte, 300)
	for i := range long {
		long[i] = 'x'
	}
	assert.NoError(t, mismatch("n", 1, 1))
	assert.EqualError(t, mismatch("n", 1, 2), "n: seen 1, right would be 2")
	assert.EqualError(t, mismatch("s", "a\n", ""), `s: seen "a\n", right would be ""`)
	assert.EqualError(t, mismatch("s", string(long), "y"), fmt.Sprintf(`s: seen %q and 100 bytes more, right would be "y"`, long[:200]))
}

// recorder is a Tester that is no *testing.T.
type recorder struct {
	names, failures, notes []string
}

func (r *recorder) Helper() {}
func (r *recorder) Run(name string, f func(*recorder)) bool {
	r.names = append(r.names, name)
	f(r)
	return true
}
func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}
func (r *recorder) Logf(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

func TestACheckIsASubtest(t *testing.T) {
	var r recorder
	checks := []check[int]{saying("X1/a", nil), saying("X1/b", errors.New("wrong")), saying("X3", nil)}
	test(&r, &contract[int]{rules(), checks, []Exception{{"X3", "never"}, {"X7", "old"}}, time.Second}, 0)
	assert.Equal(t, []string{"X1/a", "X1/b", "X2", "X3"}, r.names)
	assert.Equal(t, []string{"X1/a must: holds", "X2 must: held by types: it is typed"}, r.notes)
	assert.Equal(t, []string{
		"X1/b must: broken: It holds.\n\twrong\n\t(nowhere)",
		"X3 may: stale exception: it passed, although an exception says: never; remove the exception",
		"X7: stale exception: there is no such check",
	}, r.failures)
}
