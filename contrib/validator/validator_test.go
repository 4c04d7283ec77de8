package validator_test

import (
	"io"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort"
	"github.com/retort-go/retort/contrib/validator"
)

type address struct {
	City string `json:"city" validate:"required"`
}

type order struct {
	Mail  string    `json:"mail" validate:"required,email"`
	Count int       `json:"count" validate:"min=1,max=10"`
	Code  string    `json:"code" validate:"omitempty,len=3"`
	Kind  string    `json:"kind" validate:"omitempty,oneof=a b"`
	Stops []address `json:"stops" validate:"max=2,dive"`
	Plain string    `validate:"omitempty,startswith=x"`
}

func newApp() *retort.App {
	app := retort.New("validated")
	app.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	app.Validator = validator.New()
	app.Post("/orders")(func(c *retort.Context) (string, error) {
		var o order
		err := c.Request.BindJSON(&o)
		return o.Mail, err
	})
	return app
}

func TestRulesThatHold(t *testing.T) {
	res := newApp().TestClient().Post("/orders", retort.JSON{V: retort.H{"mail": "a@example.com", "count": 3}})
	assert.Equal(t, 200, res.Status)
	assert.Equal(t, "a@example.com", res.Text)
}

func TestEveryBrokenRuleIsAFault(t *testing.T) {
	err := validator.New().Validate(&order{Mail: "x", Count: 11, Code: "ab", Kind: "c", Stops: []address{{"a"}, {}}, Plain: "y"})
	var bad *retort.BindError
	require.ErrorAs(t, err, &bad)
	assert.Equal(t, []retort.FieldError{
		{In: "json", Name: "mail", Reason: "is not an email address"},
		{In: "json", Name: "count", Reason: "is more than 10"},
		{In: "json", Name: "code", Reason: "is not 3 characters"},
		{In: "json", Name: "kind", Reason: "is none of a, b"},
		{In: "json", Name: "stops[1].city", Reason: "is empty"},
		{Name: "Plain", Reason: "breaks the rule startswith=x"},
	}, bad.Fields)
	assert.EqualError(t, bad, "422 Unprocessable Entity: The request cannot be used: mail is not an email address; count is more than 10; code is not 3 characters; kind is none of a, b; stops[1].city is empty; Plain breaks the rule startswith=x.")
}

func TestABrokenRuleIsA422(t *testing.T) {
	res := newApp().TestClient().Post("/orders", retort.JSON{V: retort.H{"count": 0}})
	assert.Equal(t, 422, res.Status)
	assert.Contains(t, res.Text, "mail is empty; count is less than 1.")
}

func TestWhatIsNoStructHasNoRules(t *testing.T) {
	assert.NoError(t, validator.New().Validate(new([]int)))
	assert.NoError(t, validator.New().Validate(new(any)))
}

func TestRulesOfTheAppsOwn(t *testing.T) {
	v := validator.New()
	v.Engine().RegisterAlias("short", "max=2")
	var q struct {
		Name string `query:"name" validate:"short"`
	}
	q.Name = "long"
	err := v.Validate(&q)
	var bad *retort.BindError
	require.ErrorAs(t, err, &bad)
	assert.Equal(t, []retort.FieldError{{In: "query", Name: "name", Reason: "breaks the rule short=2"}}, bad.Fields)
}
