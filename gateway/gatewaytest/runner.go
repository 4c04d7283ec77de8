package gatewaytest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
)

// check is one thing that is tried out on a subject: a server, an app or a
// middleware. An error says what was seen and what would be right; see mismatch.
// ctx ends when the check has had its time; everything that waits watches it.
type check[S any] struct {
	id  string // "S34/log"
	run func(ctx context.Context, subject S) error
}

// requirement is the ID of the requirement that the check is for.
func (c check[S]) requirement() string {
	id, _, _ := strings.Cut(c.id, "/")
	return id
}

// patience is how long a check may take when nothing else is said. One that is
// excepted gets a fraction of it: it is expected to fail, perhaps by waiting.
const (
	patience         = 30 * time.Second
	exceptedFraction = 30
)

// contract is what one kind of subject is held to.
type contract[S any] struct {
	rules      []Requirement
	checks     []check[S]
	exceptions []Exception
	patience   time.Duration // of each check; 0 is the standard
}

// entry is a check with its requirement, or a requirement without a check.
type entry[S any] struct {
	rule  Requirement
	check *check[S]
}

func (e entry[S]) id() string {
	if e.check != nil {
		return e.check.id
	}
	return e.rule.ID
}

// entries gives all checks in the order of the requirements.
func (c *contract[S]) entries() []entry[S] {
	var all []entry[S]
	for _, rule := range c.rules {
		n := len(all)
		for i := range c.checks {
			if c.checks[i].requirement() == rule.ID {
				all = append(all, entry[S]{rule, &c.checks[i]})
			}
		}
		if len(all) == n {
			all = append(all, entry[S]{rule: rule})
		}
	}
	return all
}

// results runs the checks on subject: all, or those whose IDs, or whose
// requirements' IDs, are given.
func (c *contract[S]) results(subject S, ids []string) []Result {
	var all []Result
	for _, e := range c.entries() {
		if len(ids) == 0 || slices.Contains(ids, e.id()) || slices.Contains(ids, e.rule.ID) {
			all = append(all, c.result(subject, e))
		}
	}
	return append(all, c.unknown(ids...)...)
}

// result runs one check.
func (c *contract[S]) result(subject S, e entry[S]) Result {
	r := Result{Requirement: e.rule, Check: e.id()}
	if e.check == nil {
		r.Outcome, r.Reason = ByTypes, e.rule.Types
		return r
	}
	exception, excepted := c.exception(e)
	limit := cmp.Or(c.patience, patience)
	if excepted {
		limit /= exceptedFraction
	}
	r.Err, r.Reason = try(subject, e.check, limit), exception.Reason
	switch {
	case errors.Is(r.Err, errLeftOut) && e.rule.Strength == May:
		r.Outcome = LeftOut
	case r.Err != nil && excepted:
		r.Outcome = Excepted
	case r.Err != nil:
		r.Outcome = Broken
	case excepted:
		r.Outcome = Stale
	}
	return r
}

// try runs a check, which may panic or hang.
func try[S any](subject S, k *check[S], limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		defer func() {
			if v := recover(); v != nil {
				done <- fmt.Errorf("the check panicked: %v\n%s", v, debug.Stack())
			}
		}()
		done <- k.run(ctx, subject)
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(limit + max(limit, 5*time.Second)):
		return fmt.Errorf("the check hangs: it had %v, which is over for as long again", limit)
	}
}

// exception finds what is said about a check.
func (c *contract[S]) exception(e entry[S]) (Exception, bool) {
	for _, x := range c.exceptions {
		if x.Check == e.id() || x.Check == e.rule.ID {
			return x, true
		}
	}
	return Exception{}, false
}

// unknown reports exceptions for checks that do not exist, and IDs that are none.
func (c *contract[S]) unknown(ids ...string) []Result {
	for _, x := range c.exceptions {
		ids = append(ids, x.Check)
	}
	var all []Result
	for _, id := range ids {
		if !slices.ContainsFunc(c.entries(), func(e entry[S]) bool { return id == e.id() || id == e.rule.ID }) {
			all = append(all, Result{Check: id, Outcome: Stale})
		}
	}
	return all
}

// errLeftOut is in the chain of what a check gives that finds nothing done that
// may be done.
var errLeftOut = errors.New("it is not done")

// mismatch says what was seen and what would be right; nil if both are the same.
func mismatch[V comparable](what string, seen, right V) error {
	if seen == right {
		return nil
	}
	return fmt.Errorf("%s: seen %s, right would be %s", what, shown(seen), shown(right))
}

// wrong is mismatch for what has no value to compare.
func wrong(seen, right string, args ...any) error {
	return fmt.Errorf("seen: %s; right would be: %s", fmt.Sprintf(seen, args...), right)
}

// shownBytes is how much of a value a report shows.
const shownBytes = 200

// shown is a value as a report shows it.
func shown(v any) string {
	s, ok := v.(string)
	switch {
	case !ok:
		return fmt.Sprint(v)
	case len(s) > shownBytes:
		return fmt.Sprintf("%q and %d bytes more", s[:shownBytes], len(s)-shownBytes)
	}
	return strconv.Quote(s)
}
