package photo

import (
	"image"
	"image/draw"
)

// shrink makes a picture smaller by averaging: each pixel of the result is the mean of the area that it covers. It reads the source row by row, so that
// beside the source only the result and a few rows are in memory. What is transparent becomes white.
func shrink(src image.Image, width, height int) *image.RGBA {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	dst := image.NewRGBA(image.Rect(0, 0, width, height))
	op := draw.Over
	switch src.(type) {
	case *image.YCbCr, *image.Gray, *image.CMYK: // never transparent
		op = draw.Src
	}
	if w == width && h == height {
		if op == draw.Over {
			draw.Draw(dst, dst.Rect, image.White, image.Point{}, draw.Src)
		}
		draw.Draw(dst, dst.Rect, src, b.Min, op)
		return dst
	}
	columns := make([]span, width)
	for x := range columns {
		columns[x] = covered(x, w, width)
	}
	row := image.NewRGBA(image.Rect(0, 0, w, 1))
	sum := make([]float32, 3*width)
	mean := func(acc []float32, y int) {
		area := float32(w) / float32(width) * float32(h) / float32(height)
		at := dst.PixOffset(0, y)
		for x := range width {
			for c := range 3 {
				dst.Pix[at+4*x+c] = uint8(min(255, acc[3*x+c]/area+0.5))
			}
			dst.Pix[at+4*x+3] = 255
		}
		clear(acc)
	}
	acc, next := make([]float32, 3*width), make([]float32, 3*width)
	for y := range h {
		if op == draw.Over {
			draw.Draw(row, row.Rect, image.White, image.Point{}, draw.Src)
		}
		draw.Draw(row, row.Rect, src, image.Pt(b.Min.X, b.Min.Y+y), op)
		for x, c := range columns {
			var r, g, bl uint32
			for p := row.Pix[4*c.from : 4*c.to]; len(p) >= 4; p = p[4:] {
				r += uint32(p[0])
				g += uint32(p[1])
				bl += uint32(p[2])
			}
			fr, fg, fb := float32(r), float32(g), float32(bl)
			if c.before > 0 {
				p := row.Pix[4*c.from-4:]
				fr += c.before * float32(p[0])
				fg += c.before * float32(p[1])
				fb += c.before * float32(p[2])
			}
			if c.after > 0 {
				p := row.Pix[4*c.to:]
				fr += c.after * float32(p[0])
				fg += c.after * float32(p[1])
				fb += c.after * float32(p[2])
			}
			sum[3*x], sum[3*x+1], sum[3*x+2] = fr, fg, fb
		}
		to, f := share(y, h, height)
		for i := range acc {
			acc[i] += sum[i] * f
			if f < 1 {
				next[i] += sum[i] * (1 - f)
			}
		}
		if after, _ := share(y+1, h, height); y+1 == h || after > to || f < 1 {
			mean(acc, to)
			acc, next = next, acc
		}
	}
	return dst
}

// span is what one of n parts covers of w cells: the whole cells [from, to), and shares of the one before and the one after.
type span struct {
	from, to      int
	before, after float32
}

func covered(x, w, n int) span {
	begin, end := x*w, (x+1)*w // in units of 1/n of a cell
	s := span{from: (begin + n - 1) / n, to: end / n}
	s.before = float32(s.from*n-begin) / float32(n)
	s.after = float32(end-s.to*n) / float32(n)
	return s
}

// share says in which of n parts the cell x of w begins, and how much of it lies there.
func share(x, w, n int) (int, float32) {
	begin, end := x*n, (x+1)*n // in units of 1/w of a part
	at := begin / w
	border := (at + 1) * w
	if end <= border {
		return at, 1
	}
	return at, float32(border-begin) / float32(n)
}

// turn applies an EXIF orientation.
func turn(src *image.RGBA, orientation int) *image.RGBA {
	if orientation < 2 || orientation > 8 {
		return src
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	dw, dh := w, h
	if orientation >= 5 {
		dw, dh = h, w
	}
	dst := image.NewRGBA(image.Rect(0, 0, dw, dh))
	for y := range h {
		for x := range w {
			dx, dy := x, y
			switch orientation {
			case 2:
				dx = w - 1 - x
			case 3:
				dx, dy = w-1-x, h-1-y
			case 4:
				dy = h - 1 - y
			case 5:
				dx, dy = y, x
			case 6:
				dx, dy = h-1-y, x
			case 7:
				dx, dy = h-1-y, w-1-x
			case 8:
				dx, dy = y, w-1-x
			}
			copy(dst.Pix[dst.PixOffset(dx, dy):][:4], src.Pix[src.PixOffset(x, y):][:4])
		}
	}
	return dst
}
