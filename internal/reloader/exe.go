package reloader

import "runtime"

// exeSuffix ends the names of programs.
var exeSuffix = map[string]string{"windows": ".exe"}[runtime.GOOS]
