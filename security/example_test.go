package security_test

import (
	"fmt"

	"github.com/retort-go/retort/security"
)

// A login that changes old hashes to new ones, when it knows the password.
func ExampleNeedsRehash() {
	stored := "pbkdf2:sha256:1000$saltsaltsaltsalt$f275fb870144cc807c68f6a325360af3078741ce4d833d2915500abd2bb88d00" // by an old Flask app
	password := "password"

	if !security.CheckPasswordHash(stored, password) {
		fmt.Println("wrong name or password")
		return
	}
	if security.NeedsRehash(stored) {
		hash, err := security.HashPassword(password)
		if err != nil {
			fmt.Println(err)
			return
		}
		stored = hash
	}
	fmt.Println(stored[:31], security.CheckPasswordHash(stored, password))
	// Output: $argon2id$v=19$m=19456,t=2,p=1$ true
}

func ExampleSafeRedirectTarget() {
	for _, next := range []string{"/users/7?tab=posts", "//evil.example", "https://evil.example", "https://www.example.com/a"} {
		fmt.Println(security.SafeRedirectTarget(next, "/", "www.example.com"))
	}
	// Output:
	// /users/7?tab=posts
	// /
	// /
	// https://www.example.com/a
}

func ExampleSafeJoin() {
	fmt.Println(security.SafeJoin("/srv/www", "img", "a/../b.png"))
	_, ok := security.SafeJoin("/srv/www", "img", "../secret")
	fmt.Println(ok)
	// Output:
	// /srv/www/img/b.png true
	// false
}

func ExampleSecureFilename() {
	fmt.Println(security.SecureFilename("../../My café.txt"))
	// Output: My_cafe.txt
}
