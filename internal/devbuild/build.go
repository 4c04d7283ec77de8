package devbuild

import (
	"context"
	"os"
	"slices"

	"github.com/retort-go/retort/internal/process"
)

// Build builds the program into the file output. When it cannot be compiled the
// error is a *[Failure]; when ctx is done it is that of ctx.
func (p *Program) Build(ctx context.Context, output string) error {
	args := slices.Concat([]string{"build", "-o", output}, p.Flags, p.packages())
	text, err := p.command(ctx, args...)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return newFailure(p.Dir, text, err)
	}
	return nil
}

// command runs the go command and gives what it wrote.
func (p *Program) command(ctx context.Context, args ...string) (string, error) {
	cmd := process.Command(ctx, "go", args...)
	cmd.Dir = p.Dir
	cmd.Env = append(os.Environ(), p.Env...)
	text, err := cmd.CombinedOutput()
	return string(text), err
}
