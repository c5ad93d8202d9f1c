//go:build !linux

package auth

// goLast does nothing where threads have no priority of their own.
func goLast() {}
