// Command ocsplab runs TLS servers in every state of certificate revocation.
//
//	go run ./cmd/ocsplab serve
//
// It exits with 0 after a signal to stop, with 1 after a failure, and with 2
// after wrong usage.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	// root.pem must be removed even if nobody reads our output any more.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), stopSignals(signal.Ignored)...)
	context.AfterFunc(ctx, stop) // a second signal kills the process
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// stopSignals returns the signals that stop the command. It leaves out SIGHUP
// if that is ignored, as it is under nohup.
func stopSignals(ignored func(os.Signal) bool) []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// run runs the command and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:   "ocsplab",
		Short: "A crash-test lab for certificate revocation",
		Long: "ocsplab is a crash-test lab for certificate revocation. It shows how clients handle\n" +
			"certificates that are good, revoked, unknown, or worse.",
		SilenceUsage:       true,
		SilenceErrors:      true,
		DisableSuggestions: true, // they take more than one line
		CompletionOptions:  cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.AddCommand(serveCommand())
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)

	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	text := strings.ReplaceAll(err.Error(), "\n", "; ") // joined errors have several lines
	if _, ok := errors.AsType[failure](err); ok {
		fmt.Fprintf(stderr, "ocsplab: %s\n", strings.TrimPrefix(text, "ocsptest: "))
		return 1
	}
	fmt.Fprintf(stderr, "ocsplab: %s; see %s --help\n", text, cmd.CommandPath())
	return 2
}

// A failure is an error in what the command did. All other errors are about how
// it was called.
type failure struct{ error }
