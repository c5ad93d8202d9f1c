//go:build ignore

// Cut takes the rows of Điện Biên out of the files of the whole country: its communes from 1/7/2025 and what its communes of 2021 became.
package main

import (
	"compress/gzip"
	"encoding/csv"
	"log"
	"os"
)

const province = "11"

func main() {
	codes := map[string]bool{province: true}
	var units [][]string
	for i, r := range read("testdata/units-vietnam-2025.csv.gz") {
		if i == 0 || r[0] == province || r[3] == province {
			units = append(units, r)
			codes[r[0]] = true
		}
	}
	write("data/units-2025.csv", units)
	var succ [][]string
	for i, r := range read("testdata/successions-vietnam-2025.csv.gz") {
		if i == 0 || codes[r[2]] {
			succ = append(succ, r)
		}
	}
	write("data/successions-2025.csv", succ)
}

func read(name string) [][]string {
	f, err := os.Open(name)
	check(err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	check(err)
	rows, err := csv.NewReader(z).ReadAll()
	check(err)
	return rows
}

func write(name string, rows [][]string) {
	f, err := os.Create(name)
	check(err)
	w := csv.NewWriter(f)
	check(w.WriteAll(rows))
	check(f.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
