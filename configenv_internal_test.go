package retort

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/mask"
)

// FuzzPrefixedEnv: no name and no value makes the reader panic; it sets what it
// can use, with its origin, or nothing at all; keys that retort reads keep their
// type, and no secret is printed.
func FuzzPrefixedEnv(f *testing.F) {
	for _, k := range ConfigKeys() {
		f.Add(k.Name, "[\"1\"]", "A__B", "1")
	}
	f.Add("DB", `{"A": {"B": 1}}`, "DB__A__B__C", "x")
	f.Add("DB__A", "null", "DB__A__B", "True")
	f.Add("SECRET_KEY", "hush-hush", "SECRET_KEY_FALLBACKS", `"hush-hush"`)
	f.Fuzz(func(t *testing.T, name1, value1, name2, value2 string) {
		c := newConfig(new(setupLock), new(rootPath))
		before := fmt.Sprint(c)
		err := c.fromEnv([]string{"RETORT_" + name1 + "=" + value1, "RETORT_" + name2 + "=" + value2, "OTHER=1"}, "RETORT")
		if err != nil {
			require.True(t, strings.HasPrefix(err.Error(), "retort: "+err.Origin.String()+": "))
			require.Equal(t, before, fmt.Sprint(c), "nothing is set")
			return
		}
		for key, v := range c.values {
			require.NotEmpty(t, key)
			if known, ok := c.keys[key]; ok && v.value != nil {
				again, err := known.checked(v.value)
				require.NoError(t, err)
				require.Equal(t, v.value, again)
			} else if !ok {
				require.True(t, strings.HasPrefix(v.from.Variable, "RETORT_"))
			}
		}
		for _, e := range c.Describe() {
			if mask.Setting(e.Key) {
				require.Contains(t, []string{unsetValue, mask.Hidden}, e.Value)
			}
		}
	})
}
