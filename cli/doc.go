// Package cli is the command line of an app.
//
//	func main() { cli.Main(newApp) }
//
// makes the program answer
//
//	shop run --debug              # the development server
//	shop routes --sort rule       # the rules, and how a URL is matched
//	shop config                   # the settings, and where each comes from
//	shop create-user --admin ann  # commands of its own, see retort.Command
//
// and version, help and completion. An option can be set in the environment too,
// as RETORT_RUN_PORT is --port of run, and the files .env and .retortenv of the
// working directory are read first, see [Main].
//
// Source: Flask: cli.py.
package cli
