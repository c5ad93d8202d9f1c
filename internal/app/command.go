package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Command is a change asked for on the command line. It is plain data, so that it can be handed to the server that holds the data folder.
type Command interface {
	// Name is the key under which the server knows the command.
	Name() string
	// Run does it on an open App and writes what there is to say to out.
	Run(ctx context.Context, a *App, p *i18n.Printer, out io.Writer) error
}

// commandKinds makes an empty command of each name, to decode into.
var commandKinds = map[string]func() Command{}

func knowCommand(empty func() Command) { commandKinds[empty().Name()] = empty }

const socketName = "dinh.sock"

// Do runs a command that changes data: here when the data folder is free, through the Unix socket of the server that holds it otherwise.
func Do(ctx context.Context, o Options, c Command, p *i18n.Printer, out io.Writer) error {
	a, err := Open(ctx, o)
	if errors.Is(err, errLocked) {
		return forward(ctx, o.Config.Data, c, p.Lang, out)
	}
	if err != nil {
		return err
	}
	err = c.Run(ctx, a, p, out)
	return errors.Join(err, a.Close())
}

type wireCommand struct {
	Name string          `json:"name"`
	Lang i18n.Lang       `json:"lang"`
	Body json.RawMessage `json:"body"`
}

type wireError struct {
	Kind   errs.Kind    `json:"kind"`
	Msg    i18n.Msg     `json:"msg"`
	Fields []errs.Field `json:"fields,omitempty"`
	Text   string       `json:"text,omitempty"`
}

func forward(ctx context.Context, dir string, c Command, lang i18n.Lang, out io.Writer) error {
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	wire, err := json.Marshal(wireCommand{Name: c.Name(), Lang: lang, Body: body})
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", filepath.Join(dir, socketName))
	}}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://dinh/command", bytes.NewReader(wire))
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return errs.Wrap(errs.Unavailable, err, "command.locked")
	}
	defer res.Body.Close()
	if _, err := io.Copy(out, res.Body); err != nil {
		return err
	}
	said := res.Trailer.Get("Dinh-Error")
	if said == "" {
		if res.StatusCode != http.StatusOK {
			return errs.E(errs.Unavailable, "command.locked")
		}
		return nil
	}
	var we wireError
	if err := json.Unmarshal([]byte(said), &we); err != nil {
		return fmt.Errorf("app: the server's answer cannot be read: %w", err)
	}
	e := &errs.Error{Kind: we.Kind, Msg: we.Msg, Fields: we.Fields}
	if we.Text != "" {
		e.Err = errors.New(we.Text)
	}
	return e
}

// listenCommands takes commands on the folder's Unix socket until ctx ends. Only the owner of the folder may speak to it (mode 0600).
func (a *App) listenCommands(ctx context.Context) (stop func(), err error) {
	path := filepath.Join(a.opts.Config.Data, socketName)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	// The socket gets its name when nobody else may speak to it any more.
	var lc net.ListenConfig
	fresh := path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	ln, err := lc.Listen(ctx, "unix", fresh)
	if err != nil {
		return nil, err
	}
	if err = os.Chmod(fresh, 0o600); err == nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	srv := &http.Server{Handler: http.HandlerFunc(a.serveCommand), ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	go func() {
		if err := srv.Serve(ln); err != nil && !errors.Is(err, http.ErrServerClosed) {
			a.log.ErrorContext(ctx, "command socket", slog.Any("error", err))
		}
	}()
	return func() {
		_ = srv.Close()
		_ = os.Remove(path) // closing removes the name it was made with
	}, nil
}

func (a *App) serveCommand(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Trailer", "Dinh-Error")
	say := func(err error) {
		we := wireError{Kind: errs.KindOf(err), Msg: errs.MsgOf(err), Fields: errs.FieldsOf(err)}
		if we.Kind == errs.Internal {
			we.Text = err.Error()
		}
		b, _ := json.Marshal(we) // keys and plain arguments: nothing that could fail
		w.Header().Set("Dinh-Error", string(b))
	}
	var wire wireCommand
	if err := json.NewDecoder(r.Body).Decode(&wire); err != nil {
		say(err)
		return
	}
	empty, ok := commandKinds[wire.Name]
	if !ok {
		say(errs.E(errs.Usage, "command.unknown", "name", wire.Name))
		return
	}
	c := empty()
	if err := json.Unmarshal(wire.Body, c); err != nil {
		say(err)
		return
	}
	if err := c.Run(r.Context(), a, i18n.For(wire.Lang), flushing{w}); err != nil {
		say(err)
	}
}

// flushing sends each line of progress at once.
type flushing struct{ http.ResponseWriter }

func (f flushing) Write(b []byte) (int, error) {
	n, err := f.ResponseWriter.Write(b)
	if fl, ok := f.ResponseWriter.(http.Flusher); ok {
		fl.Flush()
	}
	return n, err
}
