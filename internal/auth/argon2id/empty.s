// This file lets the Go files of the package declare functions without bodies.
