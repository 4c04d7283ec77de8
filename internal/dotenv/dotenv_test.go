package dotenv_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/dotenv"
)

// environ is the environment of the tests.
func environ(name string) (string, bool) {
	switch name {
	case "HOME":
		return "/home/u", true
	case "EMPTY":
		return "", true
	}
	return "", false
}

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []dotenv.Variable
	}{
		{"nothing", "", nil},
		{"blank lines and comments", "\n  \n# A=1\n\t# B=2", nil},
		{"a value to the end of the line", "A=one two\nB=3", []dotenv.Variable{{"A", "one two", 1}, {"B", "3", 2}}},
		{"blanks around", "  A \t=  1  \n", []dotenv.Variable{{"A", "1", 1}}},
		{"an empty value", "A=\nB=  # none\nC=''", []dotenv.Variable{{"A", "", 1}, {"B", "", 2}, {"C", "", 3}}},
		{"a comment needs a blank before it", "A=1 # one\nB=#2\nC=a#b", []dotenv.Variable{{"A", "1", 1}, {"B", "", 2}, {"C", "a#b", 3}}},
		{"line ends of Windows and a byte order mark", "\uFEFFA=1\r\nB='2'\r\n", []dotenv.Variable{{"A", "1", 1}, {"B", "2", 2}}},
		{"export is for the shell", "export A=1\nexport\tB=2", []dotenv.Variable{{"A", "1", 1}, {"B", "2", 2}}},
		{"a variable called export", "export=1\nexport =2", []dotenv.Variable{{"export", "2", 2}}},
		{"names may have digits, dots and hyphens", "A_1.b-c=x", []dotenv.Variable{{"A_1.b-c", "x", 1}}},
		{"the later one counts, in the earlier place", "A=1\nB=2\nA=3", []dotenv.Variable{{"A", "3", 3}, {"B", "2", 2}}},
		{"single quotes", `A='a "b" \n ${HOME} # \' \\'`, []dotenv.Variable{{"A", `a "b" \n ${HOME} # ' \`, 1}}},
		{"double quotes", `A="a 'b' # \n\t\"\\\$\q${HOME}" # more`, []dotenv.Variable{{"A", "a 'b' # \n\t\"\\$\\q/home/u", 1}}},
		{"several lines", "A=\"1\n2\"\nB='3\n\n4'\nC=5", []dotenv.Variable{{"A", "1\n2", 1}, {"B", "3\n\n4", 3}, {"C", "5", 6}}},
		{"a quote inside is no quote", `A=it's "so"`, []dotenv.Variable{{"A", `it's "so"`, 1}}},
		{"a backslash outside of quotes is one", `A=C:\new`, []dotenv.Variable{{"A", `C:\new`, 1}}},
		{"an equals sign in a value", "A=b=c==", []dotenv.Variable{{"A", "b=c==", 1}}},
		{"references", "A=${HOME}/x\nB=${A}:${NONE}:${NONE:-no}:${EMPTY:-was empty}", []dotenv.Variable{{"A", "/home/u/x", 1}, {"B", "/home/u/x::no:was empty", 2}}},
		{"the environment goes before the file", "HOME=/root\nA=${HOME}", []dotenv.Variable{{"HOME", "/root", 1}, {"A", "/home/u", 2}}},
		{"a dollar is a dollar", "A=pa$$w$rd${\nB=${}x${a b}$", []dotenv.Variable{{"A", "pa$$w$rd${", 1}, {"B", "${}x${a b}$", 2}}},
		{"a reference does not go over a line", "A=\"${\n}\"", []dotenv.Variable{{"A", "${\n}", 1}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := dotenv.Parse(tt.text, environ)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"a line without a name", "A=1\n  =2", "2:3: a line is NAME=value, and a name is made of letters, digits and underscores"},
		{"a name that begins with a digit", "1A=2", "1:1: a line is NAME=value, and a name is made of letters, digits and underscores"},
		{"a name alone", "A=1\nexport B\nC=3", "2:9: the name B is not followed by =; a line is NAME=value"},
		{"a name alone at the end", "A", "1:2: the name A is not followed by =; a line is NAME=value"},
		{"YAML", "A: 1", "1:2: the name A is not followed by =; a line is NAME=value"},
		{"a quote without an end", "A=1\nB = \"x\ny", `2:5: the value begins with " and never ends; a quote in a value is \"`},
		{"a quote that ends in a backslash", `A='x\`, `1:3: the value begins with ' and never ends; a quote in a value is \'`},
		{"more after a quoted value", `A="x" y`, "1:7: there is more after the quoted value; a value with quotes in it is quoted as a whole, and a comment begins with #"},
		{"a zero byte", "A=1\nB=x\x00", "2:3: the value of B holds a zero byte, which an environment cannot"},
		{"other than UTF-8", "A=1\nB=\xff", "2:3: the text is not UTF-8"},
		{"a fault behind a byte order mark", "\uFEFF=1", "1:1: a line is NAME=value, and a name is made of letters, digits and underscores"},
		{"expansions without bound", "A=" + strings.Repeat("x", 600_000) + "\nB=${A}\nC=x${A}", "3:4: the values are longer than 1024 KiB with their ${…} expanded"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := dotenv.Parse(tt.text, environ)
			var fault *dotenv.Error
			require.ErrorAs(t, err, &fault)
			assert.Equal(t, tt.want, fmt.Sprintf("%d:%d: %v", fault.Line, fault.Column, err))
		})
	}
}

// FuzzDotenv: Parse never panics; a fault lies in the text; values are texts that
// an environment can hold, in a file's order, no longer in all than the text and
// its expansions; and what it gives reads back as itself when it is quoted.
func FuzzDotenv(f *testing.F) {
	for _, s := range []string{"A=1 # x\nexport B='it\\'s'\n", "A=\"\\n${A:-x}\ny\"", "${", "\uFEFFA=$", "A=${B}\nB=${A}", "x", "A='"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := dotenv.Parse(text, environ)
		if err != nil {
			var fault *dotenv.Error
			require.True(t, errors.As(err, &fault))
			lines := strings.Split(text, "\n")
			require.True(t, 1 <= fault.Line && fault.Line <= len(lines), "line %d", fault.Line)
			require.True(t, 1 <= fault.Column && fault.Column <= len(lines[fault.Line-1])+1, "column %d", fault.Column)
			return
		}
		total := 0
		var again strings.Builder
		for _, v := range got {
			require.NotEmpty(t, v.Name)
			require.True(t, utf8.ValidString(v.Value) && !strings.Contains(v.Value, "\x00"))
			total += len(v.Value)
			again.WriteString(v.Name + "='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v.Value) + "'\n")
		}
		require.LessOrEqual(t, total, len(text)+1<<20)
		same, err := dotenv.Parse(again.String(), environ)
		require.NoError(t, err)
		require.Len(t, same, len(got))
		for i := range got {
			require.Equal(t, [2]string{got[i].Name, got[i].Value}, [2]string{same[i].Name, same[i].Value})
		}
	})
}
