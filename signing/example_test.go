package signing_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/retort-go/retort/signing"
)

// A link to a new password is worth something for a day, and only as such.
func ExampleURLSafeTimedSerializer() {
	links, err := signing.NewURLSafeTimedSerializer("secret key", signing.Salt("password-reset"))
	if err != nil {
		panic(err)
	}
	token, err := links.Dumps(map[string]any{"user": 42})
	if err != nil {
		panic(err)
	}

	var link struct{ User int }
	_, err = links.Loads(token, &link, 24*time.Hour)
	fmt.Println(link.User, err)

	_, err = links.Loads("x"+token, &link, 24*time.Hour)
	var bad *signing.BadSignature
	fmt.Println(errors.As(err, &bad), err)
	// Output:
	// 42 <nil>
	// true bad signature: it does not match
}
