package retort

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/serving"
)

func TestDebugTurnsReloaderAndDebuggerOn(t *testing.T) {
	for _, tt := range []struct {
		name               string
		debug              bool
		options            RunOptions
		reload, debugger   string
		reloads, debugging bool
	}{
		{name: "neither by default"},
		{name: "both in debug mode", debug: true, reloads: true, debugging: true},
		{name: "the environment goes before the debug mode", debug: true, reload: "0", debugger: "no"},
		{name: "the environment turns them on", reload: "1", debugger: "yes", reloads: true, debugging: true},
		{name: "the options go before the environment", options: RunOptions{UseReloader: new(false), UseDebugger: new(true)}, reload: "1", debugger: "0", debugging: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("RETORT_RUN_RELOAD", tt.reload)
			t.Setenv("RETORT_RUN_DEBUGGER", tt.debugger)
			app := New("run")
			app.Config.Set("DEBUG", tt.debug)
			o := app.servingOptions(tt.options)
			assert.Equal(t, tt.reloads, o.UseReloader)
			assert.Equal(t, tt.debugging, o.UseDebugger)
			assert.Equal(t, tt.debug, o.Debug)
			assert.Nil(t, app.frozen.Load(), "the parent of the reloader does not freeze the app")
		})
	}
}

func TestRunOptionsOfTheEnvironment(t *testing.T) {
	list := func(names ...string) string {
		text := ""
		for _, name := range names {
			text += name + string(filepath.ListSeparator)
		}
		return text
	}
	t.Setenv("RETORT_RUN_EXTRA_FILES", list("/a", "", "/b"))
	t.Setenv("RETORT_RUN_EXCLUDE_PATTERNS", list("*.gen.go"))
	t.Setenv("RETORT_RUN_CERT", "c.pem")
	t.Setenv("RETORT_RUN_KEY", "k.pem")
	app := New("run")
	o := app.servingOptions(RunOptions{})
	assert.Equal(t, []string{"/a", "/b"}, o.ExtraFiles[:2])
	assert.Equal(t, []string{"*.gen.go"}, o.ExcludePatterns)
	assert.Equal(t, serving.SSLContext{Cert: "c.pem", Key: "k.pem"}, o.SSLContext)

	o = app.servingOptions(RunOptions{ExtraFiles: []string{"/c"}, ExcludePatterns: []string{}, Cert: "adhoc"})
	assert.Equal(t, "/c", o.ExtraFiles[0])
	assert.NotContains(t, o.ExtraFiles, "/a")
	assert.Empty(t, o.ExcludePatterns)
	assert.Equal(t, serving.SSLContext{Cert: "adhoc"}, o.SSLContext)
}

func TestWhatIsWatchedBesidesTheSource(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"templates", "static", "blog/templates", "blog/static"} {
		require.NoError(t, os.MkdirAll(name, 0o755))
	}
	require.NoError(t, os.WriteFile("config.toml", []byte("COLOR = \"red\"\n"), 0o644))
	require.NoError(t, os.WriteFile("deploy.env", []byte("RETORT_TEST_WATCHED=1\n"), 0o644))
	t.Setenv("RETORT_RUN_DOTENV", "")
	t.Setenv("RETORT_RUN_DOTENV_FILES", "")
	t.Setenv("RETORT_TEST_WATCHED", "")
	require.NoError(t, os.Unsetenv("RETORT_TEST_WATCHED"))
	LoadDotenv("deploy.env")
	assert.Equal(t, "RETORT_TEST_WATCHED", os.Getenv("RETORT_RUN_DOTENV"))

	app := New("run", RootPath(dir))
	app.Config.FromFile("config.toml")
	app.Config.Set("SIZE", 1)
	bp := NewBlueprint("blog", RootPath("blog"), TemplateFolder("templates"), StaticFolder("static"), StaticURLPath("/blog"))
	app.RegisterBlueprint(bp)
	o := app.servingOptions(RunOptions{})
	at := func(names ...string) []string {
		for i, name := range names {
			names[i] = filepath.Join(dir, name)
		}
		return names
	}
	assert.Equal(t, at(".env", ".retortenv", "config.toml", "deploy.env"), o.ExtraFiles)
	assert.Equal(t, at("blog/static", "blog/templates", "static", "templates"), o.RefreshFiles)
	assert.Empty(t, New("run", Files(os.DirFS(dir))).servingOptions(RunOptions{}).RefreshFiles, "embedded files are part of the source")
}
