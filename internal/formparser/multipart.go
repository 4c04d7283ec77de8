package formparser

import (
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strings"

	"github.com/retort-go/retort/internal/httpfield"
)

// partReader reads the parts of a body into a form.
type partReader struct {
	*scanner
	form   *Form
	limits Limits
	part   int    // the current one, counted from 1
	text   int64  // bytes in the values of all text fields so far
	value  []byte // of the current text field; its memory serves the next
}

func parseMultipart(form *Form, body io.Reader, boundary string, limits Limits) error {
	if err := checkBoundary(boundary); err != nil {
		return err
	}
	m := &partReader{scanner: newScanner(body, boundary), form: form, limits: limits}
	end, err := m.run(discard)
	if err == io.EOF {
		return &SyntaxError{Reason: fmt.Sprintf("the boundary %q of its Content-Type is nowhere in the body", boundary)}
	}
	for err == nil && end == partEnding {
		m.part++
		end, err = m.readPart()
	}
	if err != nil {
		return m.explain(err)
	}
	return m.skipEpilogue()
}

func checkBoundary(boundary string) error {
	switch {
	case boundary == "":
		return &SyntaxError{Reason: "its Content-Type names no boundary, as in multipart/form-data; boundary=x; a client that sets this field by hand leaves it out easily"}
	case len(boundary) > maxBoundary:
		return &SyntaxError{Reason: fmt.Sprintf("the boundary has more than %d bytes", maxBoundary)}
	case strings.ContainsFunc(boundary, func(r rune) bool { return r < ' ' || r > '~' }):
		return &SyntaxError{Reason: fmt.Sprintf("the boundary %q has other than printable ASCII characters", boundary)}
	}
	return nil
}

// explain says at which part an error is.
func (m *partReader) explain(err error) error {
	if err == io.EOF {
		return &SyntaxError{Part: m.part, Reason: "the body ends before the closing boundary; was it cut off?"}
	}
	var limit *LimitError
	if errors.As(err, &limit) {
		limit.Part = m.part
	}
	return err
}

// run hands on the data up to the next delimiter.
func (m *partReader) run(write func([]byte) error) (ending, error) {
	for {
		data, end, err := m.next()
		if err == nil {
			err = write(data)
		}
		if err != nil || end != noEnding {
			return end, err
		}
	}
}

func discard([]byte) error { return nil }

func (m *partReader) readPart() (ending, error) {
	if m.part > m.limits.FormParts {
		return noEnding, &LimitError{Limit: FormParts, Max: int64(m.limits.FormParts)}
	}
	header, err := m.header()
	if err != nil {
		return noEnding, err
	}
	disposition, ok := header["Content-Disposition"]
	if !ok {
		return noEnding, &SyntaxError{Part: m.part, Reason: "it has no Content-Disposition"}
	}
	_, params := httpfield.ParseOptions(disposition[0])
	if filename, ok := params.Lookup("filename"); ok {
		return m.readFile(params.Get("name"), filename.Value, header)
	}
	return m.readField(params.Get("name"), header.Get("Content-Type"))
}

func (m *partReader) readField(name, contentType string) (ending, error) {
	m.value = m.value[:0]
	end, err := m.run(m.addText)
	if err != nil {
		return end, err
	}
	_, params := httpfield.ParseOptions(contentType)
	charset := strings.ToLower(params.Get("charset"))
	m.form.Values.Add(name, httpfield.DecodeText(m.value, charset))
	return end, nil
}

func (m *partReader) addText(p []byte) error {
	m.text += int64(len(p))
	if m.text > m.limits.FormMemorySize {
		return &LimitError{Limit: FormMemorySize, Max: m.limits.FormMemorySize}
	}
	m.value = append(m.value, p...)
	return nil
}

func (m *partReader) readFile(name, filename string, header textproto.MIMEHeader) (ending, error) {
	u := &upload{store: &m.form.store}
	end, err := m.run(u.write)
	if err != nil {
		return end, err
	}
	content := u.content()
	m.form.Files = append(m.form.Files, &File{
		Name:        name,
		Filename:    filename,
		Header:      header,
		ContentType: header.Get("Content-Type"),
		Size:        content.Size(),
		Content:     content,
	})
	return end, nil
}

// skipEpilogue reads the body to its end, so that a limit of the reader counts
// and the connection can serve the next request.
func (m *partReader) skipEpilogue() error {
	for !m.eof {
		m.r = m.w
		if err := m.fill(); err != nil {
			return err
		}
	}
	return nil
}
