// Command ocsplab shows clients what certificate revocation looks like.
//
//	go run ./cmd/ocsplab serve
//
// It exits with 0 when a signal ends it, with 1 when something fails, and with
// 2 when it was called wrongly.
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
	// Who reads our output may go away; what we made is to be removed all the same.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal does not wait
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the command. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:   "ocsplab",
		Short: "A crash-test lab for certificate revocation",
		Long: "ocsplab is a crash-test lab for certificate revocation: servers whose certificates are\n" +
			"good, revoked, unknown, or worse, for trying what a client makes of them.",
		SilenceUsage:       true,
		SilenceErrors:      true,
		DisableSuggestions: true, // an error is one line
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
	text := strings.ReplaceAll(err.Error(), "\n", "; ") // of joined errors
	if _, ok := errors.AsType[failure](err); ok {
		fmt.Fprintf(stderr, "ocsplab: %s\n", text)
		return 1
	}
	fmt.Fprintf(stderr, "ocsplab: %s; see %s --help\n", text, cmd.CommandPath())
	return 2
}

// A failure is an error of what the command did. All other errors are of how
// it was called.
type failure struct{ error }
