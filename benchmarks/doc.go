// Package benchmarks holds retort beside its peers: the same small applications
// written for each. Its tests are benchmarks; the program in figures measures
// what needs processes and sockets.
package benchmarks
