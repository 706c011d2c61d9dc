// Package collector runs the collector's binary, to be measured.
package collector

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/assayhq/assay/bench/workload"
)

// Collector is a started process.
type Collector struct {
	cmd    *exec.Cmd
	log    *os.File
	exited chan struct{} // closed when the process has ended
	ended  error         // how it ended, once exited is closed
}

// Start starts the binary with a configuration, its files in folder under a name, and waits until it listens at an address.
func Start(ctx context.Context, binary, folder, name, configuration, address string) (*Collector, error) {
	file := filepath.Join(folder, name+".yaml")
	err := os.WriteFile(file, []byte(configuration), 0o600)
	if err != nil {
		return nil, fmt.Errorf("collector configuration: %w", err)
	}
	c := &Collector{exited: make(chan struct{})}
	if c.log, err = os.Create(filepath.Join(folder, name+".log")); err != nil {
		return nil, fmt.Errorf("collector log: %w", err)
	}
	c.cmd = exec.Command(binary, "--config", file)
	c.cmd.Stdout, c.cmd.Stderr = c.log, c.log
	if err := c.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the collector: %w", err), c.log.Close())
	}
	go func() {
		c.ended = c.cmd.Wait()
		close(c.exited)
	}()
	if err := c.awaitListening(ctx, address); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// FreeAddress finds a port on loopback that nobody listens on.
func FreeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// longestStart is how long the collector may take to listen. Its binary is large; a cold disk is slow.
const longestStart = time.Minute

func (c *Collector) awaitListening(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, longestStart)
	defer cancel()
	var dialer net.Dialer
	for {
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-c.exited:
			return fmt.Errorf("the collector ended before it listened: %w: %s", c.ended, c.tail())
		default:
		}
		if !workload.Pause(ctx, 50*time.Millisecond) {
			return fmt.Errorf("the collector does not listen on %s after %v: %w", address, longestStart, err)
		}
	}
}

// State tells how the process is, with the end of its log.
func (c *Collector) State() string {
	select {
	case <-c.exited:
		return fmt.Sprintf("the collector ended (%v): %s", c.ended, c.tail())
	default:
		return fmt.Sprintf("the collector runs: %s", c.tail())
	}
}

func (c *Collector) tail() []byte {
	b, err := os.ReadFile(c.log.Name())
	if err != nil {
		return []byte(err.Error())
	}
	return bytes.TrimSpace(b[max(0, len(b)-2000):])
}

// PID is that of the process.
func (c *Collector) PID() int { return c.cmd.Process.Pid }

// longestStop is how long the collector may take to end before it is killed.
const longestStop = 30 * time.Second

// Stop ends the process.
func (c *Collector) Stop() error {
	err := c.cmd.Process.Signal(syscall.SIGTERM)
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	late := time.NewTimer(longestStop)
	defer late.Stop()
	select {
	case <-c.exited:
	case <-late.C:
		err = errors.Join(err, fmt.Errorf("the collector did not end within %v after SIGTERM", longestStop), c.cmd.Process.Kill())
		<-c.exited
	}
	return errors.Join(err, c.log.Close())
}
