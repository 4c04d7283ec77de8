package tests

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/retort-go/retort"
)

// modifiedCase is a call of is_resource_modified.
type modifiedCase struct {
	ID              string  `json:"id"`
	Method          string  `json:"method"`
	IfNoneMatch     *string `json:"if_none_match"`
	IfModifiedSince *string `json:"if_modified_since"`
	ETag            string  `json:"etag"`
	LastModified    *int64  `json:"last_modified"`
	Out             bool    `json:"out"`
}

// request makes the request of the case.
func (c *modifiedCase) request(app *retort.App) *retort.Request {
	opts := []retort.TestOption{retort.WithMethod(c.Method)}
	if c.IfNoneMatch != nil {
		opts = append(opts, retort.WithHeader("If-None-Match", *c.IfNoneMatch))
	}
	if c.IfModifiedSince != nil {
		opts = append(opts, retort.WithHeader("If-Modified-Since", *c.IfModifiedSince))
	}
	return app.TestRequestContext("/", opts...).Request
}

// TestRecordedConditions replays the section is_resource_modified, which holds
// without exception.
func TestRecordedConditions(t *testing.T) {
	var recording struct {
		Sections struct {
			Modified struct{ Cases []modifiedCase } `json:"is_resource_modified"`
		} `json:"sections"`
	}
	readOracle(t, "compat.json", &recording)
	app := retort.New("conditions")
	app.Route("/", retort.Methods("GET", "POST"))(func() string { return "" })
	cases, hold := recording.Sections.Modified.Cases, 0
	for _, c := range cases {
		var modified time.Time
		if c.LastModified != nil {
			modified = time.Unix(*c.LastModified, 0)
		}
		if assert.Equal(t, c.Out, c.request(app).IsResourceModified(c.ETag, modified), c.ID) {
			hold++
		}
	}
	assert.NotEmpty(t, cases)
	fmt.Printf("compat.json is_resource_modified: %d of %d cases hold\n", hold, len(cases))
}

// TestRecordedContentTypes replays the section get_content_type, which holds
// without exception.
func TestRecordedContentTypes(t *testing.T) {
	var recording struct {
		Sections struct {
			ContentType struct {
				Cases []struct{ ID, In, Out string }
			} `json:"get_content_type"`
		} `json:"sections"`
	}
	readOracle(t, "compat.json", &recording)
	cases, hold := recording.Sections.ContentType.Cases, 0
	for _, c := range cases {
		res := retort.Text("")
		res.SetMimetype(c.In)
		if assert.Equal(t, c.Out, res.Header.Get("Content-Type"), c.ID) {
			hold++
		}
	}
	assert.NotEmpty(t, cases)
	fmt.Printf("compat.json get_content_type: %d of %d cases hold\n", hold, len(cases))
}
