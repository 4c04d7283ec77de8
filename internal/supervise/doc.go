// Package supervise runs a program that shares its listening socket with the
// process that supervises it: the socket outlives the program.
//
// Two pipes join them. Through the first the supervisor tells the child
// something, a line each, the first before it starts; when it ends, the child is to stop, so that no child
// outlives a supervisor that was killed. Through the second the child says when
// it is ready, and whatever else it has to say.
package supervise
