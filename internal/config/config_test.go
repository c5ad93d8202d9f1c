package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dinh/internal/config"
)

func TestLayers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, secret := filepath.Join(dir, "dinh.toml"), filepath.Join(dir, "pw")
	write(t, file, "addr = \"127.0.0.1:1\"\n[mail]\nhost = \"a\"\n")
	write(t, secret, "geheim\n")
	c, err := config.Load(file, []string{"DINH_MAIL_HOST=b", "DINH_MAIL_PASSWORD_FILE=" + secret, "DINH_LIMITS_UPLOAD_MB=7", "DINH_TRUSTED_PROXIES=10.0.0.0/8, ::1/128", "PATH=/bin"})
	if err != nil {
		t.Fatal(err)
	}
	c.Default()
	if c.Addr != "127.0.0.1:1" || c.Mail.Host != "b" || c.Mail.Password != "geheim" || c.Limits.UploadMB != 7 || len(c.Proxies) != 2 || c.Limits.CacheMB != 16 || c.BaseURL != "http://127.0.0.1:1" {
		t.Errorf("%+v", c)
	}
	if s := c.Show(); strings.Contains(s, "geheim") || !strings.Contains(s, "(hidden)") {
		t.Error("the secret is shown:", s)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "dinh.toml")
	write(t, file, "adr = \"x\"\n")
	if _, err := config.Load(file, nil); err == nil {
		t.Error("a mistyped setting is silent")
	}
	for _, e := range []string{"DINH_LIMITS_UPLOAD_MB=many", "DINH_MAIL_PLAIN=perhaps", "DINH_DATABASE_FILE=" + dir + "/none"} {
		if _, err := config.Load("", []string{e}); err == nil {
			t.Error(e, "is taken")
		}
	}
}

func TestTheZeroValueIsUsable(t *testing.T) {
	t.Parallel()
	var c config.Config
	c.Default()
	if c.Addr == "" || c.BaseURL == "" || c.Limits.HashQueue < 1 || c.Limits.SessionDay < 1 {
		t.Errorf("%+v", c)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
