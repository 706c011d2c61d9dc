package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/assayhq/assay/internal/migrate"
)

const migrateLong = `Migrate turns the tail_sampling processors of a collector configuration into smart_tail_sampling. It prints the new
configuration on standard output, and on standard error what became of each policy and each option, with its line:

  same     the same traces are kept
  differs  other traces may be kept, or at another time; it says in which case
  lost     there is no counterpart, or tail_sampling itself would not have started with it

The rest of the file stays as it is, with its comments. Pipelines refer to the new name. A configuration may refer to the
environment; where a policy depends on a value that is known only when the collector starts, this is said.

tail_sampling drops what no policy samples. Here 1 % of these are kept, evenly, so that counts of all traces can be estimated
from what is kept; --rest changes the share, and with --rest 0 they are dropped too.

Exit codes:
  0    migrated; with --strict: and every decision is the same
  1    migrated, but something has no counterpart; with --strict: or decisions differ
  2    wrong usage, or a file that is no configuration or has no tail_sampling; nothing is written`

const migrateExample = `  assayctl migrate collector.yaml > new.yaml
  assayctl migrate --in-place collector.yaml
  assayctl migrate --strict --rest 0 --json - < collector.yaml`

// migrateOptions is the command line.
type migrateOptions struct {
	rest    float64
	out     string
	inPlace bool
	strict  bool
	json    bool
}

func newMigrateCommand(s streams) *cobra.Command {
	o := migrateOptions{rest: migrate.DefaultRest}
	cmd := &cobra.Command{
		Use:     "migrate FILE",
		Short:   "Turn a tail_sampling configuration into smart_tail_sampling",
		Long:    migrateLong,
		Example: migrateExample,
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return o.run(args[0], s) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.Float64Var(&o.rest, "rest", o.rest, "`SHARE` of the traces that no policy samples which is kept all the same")
	f.StringVarP(&o.out, "out", "o", "", "write the configuration to `FILE` instead of standard output")
	f.BoolVarP(&o.inPlace, "in-place", "i", false, "write the configuration to the file that it came from")
	f.BoolVar(&o.strict, "strict", false, "fail when decisions differ, too")
	f.BoolVar(&o.json, "json", false, "list the differences as JSON")
	cmd.MarkFlagsMutuallyExclusive("out", "in-place")
	return cmd
}

func (o *migrateOptions) run(file string, s streams) error {
	fail := func(err error) error { return &exitError{exitUsage, fmt.Errorf("%s: %w", file, err)} }
	if o.inPlace && file == "-" {
		return fail(errors.New("standard input cannot be written in place; leave --in-place out"))
	}
	in, err := readBounded(file, s.in)
	if err != nil {
		return fail(err)
	}
	result, err := migrate.Migrate(in, migrate.Options{Rest: o.rest})
	if err != nil {
		return fail(err)
	}
	if o.inPlace {
		o.out = file
	}
	if o.out == "" {
		_, err = s.out.Write(result.Output)
	} else {
		err = replaceFile(o.out, result.Output)
	}
	if err != nil {
		return fail(err)
	}
	if o.json {
		err = writeJSON(s.err, result.Differences)
	} else {
		err = result.WriteText(s.err)
	}
	if err != nil {
		return fail(err)
	}
	if worst := result.Worst(); worst == migrate.Lost || o.strict && worst == migrate.Differs {
		return &exitError{exitFailed, nil}
	}
	return nil
}

// readBounded reads a file, or standard input, up to a little more than the largest configuration.
func readBounded(file string, in io.Reader) ([]byte, error) {
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, errors.Unwrap(err) // the path is said anyway
		}
		defer f.Close()
		in = f
	}
	return io.ReadAll(io.LimitReader(in, migrate.MaxBytes+1))
}

// replaceFile writes a file as a whole or not at all, and keeps its permissions.
func replaceFile(path string, content []byte) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	mode := os.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		if !info.Mode().IsRegular() { // a pipe or a device
			return os.WriteFile(path, content, mode)
		}
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".migrate-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
