package urlmap

// ASCIIHost returns a host name, without a port, in lower case and with its
// labels in punycode, as DNS and the Domain attribute of a cookie take it.
// A name that no DNS can hold is an error.
func ASCIIHost(host string) (string, error) {
	ascii, err := asciiHost(host)
	if err != nil {
		return "", &HostError{Host: host, Reason: err.Error()}
	}
	return ascii, CheckHost(ascii)
}
