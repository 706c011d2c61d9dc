package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.opentelemetry.io/collector/confmap"
	"go.yaml.in/yaml/v3"

	"github.com/assayhq/assay/internal/sentinel/backend"
	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/inspect"
	"github.com/assayhq/assay/internal/sentinel/streamconfig"
	"github.com/assayhq/assay/internal/sentinel/topology"
	"github.com/assayhq/assay/internal/sentinel/traffic"
)

const sentinelVerifyLong = `Verify judges the traces of a sentinel afterwards: those in files, or those that a backend has stored.

What must be there is a function of the key and of the streams' configuration, so these two must be those of the generator;
the key comes from the environment variable ASSAY_SENTINEL_KEY or from a file. What the generator sent is told by its
manifests, which travel with the traces: where a sampler has dropped them, nothing is known of the traces.

What a sampler has dropped is not missing if --sampler declares it: with probabilistic:PERCENT[:PRECISION], as in the configuration
of probabilistic_sampler in mode proportional or equalizing, it is known which traces must be there. With tail, that is
smart_tail_sampling, it is not: absent traces are unknown, and those that are there are judged.

Files are read as by replay. At their beginning and end, where traces are cut, nothing is judged (--margin). What
cannot be read in a file, such as a last line that is only half there, is noted and passed over. Of a backend the
time to judge and the instance must be given, the number or the name in the generator's configuration; the collector logs the number.

Exit codes:
  0    all traces of which something is known are as they should be
  1    traces fail
  2    nothing could be judged: wrong usage, no trace of the sentinel, no answer
  130  interrupted`

const sentinelVerifyExample = `  assayctl sentinel verify --sampler tail kept.jsonl.zst
  assayctl sentinel verify --sampler probabilistic:25 sampled.jsonl
  assayctl sentinel verify --streams streams.yaml recorded/*.pb.gz
  assayctl sentinel verify --backend tempo --url http://localhost:3200 --instance 52973 --since 15m --until 2m`

// keyVariable is where the key is, as in the example of the collector's configuration.
const keyVariable = "ASSAY_SENTINEL_KEY"

// verifyOptions are the flags of sentinel verify.
type verifyOptions struct {
	keyFile, topology, streams, sampler string
	output                              string
	margin                              time.Duration
	maxSpans                            int
	addedAttributes                     bool
	kind, url, instance                 string
	since, until                        time.Duration
	share                               float64
	timeout                             time.Duration
}

func newSentinelCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sentinel",
		Short: "Work with the traces of a sentinel",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSentinelVerifyCommand(s))
	return cmd
}

func newSentinelVerifyCommand(s streams) *cobra.Command {
	o := &verifyOptions{}
	cmd := &cobra.Command{
		Use:     "verify [FILE...]",
		Short:   "Check from outside that a sentinel's traces are whole and unchanged",
		Long:    sentinelVerifyLong,
		Example: sentinelVerifyExample,
		RunE: func(cmd *cobra.Command, args []string) error {
			summary, err := o.run(cmd, args, s)
			switch {
			case errors.Is(err, cmd.Context().Err()) && err != nil:
				return &exitError{exitInterrupted, nil}
			case err != nil:
				return &exitError{exitUsage, err}
			}
			if err := o.write(s, summary); err != nil {
				return &exitError{exitUsage, err}
			}
			return verified(summary)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.keyFile, "key-file", "", "`FILE` with the key (default: the variable "+keyVariable+")")
	f.StringVar(&o.topology, "topology", topology.Shop, "the generator's: "+topology.Shop+" or a `FILE`")
	f.StringVar(&o.streams, "streams", "", "YAML `FILE` with the streams section of the generator's configuration (default: that of the receiver)")
	f.BoolVar(&o.addedAttributes, "added-attributes", false, "processors in between add attributes")
	f.StringVar(&o.sampler, "sampler", "", "`SAMPLER` in between: tail or probabilistic:PERCENT[:PRECISION]")
	f.DurationVar(&o.margin, "margin", inspect.DefaultMargin, "of a file: `DURATION` at its beginning and end that is not judged")
	f.IntVar(&o.maxSpans, "max-spans", inspect.DefaultMaxSpans, "of a file: `N` spans of the sentinel are held at most")
	f.StringVar(&o.kind, "backend", "", "`KIND` of a backend to look traces up in: jaeger or tempo")
	f.StringVar(&o.url, "url", "", "`URL` of the backend's query API")
	f.StringVar(&o.instance, "instance", "", "`NAME` or number of the sentinel's instance")
	f.DurationVar(&o.since, "since", 15*time.Minute, "of a backend: judge from so `LONG` ago")
	f.DurationVar(&o.until, "until", 2*time.Minute, "of a backend: judge until so `LONG` ago")
	f.Float64Var(&o.share, "share", 1, "of a backend: `SHARE` of the traces that are looked up")
	f.DurationVar(&o.timeout, "timeout", 10*time.Second, "of one request, `DURATION`")
	outputFlag(cmd, &o.output)
	return cmd
}

func (o *verifyOptions) run(cmd *cobra.Command, args []string, s streams) (*inspect.Summary, error) {
	if (len(args) > 0) == (o.kind != "") {
		return nil, errors.New("name files, or a backend with --backend and --url; not both")
	}
	if o.margin < 0 {
		return nil, fmt.Errorf("--margin: must not be negative, got %v", o.margin)
	}
	key, err := o.key()
	if err != nil {
		return nil, err
	}
	sent, err := o.sent(key)
	if err != nil {
		return nil, err
	}
	sampler, err := samplerOf(o.sampler)
	if err != nil {
		return nil, err
	}
	if o.kind != "" {
		return o.lookUp(cmd.Context(), key, sent, sampler)
	}
	next, stop := inTurn(args, s)
	defer stop()
	return inspect.File(cmd.Context(), inspect.FileConfig{
		Key: key, Streams: sent, Sampler: sampler, Margin: o.margin, MaxSpans: o.maxSpans,
		Lens: backend.Lens{AddsFields: o.addedAttributes, Resolution: time.Nanosecond},
	}, next)
}

// key reads the secret. It is no flag: those are seen by everybody on the machine.
func (o *verifyOptions) key() (*identity.Key, error) {
	secret := os.Getenv(keyVariable)
	if o.keyFile != "" {
		text, err := os.ReadFile(o.keyFile)
		if err != nil {
			return nil, fmt.Errorf("--key-file: %w", err)
		}
		secret = strings.TrimSpace(string(text))
	}
	if secret == "" {
		return nil, fmt.Errorf("the generator's key is missing: set %s, or use --key-file", keyVariable)
	}
	return identity.NewKey(secret)
}

// sent is what the generator sends.
func (o *verifyOptions) sent(key *identity.Key) ([]*traffic.Stream, error) {
	t, err := topology.Load(o.topology)
	if err != nil {
		return nil, fmt.Errorf("--topology: %w", err)
	}
	c := streamconfig.Default()
	if o.streams != "" {
		text, err := os.ReadFile(o.streams)
		if err != nil {
			return nil, fmt.Errorf("--streams: %w", err)
		}
		var section map[string]any
		if err := yaml.Unmarshal(text, &section); err != nil {
			return nil, fmt.Errorf("--streams: %s: %w", o.streams, err)
		}
		if inner, ok := section["streams"].(map[string]any); ok {
			section = inner
		}
		if err := confmap.NewFromStringMap(section).Unmarshal(&c); err != nil {
			return nil, fmt.Errorf("--streams: %s: %w", o.streams, err)
		}
	}
	if err := c.Validate(t); err != nil {
		return nil, fmt.Errorf("--streams: %w", err)
	}
	var out []*traffic.Stream
	for _, config := range c.Streams(t) {
		one, err := traffic.NewStream(key, config)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// instanceOf reads a number, or makes one of a name.
func (o *verifyOptions) instanceOf() (uint16, error) {
	if o.instance == "" {
		return 0, errors.New("--instance: must be set: the name in the generator's configuration, or the number that it logs")
	}
	if number, err := strconv.ParseUint(o.instance, 10, 16); err == nil {
		return uint16(number), nil
	}
	return identity.InstanceOf(o.instance), nil
}

// verified is how the command ends.
func verified(s *inspect.Summary) error {
	switch {
	case s.Failing > 0:
		return &exitError{exitFailed, nil}
	case s.Known == 0 && s.Problem != "":
		return &exitError{exitUsage, fmt.Errorf("nothing could be judged; the backend does not answer: %s", s.Problem)}
	case s.Known == 0:
		return &exitError{exitUsage, errors.New("nothing could be judged: the generator's word is missing. Are instance, streams and time right, and are manifests kept?")}
	}
	return nil
}

// write says what was found.
func (o *verifyOptions) write(s streams, summary *inspect.Summary) error {
	if o.output == outputJSON {
		return writeJSON(s.out, summary)
	}
	const clock = "2006-01-02 15:04:05"
	fmt.Fprintf(s.out, "Traces from %s to %s UTC\n", summary.From.UTC().Format(clock), summary.To.UTC().Format(clock))
	var names []string
	for name := range summary.Verdicts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(s.out, "  %-17s %9d\n", name, summary.Verdicts[name])
	}
	for reason, n := range summary.Reasons {
		fmt.Fprintf(s.out, "unknown: %d because %s\n", n, reason)
	}
	for _, f := range summary.Findings {
		fmt.Fprintf(s.out, "%s  %s  %s  %s  %s\n", f.At.UTC().Format(clock), f.Trace, f.Stream, f.Verdict, f.Detail)
	}
	if more := int(summary.Failing) - len(summary.Findings); more > 0 {
		fmt.Fprintf(s.out, "and %d more\n", more)
	}
	return nil
}
