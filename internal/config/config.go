// Package config reads the settings of a server: a TOML file, the environment over it, secrets from files. Every zero value is usable.
package config

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// Config is all settings. Names in TOML are the lower-case tags; in the environment DINH_ and the path in upper case (DINH_MAIL_HOST); a variable
// with _FILE at its end names a file that holds the value.
type Config struct {
	Data     string   `toml:"data"`                   // the data folder: database, files, keys
	Addr     string   `toml:"addr"`                   // where to listen; default 127.0.0.1:8648
	BaseURL  string   `toml:"base_url"`               // the address people type, for mails, papers and QR codes; default http:// + Addr
	Database string   `toml:"database" secret:"true"` // postgres://…; empty: SQLite in the data folder
	Proxies  []string `toml:"trusted_proxies"`        // networks whose X-Forwarded-For is believed
	LogLevel string   `toml:"log_level"`              // debug, info, warn or error
	Mail     Mail     `toml:"mail"`
	Limits   Limits   `toml:"limits"`
}

// Mail is the way out for mail; without a host mail stays in the outbox and the app shows it.
type Mail struct {
	Host     string `toml:"host"`
	Port     int    `toml:"port"` // default 587
	User     string `toml:"user"`
	Password string `toml:"password" secret:"true"`
	From     string `toml:"from"`
	Plain    bool   `toml:"plain"` // no TLS: for a relay on the same machine only
}

// Limits are sizes that an operator may move.
type Limits struct {
	UploadMB   int `toml:"upload_mb"`    // one file; default 25
	CacheMB    int `toml:"cache_mb"`     // kept pages; default 16
	HashQueue  int `toml:"hash_queue"`   // passwords hashed at once; default 2
	ReadConns  int `toml:"read_conns"`   // database connections for reading; default 8
	SessionDay int `toml:"session_days"` // how long a log-in lasts; default 30
}

// Default fills in what was left out.
func (c *Config) Default() {
	set := func(p *string, v string) {
		if *p == "" {
			*p = v
		}
	}
	num := func(p *int, v int) {
		if *p <= 0 {
			*p = v
		}
	}
	set(&c.Addr, "127.0.0.1:8648")
	set(&c.BaseURL, "http://"+c.Addr)
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	set(&c.LogLevel, "info")
	num(&c.Mail.Port, 587)
	num(&c.Limits.UploadMB, 25)
	num(&c.Limits.CacheMB, 16)
	num(&c.Limits.HashQueue, 2)
	num(&c.Limits.ReadConns, 8)
	num(&c.Limits.SessionDay, 30)
}

// Load reads file (none where "") and lays the environment over it; it does not fill in defaults, so that flags can still come over it.
// An unknown key is an error: a typing fault must not be silent.
func Load(file string, environ []string) (Config, error) {
	var c Config
	if file != "" {
		md, err := toml.DecodeFile(file, &c)
		if err != nil {
			return c, fmt.Errorf("config: %s: %w", file, err)
		}
		if un := md.Undecoded(); len(un) > 0 {
			return c, fmt.Errorf("config: %s: unknown setting %s", file, un[0])
		}
	}
	env := map[string]string{}
	for _, e := range environ {
		k, v, _ := strings.Cut(e, "=")
		if strings.HasPrefix(k, "DINH_") {
			env[k] = v
		}
	}
	return c, overlay(reflect.ValueOf(&c).Elem(), "DINH", env)
}

func overlay(v reflect.Value, prefix string, env map[string]string) error {
	for i := range v.NumField() {
		f := v.Field(i)
		name := prefix + "_" + strings.ToUpper(v.Type().Field(i).Tag.Get("toml"))
		if f.Kind() == reflect.Struct {
			if err := overlay(f, name, env); err != nil {
				return err
			}
			continue
		}
		val, ok := env[name]
		if file, has := env[name+"_FILE"]; has {
			b, err := os.ReadFile(filepath.Clean(file))
			if err != nil {
				return fmt.Errorf("config: %s_FILE: %w", name, err)
			}
			val, ok = strings.TrimRight(string(b), "\r\n"), true
		}
		if !ok {
			continue
		}
		switch f.Kind() {
		case reflect.String:
			f.SetString(val)
		case reflect.Int:
			n, err := strconv.Atoi(val)
			if err != nil {
				return fmt.Errorf("config: %s: not a whole number: %q", name, val)
			}
			f.SetInt(int64(n))
		case reflect.Bool:
			b, err := strconv.ParseBool(val)
			if err != nil {
				return fmt.Errorf("config: %s: not true or false: %q", name, val)
			}
			f.SetBool(b)
		case reflect.Slice:
			var out []string
			for s := range strings.SplitSeq(val, ",") {
				if s = strings.TrimSpace(s); s != "" {
					out = append(out, s)
				}
			}
			f.Set(reflect.ValueOf(out))
		default:
			return fmt.Errorf("config: %s: no such kind of setting", name)
		}
	}
	return nil
}

// Show writes the settings as TOML with secrets hidden.
func (c Config) Show() string {
	hide(reflect.ValueOf(&c).Elem())
	var b bytes.Buffer
	if err := toml.NewEncoder(&b).Encode(c); err != nil {
		return err.Error()
	}
	return b.String()
}

func hide(v reflect.Value) {
	for i := range v.NumField() {
		f := v.Field(i)
		if f.Kind() == reflect.Struct {
			hide(f)
		} else if v.Type().Field(i).Tag.Get("secret") == "true" && f.String() != "" {
			f.SetString("(hidden)")
		}
	}
}
