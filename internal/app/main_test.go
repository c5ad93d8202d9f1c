package app

import (
	"fmt"
	"os"
	"testing"
)

// TestMain keeps the demonstration that several tests read from in one folder, gone at the end.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "dinh-api-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	apiDir = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}
