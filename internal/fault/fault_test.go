package fault

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/mask"
	"github.com/retort-go/retort/internal/traceback"
)

func recovered(r *http.Request, f func()) (got *Fault) {
	defer func() { got = Recovered(recover(), r) }()
	f()
	return nil
}

func ask(target string) *http.Request { return httptest.NewRequest(http.MethodGet, target, nil) }

func TestListening(t *testing.T) {
	r := ask("/")
	assert.False(t, Listening(r.Context()))
	assert.True(t, Listening(Listen(r.Context())))
}

func TestAPanicOutsideOfAnApp(t *testing.T) {
	r := ask("/x?page=2&token=abcd1234")
	r.Header.Set("Cookie", "sid=abcdef; theme=dark; id=u-1234567")
	r.Header.Set("X-Note", "u-1234567 abcdef")
	f := recovered(r, func() { panic("boom abcd1234") })
	assert.Equal(t, "panic: boom [hidden]", f.Error())
	assert.False(t, f.Logged)
	assert.Equal(t, "fault.TestAPanicOutsideOfAnApp.func1", f.Traceback.Frames[0].Name(), "where it panicked")
	assert.NotEmpty(t, f.Traceback.Frames[0].Excerpt)
	assert.True(t, strings.HasPrefix(f.Text(), "*fault.panicked: panic: boom [hidden]\n\n"), f.Text())
	assert.NotEmpty(t, f.Goroutines.Groups)
	assert.Equal(t, "a [hidden]", f.Mask("a abcdef"))
	assert.Equal(t, [][]string{{"Method", "GET"}, {"Path", "/x"}, {"Protocol", "HTTP/1.1"}}, f.Section(Request).Rows)
	assert.Equal(t, [][]string{{"page", "2"}, {"token", mask.Hidden}}, f.Section(Query).Rows)
	assert.Equal(t, [][]string{{"sid", mask.Hidden}, {"theme", "dark"}, {"id", mask.Hidden}}, f.Section(Cookies).Rows)
	assert.Equal(t, [][]string{{"Host", "example.com"}, {"X-Note", "[hidden] [hidden]"}, {"(client)", "192.0.2.1:1234"}}, f.Section(Headers).Rows)
	assert.Equal(t, "The body was not read as a form.", f.Section(Form).Note)
	assert.Nil(t, f.Section(Routing))
	for _, s := range f.Sections {
		assert.Equal(t, s.ID != Request, s.Private, s.ID)
	}
}

func TestAFaultIsTakenAsItIs(t *testing.T) {
	r := ask("/")
	made := (&Report{Err: errors.New("boom"), Request: r}).Fault()
	assert.Same(t, made, recovered(r, func() { panic(made) }))
	assert.Same(t, made, recovered(r, func() { panic(fmt.Errorf("middleware: %w", made)) }))
}

func TestReport(t *testing.T) {
	r := ask("/")
	r.PostForm = url.Values{"title": {"a"}}
	report := Report{
		Err: errors.New("no hush-hush"), Request: r,
		Frames:   []traceback.Frame{{Function: "page.html", Kind: traceback.Template, Line: 1, Excerpt: traceback.Excerpt("{{hush-hush}}", 1)}},
		Sections: []Section{{ID: Config, Title: "Configuration"}, {ID: Request, Title: "Mine", Rows: [][]string{{"a", "hush-hush"}}}},
		Logged:   true,
	}
	report.Secrets.Add("hush-hush")
	f := report.Fault()
	assert.Equal(t, "*errors.errorString: no [hidden]\n\npage.html\n    an unknown place  {{[hidden]}}\n", f.Text())
	assert.ErrorIs(t, f, report.Err)
	assert.True(t, f.Logged)
	assert.Equal(t, "Mine", f.Section(Request).Title, "the app's own comes first")
	assert.Equal(t, [][]string{{"a", mask.Hidden}}, f.Section(Request).Rows)
	assert.Equal(t, "hush-hush", report.Sections[1].Rows[0][1], "what was given is not changed")
	var ids []string
	for _, s := range f.Sections {
		ids = append(ids, s.ID)
	}
	assert.Equal(t, []string{Request, Query, Headers, Cookies, Form, Config, Environment, Build}, ids)
}

func TestSectionsAreBounded(t *testing.T) {
	values := url.Values{"long": {strings.Repeat("a", 100_000)}}
	for i := range 300 {
		values.Add("v", fmt.Sprint(i))
	}
	r := ask("/")
	r.PostForm = values
	s := (&Report{Err: errors.New("x"), Request: r}).Fault().Section(Form)
	assert.Len(t, s.Rows, maxRows)
	assert.Equal(t, "There are more than are shown here.", s.Note)
	assert.Len(t, s.Rows[0][1], maxCell+len("… (shortened)"))
}

func TestTheEnvironment(t *testing.T) {
	t.Setenv("PWD", "/some/where")
	t.Setenv("SMTP_PASSWORD", "hunter22")
	t.Setenv("GREETING", "say hunter22")
	rows := map[string]string{}
	for _, row := range (&Report{Err: errors.New("x"), Request: ask("/")}).Fault().Section(Environment).Rows {
		rows[row[0]] = row[1]
	}
	assert.Equal(t, mask.Hidden, rows["SMTP_PASSWORD"])
	assert.Equal(t, "say [hidden]", rows["GREETING"])
	require.Contains(t, rows, "PWD")
}
