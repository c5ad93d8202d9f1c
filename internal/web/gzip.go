package web

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
)

// acceptsGzip reports whether the reader's browser takes gzip. "gzip;q=0" is the one refusal that is looked for.
func acceptsGzip(r *http.Request) bool {
	for _, v := range r.Header["Accept-Encoding"] {
		if _, rest, ok := strings.Cut(v, "gzip"); ok {
			rest = strings.TrimSpace(rest)
			return !strings.HasPrefix(rest, ";q=0") || strings.HasPrefix(rest, ";q=0.")
		}
	}
	return false
}

// Pages that are not kept are zipped at the fastest level: a writer from the pool costs little, a new one as much as the page.
var (
	fastZip = sync.Pool{New: func() any { zw, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed); return zw }}
	buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}
)

// maxPooled is the size above which a buffer is left to the garbage collector, so that one great page does not stay in memory.
const maxPooled = 1 << 20

func getBuffer() *bytes.Buffer {
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	return b
}

func putBuffer(b *bytes.Buffer) {
	if b.Cap() <= maxPooled {
		buffers.Put(b)
	}
}

// zipInto writes body, zipped, to dst.
func zipInto(dst *bytes.Buffer, body []byte) {
	zw := fastZip.Get().(*gzip.Writer)
	zw.Reset(dst)
	_, _ = zw.Write(body)
	_ = zw.Close()
	fastZip.Put(zw)
}
