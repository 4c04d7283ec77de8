package traceback

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const dump = `goroutine 34 [running]:
main.(*store).get(0xc0000140a0, {0x6f1234, 0x3})
	/home/ada/notes/store.go:31 +0x1d
main.show({0x1, 0x2}, 0x7)
	/home/ada/notes/main.go:12 +0x9c
created by net/http.(*Server).Serve in goroutine 1
	/usr/local/go/src/net/http/server.go:3464 +0x485

goroutine 1 [IO wait, 3 minutes]:
internal/poll.runtime_pollWait(0x7f, 0x72)
	/usr/local/go/src/runtime/netpoll.go:351 +0x85
main.main()
	/home/ada/notes/main.go:40 +0x2a

goroutine 9 [chan receive, locked to thread]:
main.worker[...](0x1)
	/home/ada/notes/work.go:7 +0x1
...12 frames elided...
created by main.main
	/home/ada/notes/main.go:35 +0x1

goroutine 8 [chan receive]:
main.worker[...](0xffff)
	/home/ada/notes/work.go:7 +0x33
created by main.main
	/home/ada/notes/main.go:35 +0x1
`

func TestParseGoroutines(t *testing.T) {
	g := ParseGoroutines(dump)
	assert.Equal(t, 4, g.Total)
	assert.Zero(t, g.Omitted)
	require.Len(t, g.Groups, 3)
	assert.Equal(t, Group{
		IDs: []int{34}, State: "running", CreatedBy: "net/http.(*Server).Serve",
		Frames: []Frame{
			{Function: "main.(*store).get", Package: "main", File: "/home/ada/notes/store.go", Line: 31},
			{Function: "main.show", Package: "main", File: "/home/ada/notes/main.go", Line: 12},
		},
	}, g.Groups[0], "the one that asked is the first")
	assert.Equal(t, []int{8, 9}, g.Groups[1].IDs, "then the largest group")
	assert.Equal(t, "chan receive, locked to thread", g.Groups[1].State)
	assert.Equal(t, "main.main", g.Groups[1].CreatedBy)
	assert.Equal(t, "main.worker[...]", g.Groups[1].Frames[0].Name())
	assert.Equal(t, Standard, g.Groups[2].Frames[0].Kind)
}

func TestADumpThatWasCutOff(t *testing.T) {
	for i := range len(dump) {
		g := ParseGoroutines(dump[:i])
		assert.LessOrEqual(t, g.Total, 4)
	}
}

func TestGoroutinesAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 500 {
		fmt.Fprintf(&b, "goroutine %d [select]:\nmain.f()\n\t/a.go:%d +0x1\n\n", i, i)
	}
	b.WriteString("goroutine 900 [select]:\n" + strings.Repeat("main.f()\n\t/b.go:1 +0x1\n", 500))
	g := ParseGoroutines(b.String())
	assert.Equal(t, 501, g.Total)
	assert.Len(t, g.Groups, maxGroups)
	assert.Equal(t, 401, g.Omitted)

	g = ParseGoroutines("goroutine 900 [select]:\n" + strings.Repeat("main.f()\n\t/b.go:1 +0x1\n", 500))
	assert.Len(t, g.Groups[0].Frames, maxGroup)
}

func TestAllGoroutines(t *testing.T) {
	var started, ended sync.WaitGroup
	stop := make(chan struct{})
	for range 200 {
		started.Add(1)
		ended.Go(func() { started.Done(); <-stop })
	}
	started.Wait()
	g := AllGoroutines()
	close(stop)
	ended.Wait()
	assert.GreaterOrEqual(t, g.Total, 201)
	assert.Equal(t, "traceback.AllGoroutines", g.Groups[0].Frames[0].Name())
	found := 0
	for _, group := range g.Groups {
		if strings.Contains(group.Frames[0].Function, "TestAllGoroutines") {
			found = max(found, len(group.IDs))
		}
	}
	assert.Greater(t, found, 150, "they are one group, but for those that have not come to the channel yet")
}

// Whatever the text, no more goroutines are told of than it has headings, and all
// are in a group or counted as omitted.
func FuzzParseGoroutines(f *testing.F) {
	f.Add(dump)
	f.Add("goroutine 1 []:\ncreated by ")
	f.Add("goroutine 1 [x]:\n(((\n\t:\n)))\n\t+0x")
	f.Fuzz(func(t *testing.T, text string) {
		g := ParseGoroutines(text)
		grouped := 0
		for _, group := range g.Groups {
			grouped += len(group.IDs)
		}
		assert.Equal(t, g.Total, grouped+g.Omitted)
		assert.LessOrEqual(t, g.Total, strings.Count(text, "goroutine "))
	})
}
