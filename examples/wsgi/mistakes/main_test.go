package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatLintSays(t *testing.T) {
	var out strings.Builder
	for _, m := range mistakes() {
		show(&out, m)
	}
	want, err := os.ReadFile(filepath.Join("testdata", "output.txt"))
	require.NoError(t, err)
	assert.Equal(t, string(want), out.String())
}

func TestEachMistakeIsOne(t *testing.T) {
	for _, m := range mistakes() {
		var out strings.Builder
		show(&out, m)
		said := regexp.MustCompile(`(?m)^  ([A-Z]\d\d) `).FindAllStringSubmatch(out.String(), -1)
		require.NotEmpty(t, said, m.name)
		for _, code := range said {
			assert.Equal(t, m.code, code[1], m.name)
		}
	}
}

func TestEveryMistakeIsMade(t *testing.T) {
	files, err := filepath.Glob("../../../gateway/lint*.go")
	require.NoError(t, err)
	known, made := make(map[string]bool), make(map[string]bool)
	for _, name := range slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") }) {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, code := range regexp.MustCompile(`"([A-Z]\d\d)"`).FindAllSubmatch(text, -1) {
			known[string(code[1])] = true
		}
	}
	for _, m := range mistakes() {
		made[m.code] = true
	}
	assert.Equal(t, known, made)
}
