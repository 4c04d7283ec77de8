package taggedjson_test

import (
	"html/template"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/taggedjson"
)

type user struct {
	ID    int
	Roles []string
}

// userTag is a tag for users.
func userTag(key string) taggedjson.Tag {
	return taggedjson.Tag{
		Key:   key,
		Check: func(v any) bool { _, ok := v.(user); return ok },
		ToJSON: func(v any) (any, error) {
			u := v.(user)
			if u.ID == 0 {
				return nil, errSecret
			}
			return []any{u.ID, taggedjson.Tuple{strings.Join(u.Roles, " ")}}, nil
		},
		FromJSON: func(v any) (any, error) {
			list, ok := v.([]any)
			if !ok {
				return nil, errSecret
			}
			return user{int(list[0].(int64)), strings.Fields(list[1].(taggedjson.Tuple)[0].(string))}, nil
		},
	}
}

func TestATagOfItsOwnBringsATypeBack(t *testing.T) {
	s := new(taggedjson.Serializer)
	require.NoError(t, s.Register(userTag(" user")))
	value := map[string]any{"u": user{1, []string{"a", "b"}}, "x": map[string]any{" user": int64(1)}}
	text, err := s.Dumps(value)
	require.NoError(t, err)
	assert.Equal(t, `{"u":{" user":[1,{" t":["a b"]}]},"x":{" di":{" user__":1}}}`, string(text))
	var got any
	require.NoError(t, s.Loads(text, &got))
	assert.Equal(t, value, got)
	var u user
	require.NoError(t, s.Loads([]byte(`{" user":[2,{" t":[""]}]}`), &u))
	assert.Equal(t, user{2, []string{}}, u)

	_, err = s.Dumps([]any{user{}})
	require.EqualError(t, err, `taggedjson: at "0": the tag " user": not for everyone`)
	require.ErrorIs(t, err, errSecret)
	err = s.Loads([]byte(`{" user":1}`), &got)
	require.EqualError(t, err, `taggedjson: the tag " user": not for everyone`)
	require.ErrorIs(t, err, errSecret)
}

// upper is a tag of values of one type, read and written in capitals.
func upper[T ~string](key string) taggedjson.Tag {
	return taggedjson.Tag{
		Key:      key,
		Check:    func(v any) bool { _, ok := v.(T); return ok },
		ToJSON:   func(v any) (any, error) { return strings.ToUpper(string(v.(T))) + key, nil },
		FromJSON: func(v any) (any, error) { return T(v.(string)), nil },
	}
}

func TestTheOrderOfTagsCounts(t *testing.T) {
	s := new(taggedjson.Serializer)
	const page = template.HTML("p")
	text := func() string {
		out, err := s.Dumps(page)
		require.NoError(t, err)
		return string(out)
	}
	require.NoError(t, s.Register(upper[template.HTML](" 1")))
	assert.Equal(t, `{" m":"p"}`, text(), "the tags of the package come first")
	require.NoError(t, s.Register(upper[template.HTML](" 2"), taggedjson.Index(0)))
	assert.Equal(t, `{" 2":"P 2"}`, text())
	require.NoError(t, s.Register(upper[template.HTML](" 3"), taggedjson.Index(-1)))
	assert.Equal(t, `{" 3":"P 3"}`, text())
	require.NoError(t, s.Register(upper[template.HTML](" 4"), taggedjson.Index(1)))
	assert.Equal(t, `{" 3":"P 3"}`, text())

	require.NoError(t, s.Register(upper[color](" c1")))
	require.NoError(t, s.Register(upper[color](" c2"), taggedjson.Index(100)))
	require.NoError(t, s.Register(upper[color](" c3"), taggedjson.Index(4)), "just behind those of the package")
	out, err := s.Dumps(color("red"))
	require.NoError(t, err)
	assert.Equal(t, `{" c3":"RED c3"}`, string(out))
}

func TestATagCanTakeThePlaceOfAnother(t *testing.T) {
	s := new(taggedjson.Serializer)
	require.EqualError(t, s.Register(upper[template.HTML](" m")),
		`taggedjson: the tag " m" is registered already; take another key, or replace it with Force`)
	require.NoError(t, s.Register(upper[template.HTML](" m"), taggedjson.Force(), taggedjson.Index(0)))
	text, err := s.Dumps(template.HTML("p"))
	require.NoError(t, err)
	assert.Equal(t, `{" m":"P m"}`, string(text))
	var page template.HTML
	require.NoError(t, s.Loads(text, &page))
	assert.Equal(t, template.HTML("P m"), page)
}

func TestTagsNeedAllTheirParts(t *testing.T) {
	s := new(taggedjson.Serializer)
	require.EqualError(t, s.Register(userTag("")), `taggedjson: a tag needs a Key, such as " user"`)
	tag := userTag(" user")
	tag.FromJSON = nil
	require.EqualError(t, s.Register(tag), `taggedjson: the tag " user" needs Check, ToJSON and FromJSON`)
	require.NoError(t, s.Register(userTag(" user")))
	require.EqualError(t, s.Register(userTag(" user")),
		`taggedjson: the tag " user" is registered already; take another key, or replace it with Force`)
}

func TestATagThatGivesItsOwnValueEnds(t *testing.T) {
	s := new(taggedjson.Serializer)
	tag := userTag(" user")
	tag.ToJSON = func(v any) (any, error) { return v, nil }
	require.NoError(t, s.Register(tag))
	_, err := s.Dumps(user{ID: 1})
	require.EqualError(t, err, "taggedjson: nested more than 200 deep, or within itself")
}
