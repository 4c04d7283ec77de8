// Command skeleton keeps notes. It has the command line of an app: go run . help
// tells what it can do.
package main

import "github.com/retort-go/retort/cli"

func main() { cli.Main(newApp) }
