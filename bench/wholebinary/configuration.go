package wholebinary

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/assayhq/assay/bench/collector"
	"github.com/assayhq/assay/bench/subject"
)

// sampling is a collector with one subject, or none.
type sampling struct {
	*collector.Collector
	otlp    string // host:port
	metrics string
}

// start starts the binary with files in the folder.
func start(ctx context.Context, binary, folder string, name subject.Name, o subject.Options) (*sampling, error) {
	s := &sampling{}
	var err error
	for _, address := range []*string{&s.otlp, &s.metrics} {
		if *address, err = collector.FreeAddress(); err != nil {
			return nil, err
		}
	}
	text, err := configuration(name, o, s.otlp, s.metrics)
	if err != nil {
		return nil, err
	}
	s.Collector, err = collector.Start(ctx, binary, folder, string(name), text, s.otlp)
	return s, err
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
