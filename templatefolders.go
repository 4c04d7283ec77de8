package retort

import "fmt"

// templateFolder is a folder in which templates are looked for.
type templateFolder struct {
	folder
	label string // whose it is: `the app "site"`
}

// templateFolders are the folders of the templates in the order in which they
// are looked into: that of the app, then those of the blueprints as they were
// registered, each once.
//
// Source: Flask: templating.py, DispatchingJinjaLoader.
func (a *App) templateFolders() []templateFolder {
	var all []templateFolder
	if a.templates != "" {
		all = append(all, templateFolder{a.root.sub(a.templates), fmt.Sprintf("the app %q", a.Name)})
	}
	seen := make(map[*Blueprint]bool)
	for _, reg := range a.blueprints {
		if dir := reg.bp.options.templates; dir != "" && !seen[reg.bp] {
			seen[reg.bp] = true
			all = append(all, templateFolder{reg.bp.root.sub(dir), fmt.Sprintf("the blueprint %q", reg.name)})
		}
	}
	return all
}
