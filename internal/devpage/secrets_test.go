package devpage

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/internal/mask"
	"github.com/retort-go/retort/internal/reloader"
)

// A program reads its files of variables itself: the process that shows what it
// ended with has not got them in its environment.
func TestACrashShowsNoSecretsOfFiles(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	write := func(name, text string) string {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		return filepath.Join(dir, name)
	}
	write(".env", "# for this machine\nexport RETORT_SECRET_KEY=\"key-of-env-1\"\nGREETING=good-day-to-you\n")
	write(".retortenv", "SMTP_PASSWORD=pass-of-retortenv\nthis line is wrong\n")
	t.Setenv("RETORT_ENV_FILE", write("prod.env", "DATABASE_URL=postgres://ada:pass-of-url@db/notes\n"))
	t.Setenv("RETORT_RUN_DOTENV_FILES", filepath.Join(dir, "nowhere.env")+string(filepath.ListSeparator)+write("more.env", "API_TOKEN=token-of-more-2\n"))
	words := "told-by-the-child key-of-env-1 pass-of-retortenv pass-of-url token-of-more-2 good-day-to-you"
	p := &reloader.Problem{Kind: reloader.BootFailed, Exit: "exit status 2", Secrets: []string{"told-by-the-child"}, Output: "panic: " + words + "\n\ngoroutine 1 [running]:\nmain.main()\n\t/x/main.go:7 +0x1\n"}
	text := newProblemView(p, dir).Text()
	assert.Contains(t, text, "panic: "+mask.Hidden+" "+mask.Hidden+" "+mask.Hidden+" "+mask.Hidden+" "+mask.Hidden+" good-day-to-you\n")
	assert.NotContains(t, text, "key-of-env")
}

func TestACrashShowsNoSecretsOfTheSourceBesideIt(t *testing.T) {
	dir := t.TempDir()
	main := filepath.Join(dir, "main.go")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module a\n"), 0o600))
	require.NoError(t, os.WriteFile(main, []byte("package main\n\nfunc main() {\n\tapiToken := \"tok-4711\"\n\tpanic(apiToken)\n}\n"), 0o600))
	p := &reloader.Problem{Kind: reloader.Crashed, Exit: "exit status 2", Output: "panic: tok-4711\n\ngoroutine 1 [running]:\nmain.main()\n\t" + main + ":5 +0x1\n"}
	text := newProblemView(p, dir).Text()
	assert.Contains(t, text, "main.go:5: [hidden]\n")
	assert.NotContains(t, text, "tok-4711")
}
