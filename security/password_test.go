package security_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retort-go/retort/security"
)

// cheap are methods whose costs are low, for tests.
var cheap = []string{
	"scrypt:16:8:1", "pbkdf2:sha256:10", "pbkdf2:sha1:1", "pbkdf2:sha224:3", "pbkdf2:sha384:3", "pbkdf2:sha512:3", "pbkdf2:md5:3",
	"pbkdf2:sha512_256:3", "pbkdf2:sha3_224:3", "pbkdf2:sha3_256:3", "pbkdf2:sha3_384:3", "pbkdf2:sha3_512:3", "argon2id:64:1:4",
}

var oddPasswords = []string{
	"", " ", "secret", "pässwörd☃", "pa\x00ss", "pa\x00", "pa", "\xff\xfe", "e\u0301", "é", "a$b:c", strings.Repeat("x", 72), strings.Repeat("x", 73),
	strings.Repeat("x", 1<<12),
}

func TestOnlyThePasswordThatWasHashedIsRight(t *testing.T) {
	for _, method := range cheap {
		for _, password := range oddPasswords {
			hash, err := security.GeneratePasswordHash(password, method)
			require.NoError(t, err, method)
			assert.True(t, security.CheckPasswordHash(hash, password), "%s %.20q", method, password)
			for _, other := range []string{password + "x", "SECRET", "ñ"} {
				assert.False(t, security.CheckPasswordHash(hash, other), "%s %.20q %.20q", method, password, other)
			}
		}
	}
}

// TestNULsAtTheEnd shows that HMAC, and so scrypt and pbkdf2, fills a password up
// with them. Argon2 does not.
func TestNULsAtTheEnd(t *testing.T) {
	for _, method := range cheap {
		hash, err := security.GeneratePasswordHash("pa", method)
		require.NoError(t, err, method)
		isArgon2id := strings.HasPrefix(method, "argon2id")
		assert.Equal(t, !isArgon2id, security.CheckPasswordHash(hash, "pa\x00"), method)
		assert.False(t, security.CheckPasswordHash(hash, "\x00pa"), method)
	}
}

func TestHashPasswordIsArgon2id(t *testing.T) {
	hash, err := security.HashPassword("secret")
	require.NoError(t, err)
	again, err := security.HashPassword("secret")
	require.NoError(t, err)
	assert.Regexp(t, `^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`, hash)
	assert.NotEqual(t, hash, again, "the salt is random")
	assert.True(t, security.CheckPasswordHash(hash, "secret"))
	assert.False(t, security.CheckPasswordHash(hash, "Secret"))
}

func TestGeneratePasswordHashWritesWerkzeugsFormats(t *testing.T) {
	tests := []struct{ method, want string }{
		{"scrypt", `^scrypt:32768:8:1\$[\w-]{22}\$[0-9a-f]{128}$`},
		{"scrypt:1024:4:2", `^scrypt:1024:4:2\$[\w-]{22}\$[0-9a-f]{128}$`},
		{"pbkdf2", `^pbkdf2:sha256:1000000\$[\w-]{22}\$[0-9a-f]{64}$`},
		{"pbkdf2:sha1:5", `^pbkdf2:sha1:5\$[\w-]{22}\$[0-9a-f]{40}$`},
		{"pbkdf2:sha512:5", `^pbkdf2:sha512:5\$[\w-]{22}\$[0-9a-f]{128}$`},
	}
	for _, tt := range tests {
		hash, err := security.GeneratePasswordHash("secret", tt.method)
		require.NoError(t, err)
		assert.Regexp(t, tt.want, hash)
	}
	standard, err := security.GeneratePasswordHash("secret")
	require.NoError(t, err)
	assert.Regexp(t, tests[0].want, standard)
}

// TestKnownHashes has what Werkzeug and the reference implementation of Argon2
// give.
func TestKnownHashes(t *testing.T) {
	tests := []struct{ name, hash, password string }{
		{"scrypt", "scrypt:32768:8:1$saltsaltsaltsalt$234f21946f762c3628325ffd54a7f4ce07cc44c3d78c5cd8937ad78c512cf39580107a9c35348d30c3c5c7069982e3aec53ea48fb1cdac067de659d73c1917e4", "password"},
		{"scrypt with the default costs unsaid", "scrypt$saltsaltsaltsalt$234f21946f762c3628325ffd54a7f4ce07cc44c3d78c5cd8937ad78c512cf39580107a9c35348d30c3c5c7069982e3aec53ea48fb1cdac067de659d73c1917e4", "password"},
		{"pbkdf2", "pbkdf2:sha256:1000$saltsaltsaltsalt$f275fb870144cc807c68f6a325360af3078741ce4d833d2915500abd2bb88d00", "password"},
		{"pbkdf2 without a salt", "pbkdf2:sha256:10$$d7e962f955477df55d477d94c74c0cd8b8d55f9ac826033985b2b8f49ba6b07c", "pw"},
		{"argon2id, two passes", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password"},
		{"argon2id, two threads", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "password"},
	}
	for _, tt := range tests {
		assert.True(t, security.CheckPasswordHash(tt.hash, tt.password), tt.name)
		assert.False(t, security.CheckPasswordHash(tt.hash, "Password"), tt.name)
	}
}

// brokenHashes are nobody's. Some would take hours, or all memory.
var brokenHashes = []string{
	"", "$", "$$", "$$$$$", "plain$$secret", "md5$salt$abcdef", "sha1$abcd$0e5a", "scrypt", "scrypt$salt",
	"scrypt:1024:8$salt$00", "scrypt:0:8:1$salt$00", "scrypt:1:8:1$salt$00", "scrypt:1000:8:1$salt$00", "scrypt:16:0:1$salt$00", "scrypt:16:8:0$salt$00",
	"scrypt:16:-8:1$salt$00", "scrypt:16:8:1:1$salt$00", "scrypt:x:8:1$salt$00", "scrypt::8:1$salt$00", "scrypt:$salt$00",
	"scrypt:1099511627776:8:1$salt$00", "scrypt:1048576:8:1$salt$00", "scrypt:16:1048576:1$salt$00", "scrypt:16:1:1048576$salt$00", "scrypt:2:65536:65536$salt$00",
	"scrypt:99999999999999999999:8:1$salt$00", "scrypt:16:8:1$salt$zz", "scrypt:16:8:1$salt$0", "scrypt:16:8:1$salt$", "Scrypt:16:8:1$salt$00",
	"pbkdf2:sha256:0$salt$00", "pbkdf2:sha256:-1$salt$00", "pbkdf2:sha256:10000001$salt$00", "pbkdf2:sha256:18446744073709551617$salt$00",
	"pbkdf2:nope:10$salt$00", "pbkdf2::10$salt$00", "pbkdf2:sha256:1:2$salt$00", "pbkdf2:sha256:10$salt$" + strings.Repeat("A", 64), "pbkdf2:sha256:+10$salt$00",
	"argon2id:64:1:1$salt$00", "$argon2id$", "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ", "$argon2id$v=16$m=64,t=1,p=1$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
	"$argon2id$v=19$m=64,t=1$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "$argon2id$v=19$t=1,m=64,p=1$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
	"$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "$argon2id$v=19$m=64,t=4294967295,p=1$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
	"$argon2id$v=19$m=0,t=1,p=1$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
	"$argon2id$v=19$m=64,t=1,p=0$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "$argon2id$v=19$m=65536,t=1,p=256$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
	"$argon2id$v=19$m=7,t=1,p=1$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "$argon2id$v=19$m=64,t=1,p=1$c29t$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
	"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAA", "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ=$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
	"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHR$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "$argon2id$v=19$m=64,t=1,p=1$c29t\nZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
	"$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$T/XOJ2mh1/TIpJHfCdQan76Q5esCFVoT5MAeIM1Oq2E",
}

func TestBrokenHashesAreNobodys(t *testing.T) {
	for _, hash := range brokenHashes {
		for _, password := range []string{"", "secret"} {
			assert.False(t, security.CheckPasswordHash(hash, password), "%q", hash)
		}
		assert.True(t, security.NeedsRehash(hash), "%q", hash)
	}
}

func TestGeneratePasswordHashErrors(t *testing.T) {
	tests := []struct{ method, want string }{
		{"md5", `security: unknown hash method "md5"; there are scrypt, pbkdf2 and argon2id`},
		{"", `security: unknown hash method ""; there are scrypt, pbkdf2 and argon2id`},
		{"scrypt:1:2", `security: scrypt takes three numbers, as in "scrypt:32768:8:1"; there is ["1" "2"]`},
		{"scrypt:1000:8:1", `security: N of scrypt is 1000, which is no power of two greater than one`},
		{"scrypt:1048576:8:1", `security: the costs of scrypt:1048576:8:1 are out of bounds: r and p are from 1 to 1024, and N·r·p is at most 4194304`},
		{"pbkdf2:sha256:1:2", `security: pbkdf2 takes a hash and a number, as in "pbkdf2:sha256:1000000"; there is ["sha256" "1" "2"]`},
		{"pbkdf2:whirlpool", `security: pbkdf2 has no hash "whirlpool"; sha256 is the default`},
		{"pbkdf2:sha256:0", `security: the iterations of pbkdf2 are from 1 to 10000000, not 0`},
		{"argon2id:1", `security: argon2id takes three numbers, as in "argon2id:19456:2:1"; there is ["1"]`},
		{"argon2id:8:1:2", `security: the costs of argon2id:8:1:2 are out of bounds: there are 1 to 64 threads, each with 8 KiB or more; the memory is at most 524288 KiB, and memory times passes at most 4194304 KiB`},
	}
	for _, tt := range tests {
		_, err := security.GeneratePasswordHash("secret", tt.method)
		assert.EqualError(t, err, tt.want)
		assert.PanicsWithValue(t, tt.want, func() { security.NeedsRehash("$$", tt.method) })
	}
	_, err := security.GeneratePasswordHash("secret", "scrypt", "pbkdf2")
	assert.EqualError(t, err, `security: there are 2 hash methods, ["scrypt" "pbkdf2"]; give one, with its costs after colons: "pbkdf2:sha256:1000000"`)
}

func TestTooLongPasswordsAreRefused(t *testing.T) {
	long := strings.Repeat("x", security.MaxPasswordLength+1)
	_, err := security.HashPassword(long)
	require.EqualError(t, err, "security: the password has 1048577 bytes, more than the 1048576 that are hashed; refuse it before, as a 400")
	hash, err := security.GeneratePasswordHash(long[1:], "scrypt:16:1:1")
	require.NoError(t, err)
	assert.True(t, security.CheckPasswordHash(hash, long[1:]))
	assert.False(t, security.CheckPasswordHash(hash, long))
}

func TestNeedsRehash(t *testing.T) {
	const key64, key32 = "234f21946f762c3628325ffd54a7f4ce07cc44c3d78c5cd8937ad78c512cf39580107a9c35348d30c3c5c7069982e3aec53ea48fb1cdac067de659d73c1917e4", "f275fb870144cc807c68f6a325360af3078741ce4d833d2915500abd2bb88d00"
	const phcKey = "$c2FsdHNhbHRzYWx0c2FsdA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	tests := []struct {
		name, hash string
		method     []string
		want       bool
	}{
		{"the recommended one", "$argon2id$v=19$m=19456,t=2,p=1" + phcKey, nil, false},
		{"a higher one", "$argon2id$v=19$m=65536,t=3,p=4" + phcKey, nil, false},
		{"less memory", "$argon2id$v=19$m=19455,t=2,p=1" + phcKey, nil, true},
		{"fewer passes", "$argon2id$v=19$m=47104,t=1,p=1" + phcKey, nil, true},
		{"another method", "scrypt:32768:8:1$salt$" + key64, nil, true},
		{"Werkzeug's default", "scrypt:32768:8:1$salt$" + key64, []string{"scrypt"}, false},
		{"Werkzeug's default, unsaid", "scrypt$salt$" + key64, []string{"scrypt"}, false},
		{"lower than Werkzeug's default", "scrypt:16384:8:1$salt$" + key64, []string{"scrypt"}, true},
		{"another method than Werkzeug's default", "pbkdf2:sha256:1000000$salt$" + key32, []string{"scrypt"}, true},
		{"an old number of iterations", "pbkdf2:sha256:600000$salt$" + key32, []string{"pbkdf2"}, true},
		{"another hash", "pbkdf2:sha512:1000000$salt$" + key64, []string{"pbkdf2"}, true},
		{"as many iterations as wanted", "pbkdf2:sha256:600000$salt$" + key32, []string{"pbkdf2:sha256:600000"}, false},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, security.NeedsRehash(tt.hash, tt.method...), tt.name)
	}
}

func BenchmarkHashPassword(b *testing.B) {
	for b.Loop() {
		if _, err := security.HashPassword("secret"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGeneratePasswordHash(b *testing.B) {
	for _, method := range []string{"scrypt", "pbkdf2", "argon2id"} {
		b.Run(method, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := security.GeneratePasswordHash("secret", method); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
