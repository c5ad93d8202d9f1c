package attach

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"dinh/internal/i18n"
)

const maxName = 180 // bytes; with what a browser adds it still fits every file system

// cleanName makes what a browser sends as a file's name fit to be stored, shown and sent back: the last part of a path, one form of Unicode, no control
// characters and none that turn the direction of writing, nothing that file systems forbid.
func cleanName(s string) string {
	s = i18n.NFC(strings.ToValidUTF8(s, ""))
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029':
			return -1
		case strings.ContainsRune(`<>:"|?*`, r):
			return '-'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
	s = strings.Trim(strings.Join(strings.Fields(s), " "), ". ")
	ext := path.Ext(s)
	stem := strings.Trim(strings.TrimSuffix(s, ext), ". ")
	if stem == "" && ext != "" && !strings.Contains(s, " ") { // ".pdf" was trimmed to "pdf" above: a name that was only an ending
		stem = "tep"
	}
	if stem == "" {
		stem = "tep"
	}
	if len(ext) > 16 {
		stem, ext = stem+ext, ""
	}
	for len(stem)+len(ext) > maxName {
		_, n := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-n]
	}
	return stem + ext
}

// Header is what an answer that sends the file must say, by name of the header. Files are downloads; pictures and PDF may be shown in place where
// inline is true. Nothing in a file can run: the type is not guessed, and the answer has an origin of its own.
func (f File) Header(inline bool) map[string]string {
	kind := string(f.Type)
	if f.Type == CSV || f.Type == Plain {
		kind += "; charset=utf-8"
	}
	h := map[string]string{
		"Content-Type":                 kind,
		"X-Content-Type-Options":       "nosniff",
		"Cross-Origin-Resource-Policy": "same-origin",
		"ETag":                         `"` + f.SHA256 + `"`,
	}
	shown := inline && (f.Type == PDF || f.Type == JPEG || f.Type == PNG || f.Type == WebP)
	how := "attachment"
	policy := "default-src 'none'; frame-ancestors 'none'; sandbox"
	if shown {
		how = "inline"
		policy = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
		if f.Type == PDF { // browsers do not open their own viewer inside a sandbox
			policy = "default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
		}
	}
	h["Content-Security-Policy"] = policy
	h["Content-Disposition"] = how + `; filename="` + asciiName(f.Name) + `"; filename*=UTF-8''` + percent(f.Name)
	return h
}

// asciiName is the name for programs that do not know filename*.
func asciiName(s string) string {
	ext := path.Ext(s)
	stem := i18n.Slug(strings.TrimSuffix(s, ext))
	if stem == "" {
		stem = "tep"
	}
	if ext = i18n.Slug(ext); ext != "" {
		ext = "." + ext
	}
	return stem + ext
}

// percent encodes all but the attr-char of RFC 8187.
func percent(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!#$&+-.^_`|~", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}
