package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// Exit codes of every command. Each command's help says what they mean for it.
const (
	exitOK          = 0
	exitFailed      = 1   // the command did its work and the answer is no
	exitUsage       = 2   // the command could not do its work
	exitInterrupted = 130 // as a shell reports a process that ended by SIGINT
)

// streams are the standard streams, so that tests can have their own.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// exitError ends a command with a code. Its err may be nil, when everything has been said.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// execute runs a command line and returns the exit code.
func execute(ctx context.Context, args []string, s streams) int {
	root := newRoot(s) //nolint:contextcheck // cobra hands the context to the commands itself
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	var exit *exitError
	if errors.As(err, &exit) {
		if exit.err != nil {
			fmt.Fprintf(s.err, "assayctl: %v\n", exit.err)
		}
		return exit.code
	}
	// From cobra: an unknown command, a wrong flag.
	fmt.Fprintf(s.err, "assayctl: %v\nRun '%s --help' for usage.\n", err, cmd.CommandPath())
	return exitUsage
}

func newRoot(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "assayctl",
		Short: "Companion of the Assay collector",
		Long: `assayctl works with recorded traces and with running collectors.

Every command prints its result on standard output, everything else on standard error.`,
		Example: `  assayctl replay testdata/traces/hotrod.jsonl.zst
  assayctl completion bash > /etc/bash_completion.d/assayctl`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.AddCommand(newReplayCommand(s), newSimulateCommand(s), newDiffCommand(s), newGateCommand(s), newSentinelCommand(s), newMigrateCommand(s), newExplainCommand(s), newVersionCommand(s))
	return root
}
