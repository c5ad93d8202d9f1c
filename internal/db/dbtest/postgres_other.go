//go:build !unix

package dbtest

import (
	"errors"
	"testing"
)

type postgres struct{}

func startPostgres() (*postgres, error) {
	return nil, errors.New("only started on Unix")
}

func (p *postgres) create(testing.TB, string) string { return "" }
