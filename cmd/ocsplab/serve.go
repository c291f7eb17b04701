package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
)

type serveFlags struct {
	dir  string
	port int
	json bool
}

func serveCommand() *cobra.Command {
	var flags serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Start TLS servers, one for each certificate status and each kind of bad staple",
		Long: `serve starts TLS servers on the loopback address, and prints the URL of each and
what it staples:

  - good
  - revoked, with each of the ten reasons
  - unknown
  - each of the five OCSP errors
  - nothing
  - a response that has expired, and one that is not valid yet
  - for must-staple certificates: good, and nothing

Each server has its own certificate, for localhost, 127.0.0.1 and ::1. They all
chain to one new root, root.pem. It expires after 30 days, and can issue only for
loopback addresses and for names that are reserved for tests. The responses
expire after a week. SIGINT, SIGTERM or SIGHUP stops the servers and removes
root.pem.`,
		Example: "  ocsplab serve\n" +
			"  ocsplab serve --dir . --port 8440     # root.pem here; ports 8440 and up\n" +
			"  ocsplab serve --json >servers.json &  # for scripts",
		Args:                  cobra.NoArgs,
		DisableFlagsInUseLine: true,
	}
	cmd.Flags().StringVar(&flags.dir, "dir", "", "existing `folder` for root.pem (default: a new temporary one)")
	cmd.Flags().IntVar(&flags.port, "port", 0, "first of consecutive ports, one for each server (default: any free ports)")
	cmd.Flags().BoolVar(&flags.json, "json", false, "print JSON instead of a table, once all servers are up")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		n := len(scenarios(time.Time{}))
		if last := 65535 - n + 1; flags.port < 0 || flags.port > last {
			return fmt.Errorf("--port %d: must be from 1 to %d, because %d servers take consecutive ports", flags.port, last, n)
		}
		if err := serve(cmd.Context(), flags, cmd.OutOrStdout(), cmd.ErrOrStderr()); err != nil {
			return failure{err}
		}
		return nil
	}
	return cmd
}

// serve runs the servers until ctx is done.
func serve(ctx context.Context, flags serveFlags, stdout, stderr io.Writer) (err error) {
	l, err := startLab(flags.port)
	if err != nil {
		if flags.port != 0 {
			return fmt.Errorf("%w; choose another --port, or leave it out", err)
		}
		return err
	}
	defer closeLab(l, stderr)

	path, remove, err := writeRoot(flags.dir, l.root.CertPEM())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()

	write := writeTable
	if flags.json {
		write = writeJSON
	}
	if err := write(stdout, l.describe(path)); err != nil {
		return fmt.Errorf("cannot print the servers: %w", err)
	}
	<-ctx.Done()
	return nil
}

// closeLab closes the servers. Clients in the middle of a handshake can delay
// that for some seconds, so it says what it waits for.
func closeLab(l *lab, stderr io.Writer) {
	closed := make(chan struct{})
	go func() {
		l.Close()
		close(closed)
	}()
	select {
	case <-closed:
		return
	case <-time.After(500 * time.Millisecond):
		fmt.Fprintln(stderr, "ocsplab: waiting up to 5 seconds for open connections; a second signal stops at once")
	}
	<-closed
}

// writeRoot writes root.pem to dir, or to a new private folder if dir is "". It
// returns the absolute path, and a function that removes what it made.
func writeRoot(dir string, pem []byte) (path string, remove func() error, err error) {
	made := dir == ""
	if made {
		if dir, err = os.MkdirTemp("", "ocsplab-"); err != nil {
			return "", nil, fmt.Errorf("%w; give a --dir", err)
		}
	} else if dir, err = filepath.Abs(dir); err != nil {
		return "", nil, err
	}
	path = filepath.Join(dir, "root.pem")
	remove = func() error {
		err := os.Remove(path)
		if errors.Is(err, os.ErrNotExist) {
			err = nil
		}
		if made {
			err = errors.Join(err, os.Remove(dir))
		}
		return err
	}

	// A file that is already there is not ours to overwrite or remove.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	switch {
	case err == nil:
		_, err = f.Write(pem)
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, remove())
		}
		return path, remove, err
	case made:
		err = errors.Join(err, os.Remove(dir))
	case errors.Is(err, os.ErrExist):
		err = fmt.Errorf("%s already exists; remove it if an earlier run left it, or choose another --dir", path)
	default:
		err = fmt.Errorf("%w; --dir must name an existing, writable folder", err)
	}
	return "", nil, err
}
