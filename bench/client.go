package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
)

// browser is a reader with cookies who does not follow redirects.
type browser struct {
	base string
	c    *http.Client
	from string // X-Forwarded-For, "" for none
}

func newBrowser(addr string) (*browser, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &browser{base: "http://" + addr, c: &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func (b *browser) do(ctx context.Context, method, path string, form url.Values) (status int, header http.Header, body string, err error) {
	var in io.Reader
	if form != nil {
		in = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, b.base+path, in)
	if err != nil {
		return 0, nil, "", err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if b.from != "" {
		req.Header.Set("X-Forwarded-For", b.from)
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := b.c.Do(req)
	if err != nil {
		return 0, nil, "", err
	}
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, res.Header, string(text), errors.Join(err, res.Body.Close())
}

func (b *browser) get(ctx context.Context, path string) (string, http.Header, error) {
	status, h, body, err := b.do(ctx, http.MethodGet, path, nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s answered %d", path, status)
	}
	return body, h, err
}

var (
	hidden = regexp.MustCompile(`<input[^>]*type="hidden"[^>]*>`)
	attr   = regexp.MustCompile(`(name|value)="([^"]*)"`)
)

// fields are the hidden fields of the last form of a page.
func fields(page string) url.Values {
	out := url.Values{}
	start := strings.LastIndex(page, `method="post"`)
	if start < 0 {
		return out
	}
	for _, in := range hidden.FindAllString(page[start:], -1) {
		pair := map[string]string{}
		for _, m := range attr.FindAllStringSubmatch(in, -1) {
			pair[m[1]] = m[2]
		}
		out.Set(pair["name"], pair["value"])
	}
	return out
}

const loginPath = "/dang-nhap"

// officerName is the sample account that the measurements work with.
const officerName = "snv"

// login logs in by the form that people use.
func (b *browser) login(ctx context.Context, password string) error {
	page, _, err := b.get(ctx, loginPath)
	if err != nil {
		return err
	}
	form := fields(page)
	form.Set("ten", officerName)
	form.Set("mat_khau", password)
	status, _, body, err := b.do(ctx, http.MethodPost, loginPath, form)
	if err == nil && status != http.StatusSeeOther {
		err = fmt.Errorf("log-in of %s answered %d: %.300s", officerName, status, body)
	}
	return err
}

// cookies are the header lines of a signed-in reader.
func (b *browser) cookies() string {
	u, err := url.Parse(b.base)
	if err != nil {
		return ""
	}
	parts := []string{}
	for _, c := range b.c.Jar.Cookies(u) {
		parts = append(parts, c.Name+"="+c.Value)
	}
	return "Cookie: " + strings.Join(parts, "; ") + "\r\n"
}
