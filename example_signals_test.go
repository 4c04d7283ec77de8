package retort_test

import (
	"context"
	"fmt"

	"github.com/retort-go/retort"
)

// Whoever is interested connects; who sends knows nothing of them.
func ExampleSignal() {
	type order struct{ id int }
	orderPaid := retort.NewSignal[order]("order-paid")

	app := retort.New("shop")
	app.Post("/pay/<int:id>")(func(c *retort.Context, id int) string {
		orderPaid.Send(c.App, order{id})
		return "thank you"
	})

	disconnect := orderPaid.Connect(func(_ any, o order) { fmt.Println("packing order", o.id) })
	app.TestClient().Post("/pay/7")
	disconnect()
	app.TestClient().Post("/pay/8") // nobody packs it
	// Output: packing order 7
}

// On a server of one's own the app is started and shut down by hand; Run does
// both.
func ExampleApp_Startup() {
	app := retort.New("notes")
	app.OnStartup(func(context.Context) error { fmt.Println("the database is open"); return nil })
	app.OnShutdown(func(context.Context) error { fmt.Println("the database is closed"); return nil })

	ctx := context.Background()
	if err := app.Startup(ctx); err != nil {
		fmt.Println(err)
		return
	}
	app.Go(func(ctx context.Context) {
		<-ctx.Done()
		fmt.Println("the mail is sent")
	})
	if err := app.Shutdown(ctx); err != nil {
		fmt.Println(err)
	}
	// Output:
	// the database is open
	// the mail is sent
	// the database is closed
}
