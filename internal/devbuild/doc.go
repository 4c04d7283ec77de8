// Package devbuild finds the source of the running program and builds it anew,
// with the flags that it was built with.
package devbuild
