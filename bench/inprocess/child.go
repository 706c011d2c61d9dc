package inprocess

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
)

// childVariable names the environment variable that makes this program a child: it holds the case as JSON.
const childVariable = "ASSAY_BENCH_CASE"

// IsChild tells whether this process was started to measure one case. The program must then call Child and end.
func IsChild() bool { return os.Getenv(childVariable) != "" }

// Child measures the case that the parent asked for, prints the figures, and returns the exit code.
func Child(ctx context.Context) int {
	if err := child(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func child(ctx context.Context) error {
	var c Case
	if err := json.Unmarshal([]byte(os.Getenv(childVariable)), &c); err != nil {
		return fmt.Errorf("%s: %w", childVariable, err)
	}
	figures, err := c.Run(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(figures)
}

// InChild measures the case in a fresh process of this program.
func (c Case) InChild(ctx context.Context) (Figures, error) {
	spec, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(os.Environ(), childVariable+"="+string(spec), "GOMAXPROCS="+strconv.Itoa(c.Procs))
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", c.Name(), err, bytes.TrimSpace(errs.Bytes()))
	}
	var figures Figures
	if err := json.Unmarshal(out.Bytes(), &figures); err != nil {
		return nil, fmt.Errorf("%s: figures: %w", c.Name(), err)
	}
	return figures, nil
}
