package signing_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/signing"
)

// at is a clock that stands still.
func at(seconds int64) signing.Option {
	return signing.Clock(func() time.Time { return time.Unix(seconds, 999_999_999) })
}

func newTimestampSigner(t testing.TB, key string, opts ...signing.Option) *signing.TimestampSigner {
	t.Helper()
	s, err := signing.NewTimestampSigner(key, opts...)
	require.NoError(t, err)
	return s
}

func TestTheTimeIsSignedToo(t *testing.T) {
	s := newTimestampSigner(t, "secret-key", at(1700000000))
	signed := s.Sign("value")
	assert.Equal(t, "value.ZVPxAA.P9Grfsn5n1eHqbiYrPP0fn7INiw", signed)
	value, when, err := s.Unsign(signed, 0)
	require.NoError(t, err)
	assert.Equal(t, "value", value)
	assert.Equal(t, time.Unix(1700000000, 0).UTC(), when)
	assert.True(t, s.Validate(signed, time.Hour))
	assert.False(t, s.Validate(signed, -1))
}

func TestTimestampsHaveNoLeadingZeros(t *testing.T) {
	for seconds, want := range map[int64]string{-5: "", 0: "", 1: "AQ", 255: "_w", 256: "AQA", 1 << 32: "AQAAAAA"} {
		s := newTimestampSigner(t, "k", at(seconds))
		plain := newSigner(t, "k")
		assert.Equal(t, plain.Sign("v."+want), s.Sign("v"), "%d", seconds)
		_, when, err := s.Unsign(s.Sign("v"), signing.NoMaxAge)
		require.NoError(t, err)
		assert.Equal(t, max(seconds, 0), when.Unix())
	}
}

func TestTokensExpire(t *testing.T) {
	signed := newTimestampSigner(t, "k", at(1700000000)).Sign("v")
	cases := []struct {
		name   string
		now    int64
		maxAge time.Duration
		want   string
	}{
		{"at once", 1700000000, 0, ""},
		{"in the last second", 1700003600, time.Hour, ""},
		{"within a fraction of a second", 1700000001, 1500 * time.Millisecond, ""},
		{"a second later", 1700003601, time.Hour, "bad signature: signed 1h0m1s ago, more than the 1h0m0s allowed"},
		{"with a negative age", 1700000000, -time.Nanosecond, "bad signature: signed 0s ago, more than the -1ns allowed"},
		{"with the most negative age", 1700000000, -1 << 63, "bad signature: signed 0s ago, more than the -2562047h47m16.854775808s allowed"},
		{"from the future", 1699999999, time.Hour, "bad signature: signed 1s in the future"},
		{"from the future, of any age", 1699999999, signing.NoMaxAge, ""},
		{"of any age", 1 << 40, signing.NoMaxAge, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, when, err := newTimestampSigner(t, "k", at(c.now)).Unsign(signed, c.maxAge)
			if c.want == "" {
				require.NoError(t, err)
				assert.Equal(t, int64(1700000000), when.Unix())
				return
			}
			require.EqualError(t, err, c.want)
			var expired *signing.SignatureExpired
			var badTime *signing.BadTimeSignature
			var bad *signing.BadSignature
			require.ErrorAs(t, err, &expired)
			require.ErrorAs(t, err, &badTime)
			require.ErrorAs(t, err, &bad)
			assert.Equal(t, c.want, bad.Error())
			assert.Equal(t, c.want, badTime.Error())
			assert.Equal(t, int64(1700000000), expired.DateSigned.Unix())
			assert.Equal(t, expired.DateSigned, badTime.DateSigned)
			assert.Equal(t, time.Duration(c.now-1700000000)*time.Second, expired.Age)
			assert.Equal(t, c.maxAge, expired.MaxAge)
		})
	}
}

func TestBadTimesAreRefused(t *testing.T) {
	plain := newSigner(t, "k")
	s := newTimestampSigner(t, "k", at(1700000000))
	const malformed = "bad signature: its time is malformed"
	cases := []struct{ name, signed, want string }{
		{"none", plain.Sign("value"), "bad signature: no time"},
		{"no base64", plain.Sign("value.!"), malformed},
		{"with padding", plain.Sign("value.AQ=="), malformed},
		{"too long", plain.Sign("value.AAAAAAAAAAAB"), malformed},
		{"after the year 9999", plain.Sign("value.OvNGEAAA"), malformed},
		{"negative as int64", plain.Sign("value.__________8"), malformed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := s.Unsign(c.signed, signing.NoMaxAge)
			require.EqualError(t, err, c.want)
			var badTime *signing.BadTimeSignature
			require.ErrorAs(t, err, &badTime)
			assert.Zero(t, badTime.DateSigned)
		})
	}
}

func TestABadSignatureTellsTheTimeThatItNames(t *testing.T) {
	s := newTimestampSigner(t, "k")
	cases := []struct {
		name, signed string
		seconds      int64
		timed        bool
	}{
		{"a time", "value.ZVPxAA.P9Grfsn5n1eHqbiYrPP0fn7INiw", 1700000000, true},
		{"a malformed time", "value.!.P9Grfsn5n1eHqbiYrPP0fn7INiw", 0, true},
		{"no time", "value.P9Grfsn5n1eHqbiYrPP0fn7INiw", 0, false},
		{"nothing", "value", 0, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := s.Unsign(c.signed, signing.NoMaxAge)
			var bad *signing.BadSignature
			require.ErrorAs(t, err, &bad)
			var badTime *signing.BadTimeSignature
			require.Equal(t, c.timed, errors.As(err, &badTime))
			if c.seconds != 0 {
				assert.Equal(t, time.Unix(c.seconds, 0).UTC(), badTime.DateSigned)
			}
		})
	}
}

// FuzzTimestamp: only what Sign gave at that time is accepted.
func FuzzTimestamp(f *testing.F) {
	f.Add("value", "ZVPxAA")
	f.Add("", "")
	f.Add("a.b", "AAAAAAAAAAE")
	f.Add("v", "_________w")
	plain := newSigner(f, "k")
	f.Fuzz(func(t *testing.T, value, timestamp string) {
		signed := plain.Sign(value + "." + timestamp)
		s := newTimestampSigner(t, "k", at(1700000000))
		got, when, err := s.Unsign(signed, signing.NoMaxAge)
		if err != nil {
			return
		}
		if when.Year() > 9999 || when.Unix() < 0 {
			t.Errorf("%q is the time %v", timestamp, when)
		}
		again, _, err := s.Unsign(newTimestampSigner(t, "k", at(when.Unix())).Sign(got), signing.NoMaxAge)
		if err != nil || again != got {
			t.Errorf("%q became %q, %v", got, again, err)
		}
	})
}
