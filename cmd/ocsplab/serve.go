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
		Short: "Start TLS servers, one for each certificate status and what goes wrong with staples",
		Long: `serve starts TLS servers on loopback, and prints where they are and what each
staples: good; revoked, for each of the ten reasons; unknown; each of the five
errors of a failed responder; nothing; an expired answer; one that is not yet
valid; and, for certificates that are must-staple, good and nothing.

Each server has a certificate of its own, for localhost, 127.0.0.1 and ::1. All
chain to one new root, in root.pem. The answers are valid for a week. SIGINT or
SIGTERM ends the servers and removes root.pem.`,
		Example: "  ocsplab serve\n" +
			"  ocsplab serve --dir . --port 8440     # root.pem here; ports 8440 and up\n" +
			"  ocsplab serve --json >servers.json &  # for scripts",
		Args:                  cobra.NoArgs,
		DisableFlagsInUseLine: true,
	}
	cmd.Flags().StringVar(&flags.dir, "dir", "", "existing `folder` for root.pem (default: a new temporary one)")
	cmd.Flags().IntVar(&flags.port, "port", 0, "first of consecutive ports, one for each server (default: any that are free)")
	cmd.Flags().BoolVar(&flags.json, "json", false, "print JSON in place of the table, once all servers are up")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if last := 65535 - len(scenarios(time.Time{})) + 1; flags.port < 0 || flags.port > last {
			return fmt.Errorf("--port is %d, and the servers need consecutive ports up to 65535; give one from 1 to %d", flags.port, last)
		}
		if err := serve(cmd.Context(), flags, cmd.OutOrStdout()); err != nil {
			return failure{err}
		}
		return nil
	}
	return cmd
}

// serve runs the servers until ctx is done.
func serve(ctx context.Context, flags serveFlags, stdout io.Writer) (err error) {
	l, err := startLab(flags.port)
	if err != nil {
		if flags.port != 0 {
			return fmt.Errorf("%w; choose another --port, or leave it out", err)
		}
		return err
	}
	defer l.Close()

	path, remove, err := writeRoot(flags.dir, l.root.CertPEM())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()

	print := printTable
	if flags.json {
		print = printJSON
	}
	if err := print(stdout, l.describe(path)); err != nil {
		return fmt.Errorf("cannot print what is served: %w", err)
	}
	<-ctx.Done()
	return nil
}

// writeRoot writes root.pem to dir, or to a new private folder if dir is "". It
// returns its absolute path, and a function that removes what it made.
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
			err = nil // somebody cleaned up before us
		}
		if made {
			err = errors.Join(err, os.Remove(dir))
		}
		return err
	}

	// What is there already is somebody else's, and not ours to remove.
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
		err = fmt.Errorf("%s exists; remove it if it is left from an earlier run, or choose another --dir", path)
	default:
		err = fmt.Errorf("%w; --dir is to be a folder that exists and can be written to", err)
	}
	return "", nil, err
}
