package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/xuri/excelize/v2"

	"dinh/internal/civil"
	"dinh/internal/document/docx"
	"dinh/internal/document/pdf"
	"dinh/internal/document/sample"
	"dinh/internal/xlsx"
)

const (
	docPages = 10
	docRows  = 100_000
)

// docs compares a paper of ten pages as PDF with what LibreOffice makes of the same paper's DOCX, where it is installed, and 100,000 rows of a workbook with bare streaming
// by excelize. Each is a process of its own; memory is its highest.
func docs(ctx context.Context, o options, r *report) error {
	dir, err := os.MkdirTemp("", "dinh-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	word := filepath.Join(dir, "word.docx")
	office, err := exec.LookPath("soffice")
	if err != nil {
		r.say("LibreOffice is not installed: PDF is measured without it")
		office = ""
	}
	convert := func(out string) (spent, error) {
		return measure(ctx, office, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--convert-to", "pdf", "--outdir", out, word)
	}
	_, err = measure(ctx, exe, childArg, "docx", word)
	if err != nil {
		return err
	}
	if office != "" {
		_, err = convert(dir) // the first run makes a profile
		if err != nil {
			return err
		}
	}
	var ours, theirs, bare, sheets side
	for range o.rounds {
		s, err := measure(ctx, exe, childArg, "pdf", filepath.Join(dir, "ours.pdf"))
		if err != nil {
			return err
		}
		ours.add(s)
		if office != "" {
			s, err = convert(dir)
			if err != nil {
				return err
			}
			theirs.add(s)
		}
		s, err = measure(ctx, exe, childArg, "xlsx", filepath.Join(dir, "ours.xlsx"))
		if err != nil {
			return err
		}
		sheets.add(s)
		s, err = measure(ctx, exe, childArg, "xlsx-bare", filepath.Join(dir, "bare.xlsx"))
		if err != nil {
			return err
		}
		bare.add(s)
	}
	if office != "" {
		r.ratio("PDF of ten pages / LibreOffice: time", "s", ours.wall, theirs.wall, 0.1, true)
		r.ratio("PDF of ten pages / LibreOffice: memory", "MB", ours.memory, theirs.memory, 0.25, true)
	} else {
		q, m := spreadOf(ours.wall), spreadOf(ours.memory)
		r.say("PDF of ten pages: %s/%s/%s s, %s MB", num(q.min), num(q.med), num(q.max), num(m.med))
	}
	err = sameText(ctx, r, filepath.Join(dir, "ours.pdf"), filepath.Join(dir, "word.pdf"), office != "")
	if err != nil {
		return err
	}
	r.ratio("XLSX of 100,000 rows / bare excelize: time", "s", sheets.wall, bare.wall, 1.5, true)
	r.ratio("XLSX of 100,000 rows / bare excelize: memory", "MB", sheets.memory, bare.memory, 2, true)
	return nil
}

// side is what the rounds of one side spent.
type side struct{ wall, memory []float64 }

func (s *side) add(x spent) {
	s.wall = append(s.wall, x.wall)
	s.memory = append(s.memory, x.memory)
}

// spent is the time of a process in seconds and the most memory that it, or one that it started, had, in MB.
type spent struct{ wall, memory float64 }

func measure(ctx context.Context, name string, args ...string) (spent, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	begun := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(begun).Seconds()
	if err != nil {
		return spent{}, fmt.Errorf("%s %v: %w\n%s", name, args, err, out)
	}
	use, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return spent{}, errors.New("this system does not tell what a process used")
	}
	return spent{took, float64(use.Maxrss) * 1024 / 1e6}, nil
}

// sameText compares the letters that poppler reads out of both files: not the words, which it reads cut in two ("c ủa") out of what LibreOffice stretches. Left out are the numbers
// of pages and the heads of tables, of which there are more where more pages are.
func sameText(ctx context.Context, r *report, ours, theirs string, both bool) error {
	program, err := exec.LookPath("pdftotext")
	if err != nil || !both {
		return nil //nolint:nilerr // nothing to compare with
	}
	var letters [2]map[rune]int
	var pages, sum [2]int
	for i, file := range []string{ours, theirs} {
		out, err := exec.CommandContext(ctx, program, file, "-").Output()
		if err != nil {
			return err
		}
		letters[i] = map[rune]int{}
		for page := range strings.SplitSeq(strings.TrimSuffix(string(out), "\f"), "\f") {
			pages[i]++
			text := strings.Join(strings.Fields(page), "")
			if pages[i] > 1 {
				text = strings.TrimPrefix(text, strconv.Itoa(pages[i]))
			}
			for _, c := range strings.NewReplacer("TT", "", "Đơnvị", "", "Sốliệu", "").Replace(text) {
				letters[i][c]++
				sum[i]++
			}
		}
	}
	equal := "equal"
	if !maps.Equal(letters[0], letters[1]) {
		equal = "DIFFERENT"
		r.missed++
	}
	r.say("text of both: %d letters on %d pages, %d on %d: %s", sum[0], pages[0], sum[1], pages[1], equal)
	return nil
}

// paperTo writes the paper of the measurement.
func paperTo(file, as string) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	p := sample.Long(docPages)
	if as == "docx" {
		err = docx.Write(w, p)
	} else {
		err = pdf.Write(w, p)
	}
	return errors.Join(err, w.Flush())
}

// sheetTo writes our workbook, with styles, frozen head and print set-up.
func sheetTo(file string) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	columns := []xlsx.Column{
		{Head: "TT", Type: xlsx.Int},
		{Head: "Tỉnh"},
		{Head: "Xã"},
		{Head: "Bản"},
		{Head: "Hộ", Type: xlsx.Int},
		{Head: "Người", Type: xlsx.Int},
		{Head: "Tỷ lệ", Type: xlsx.Percent},
		{Head: "Ngày", Type: xlsx.Date},
		{Head: "Có"},
		{Head: "Trạng thái"},
	}
	day := civil.Date("2026-05-15")
	rows := func(yield func([]any, error) bool) {
		for r := range docRows {
			if !yield([]any{r, "Điện Biên", "Xã Mường Phăng", "Bản Nà Nhạn", r * 3, r * 7, xlsx.Share{Part: r, Whole: docRows}, day, "có", "Hoàn thành đúng hạn"}, nil) {
				return
			}
		}
	}
	return xlsx.Book{Title: "Phụ lục", Lang: "vi-VN", Created: day.Time(), Page: "Trang", Sheets: []xlsx.Sheet{{Name: "Phụ lục", Title: "Phụ lục", Columns: columns, Rows: rows}}}.Write(f)
}

// bareSheetTo is the limit: the same values through excelize's stream, without anything else.
func bareSheetTo(file string) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	sw, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	for r := range docRows {
		err = sw.SetRow(fmt.Sprintf("A%d", r+1), []any{r, "Điện Biên", "Xã Mường Phăng", "Bản Nà Nhạn", r * 3, r * 7, float64(r) / docRows, "2026-05-15", "có", "Hoàn thành đúng hạn"})
		if err != nil {
			return err
		}
	}
	err = sw.Flush()
	if err != nil {
		return err
	}
	return f.SaveAs(file)
}
