package gatewaytest

import "slices"

// serverChecks are the checks of servers.
func serverChecks() []check[*Server] {
	return slices.Concat(callChecks(), environChecks(), streamChecks(), startChecks(), restartChecks(),
		chunkChecks(), lengthChecks(), closeChecks(), failureChecks(), extensionChecks())
}
