package wholebinary

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/assayhq/assay/bench/subject"
	"github.com/assayhq/assay/bench/workload"
)

// collector is a started collector process.
type collector struct {
	otlp    string // host:port
	metrics string
	cmd     *exec.Cmd
	log     *os.File
	exited  chan struct{} // closed when the process has ended
	ended   error         // how it ended, once exited is closed
}

// configuration is the pipeline of one subject: OTLP/HTTP in, the sampler, nothing out.
func configuration(name subject.Name, o subject.Options, otlp, metrics string) (string, error) {
	host, port, err := net.SplitHostPort(metrics)
	if err != nil {
		return "", err
	}
	processors, sampler := "", ""
	if name != subject.Input {
		text, err := o.YAML(name)
		if err != nil {
			return "", err
		}
		processors = string(name)
		sampler = "processors:\n  " + processors + ":\n    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ") + "\n"
	}
	return fmt.Sprintf(`receivers:
  otlp: {protocols: {http: {endpoint: %q}}}
%sexporters:
  nop: {}
service:
  telemetry:
    logs: {level: warn}
    metrics: {readers: [{pull: {exporter: {prometheus: {host: %s, port: %s}}}}]}
  pipelines:
    traces: {receivers: [otlp], processors: [%s], exporters: [nop]}
`, otlp, sampler, host, port, processors), nil
}

// startCollector starts the binary with files in the folder and waits until it listens.
func startCollector(ctx context.Context, binary, folder string, name subject.Name, o subject.Options) (*collector, error) {
	otlp, err := freeAddress()
	if err != nil {
		return nil, err
	}
	metrics, err := freeAddress()
	if err != nil {
		return nil, err
	}
	text, err := configuration(name, o, otlp, metrics)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(folder, string(name)+".yaml")
	if err = os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, fmt.Errorf("collector configuration: %w", err)
	}
	c := &collector{otlp: otlp, metrics: metrics, exited: make(chan struct{})}
	if c.log, err = os.Create(filepath.Join(folder, string(name)+".log")); err != nil {
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
	if err := c.awaitListening(ctx); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	return c, nil
}

// freeAddress finds a port on loopback that nobody listens on.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// longestStart is how long the collector may take to listen. Its binary is large; a cold disk is slow.
const longestStart = time.Minute

func (c *collector) awaitListening(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, longestStart)
	defer cancel()
	var dialer net.Dialer
	for {
		conn, err := dialer.DialContext(ctx, "tcp", c.otlp)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-c.exited:
			return fmt.Errorf("the collector ended before it listened: %w: %s", c.ended, c.tail())
		default:
		}
		if !workload.Pause(ctx, 50*time.Millisecond) {
			return fmt.Errorf("the collector does not listen on %s after %v: %w", c.otlp, longestStart, err)
		}
	}
}

// state tells how the process is, with the end of its log.
func (c *collector) state() string {
	select {
	case <-c.exited:
		return fmt.Sprintf("the collector ended (%v): %s", c.ended, c.tail())
	default:
		return fmt.Sprintf("the collector runs: %s", c.tail())
	}
}

func (c *collector) tail() []byte {
	b, err := os.ReadFile(c.log.Name())
	if err != nil {
		return []byte(err.Error())
	}
	return bytes.TrimSpace(b[max(0, len(b)-2000):])
}

func (c *collector) pid() int { return c.cmd.Process.Pid }

// longestStop is how long the collector may take to end before it is killed.
const longestStop = 30 * time.Second

// stop ends the process.
func (c *collector) stop() error {
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
