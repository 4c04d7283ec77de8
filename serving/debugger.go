package serving

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"os"
	"regexp"
)

// debugPIN is what the debugger asks for.
type debugPIN struct {
	pin    string // "123-456-789"; "off": nothing; "": there is no debugger
	secret []byte // what the debugger signs cookies with
	// failures are the wrong PINs since the parent was started.
	failures int
}

// pinOff as the PIN has the debugger ask for none.
const pinOff = "off"

// newPIN is that of a process that is nobody's child: RETORT_DEBUG_PIN, or one
// that nobody can guess.
//
// Differs from Werkzeug: it is random, and not made of what the machine is and
// has, because that can be found out.
func (o *Options) newPIN() (debugPIN, error) {
	if !o.UseDebugger {
		return debugPIN{}, nil
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	if pin := os.Getenv(envPIN); pin != "" {
		return debugPIN{pin: pin, secret: secret}, checkPIN(pin)
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1e9))
	if err != nil {
		return debugPIN{}, err
	}
	digits := fmt.Sprintf("%09d", n)
	return debugPIN{pin: digits[:3] + "-" + digits[3:6] + "-" + digits[6:], secret: secret}, nil
}

// pinForm is what a PIN looks like. Ten guesses must not find a short one.
var pinForm = regexp.MustCompile(`^[0-9]{2,}(-[0-9]+)*$`)

// minPINDigits is the least number of digits of a PIN.
const minPINDigits = 6

func checkPIN(pin string) error {
	digits := 0
	for _, c := range pin {
		if c >= '0' && c <= '9' {
			digits++
		}
	}
	if pin != pinOff && (!pinForm.MatchString(pin) || digits < minPINDigits) {
		return fmt.Errorf("serving: RETORT_DEBUG_PIN is no PIN: it takes at least %d digits, with dashes between if you like, as in 123-456-789, or off for none", minPINDigits)
	}
	return nil
}

// debuggerPIN is the PIN that the parent has made, or that of a process without
// one. What the user has set is taken out of the environment, where the app could
// show it.
func (o *Options) debuggerPIN() (pin debugPIN, own bool, err error) {
	if o.handed != nil && o.handed.pin.pin != "" {
		return o.handed.pin, false, nil
	}
	pin, err = o.newPIN()
	_ = takeEnv(envPIN)
	return pin, true, err
}

// banner tells of the debugger, as Flask does.
func (p debugPIN) banner(o Options) string {
	switch {
	case !o.UseDebugger:
		return ""
	case p.pin == pinOff:
		return " * Debugger is active!\n * Debugger PIN disabled: this machine's users need none\n"
	}
	return " * Debugger is active!\n * Debugger PIN: " + p.pin + "\n"
}
