//go:build !linux

package auth

// lowPriority does nothing where threads have no priority of their own.
func lowPriority() {}
