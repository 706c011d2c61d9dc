package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/assayhq/assay/internal/replay"
	"github.com/assayhq/assay/internal/terminal"
)

const replayLong = `Replay sends recorded traces to an OTLP receiver, at the pace at which they were recorded.

Files hold OTLP traces as the file exporter writes them, JSON lines or length-prefixed protobuf, or one JSON or protobuf
document, plain or compressed with gzip or zstd; the content tells, not the name. "-" is standard input. Several files
are one recording and are merged by time.

Without an endpoint, replay sends over gRPC to localhost:4317. Port 4317 means gRPC and 4318 HTTP; of other ports
http://HOST:PORT means HTTP and HOST:PORT gRPC. TLS is on for https:// and for hosts other than this one.

By default the recording runs ten times faster than it was made (--speed 10; 1 is real time, --max as fast as the receiver
takes it). Time stamps are moved so that a trace ends about when it is sent; what it tells within itself stays. At --speed 1
the whole recording is moved as one.

Where the collector's own metrics can be read (--decisions) and smart_tail_sampling is in a pipeline, replay then waits
until everything is decided, and says how much was kept, why, and whether the kept traces add up to what came in.

Exit codes:
  0    every span was accepted
  1    spans were refused, or a file could not be read whole, or there was nothing to send
  2    wrong usage, or the receiver could not be reached
  130  interrupted; the summary tells how far it came`

const replayExample = `  assayctl replay testdata/traces/hotrod.jsonl.zst
  assayctl replay --max --endpoint http://localhost:4318 traces.jsonl
  assayctl replay --max --repeat 100 --new-ids recorded/*.pb.gz
  kubectl exec collector-0 -- cat /data/traces.jsonl | assayctl replay --speed 1 -
  assayctl replay --endpoint https://otlp.example.com --header "Authorization=Bearer $TOKEN" traces.jsonl.zst`

func newReplayCommand(s streams) *cobra.Command {
	cfg := replay.NewConfig()
	cfg.Client.UserAgent = "assayctl/" + readVersion().Version
	var (
		output     string
		full       bool // --max
		noRebase   bool
		quiet      bool
		protocol   string
		metrics    string
		requestKiB = cfg.MaxRequestBytes >> 10
		recordMiB  = cfg.MaxRecordBytes >> 20
	)
	cmd := &cobra.Command{
		Use:     "replay FILE...",
		Short:   "Send recorded traces to a collector",
		Long:    replayLong,
		Example: replayExample,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg.Files, cfg.Stdin = args, s.in
			cfg.Client.Protocol = replay.Protocol(protocol)
			cfg.MaxRequestBytes, cfg.MaxRecordBytes = requestKiB<<10, recordMiB<<20
			switch {
			case full:
				cfg.Speed = replay.Max
			case cfg.Speed == 0:
				return errors.New("--speed: must be positive; --max is as fast as possible")
			}
			if noRebase {
				cfg.Rebase = false
			}
			if cfg.Repeat != 1 && !cmd.Flags().Changed("new-ids") {
				cfg.NewIDs = true
			}
			if !cmd.Flags().Changed("seed") {
				cfg.Seed = uint64(rand.Uint32()) // trace ids are no secrets
			}
			watch, err := watchDecisions(cmd.Context(), metrics, cfg.Client.Endpoint, cmd.Flags().Changed("decisions"))
			if err != nil {
				return err
			}
			accepted, err := runReplay(cmd.Context(), cfg, s, output, quiet)
			if err != nil || quiet || output != outputText {
				return err
			}
			return watch.write(cmd.Context(), accepted, s)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&cfg.Client.Endpoint, "endpoint", "e", cfg.Client.Endpoint, "where to send to: `HOST:PORT` or a URL")
	f.StringVar(&protocol, "protocol", "", "`NAME` of the transport: grpc or http (default: by the endpoint)")
	f.Float64VarP(&cfg.Speed, "speed", "s", cfg.Speed, "recorded seconds per second, `FACTOR`")
	f.BoolVar(&full, "max", false, "as fast as the receiver takes it, without pauses")
	f.DurationVar(&cfg.MaxGap, "max-gap", 0, "cut longer pauses between two batches to this `DURATION`")
	f.BoolVar(&cfg.Rebase, "rebase", true, "move time stamps to the present")
	f.BoolVar(&noRebase, "no-rebase", false, "keep the recorded time stamps, as --rebase=false")
	f.BoolVar(&cfg.NewIDs, "new-ids", false, "fresh trace ids in every pass, also in links (default with --repeat)")
	f.Uint64Var(&cfg.Seed, "seed", 0, "`NUMBER` that the new ids follow from (default: a random one)")
	f.IntVarP(&cfg.Repeat, "repeat", "n", cfg.Repeat, "number of passes `N`, 0 for no end")
	f.Int64Var(&cfg.LimitSpans, "limit-spans", 0, "stop after `N` spans")
	f.IntVarP(&cfg.Concurrency, "concurrency", "c", cfg.Concurrency, "`N` requests under way at a time; 1 keeps the order of the batches")
	f.StringArrayVarP(&cfg.Client.Headers, "header", "H", nil, "`KEY=VALUE` to send with every request; may be repeated")
	f.BoolVar(&cfg.Client.Insecure, "insecure", false, "send without TLS")
	f.StringVar(&cfg.Client.CAFile, "ca-file", "", "certificate authority of the server, a PEM `FILE`")
	f.StringVar(&cfg.Client.CertFile, "cert-file", "", "client certificate, a PEM `FILE`")
	f.StringVar(&cfg.Client.KeyFile, "key-file", "", "key of the client certificate, a PEM `FILE`")
	f.StringVar(&cfg.Client.ServerName, "server-name", "", "`NAME` that the server's certificate must have")
	f.BoolVar(&cfg.Client.InsecureSkipVerify, "insecure-skip-verify", false, "use TLS but accept any certificate")
	f.StringVar(&cfg.Client.Compression, "compression", cfg.Client.Compression, "of requests, `NAME`: none, gzip or zstd")
	f.DurationVar(&cfg.Client.Timeout, "timeout", cfg.Client.Timeout, "of one request, `DURATION`")
	f.DurationVar(&cfg.Client.RetryFor, "retry-for", cfg.Client.RetryFor, "try a batch again for this `DURATION` while the receiver asks for it or cannot be reached; 0 for never")
	f.IntVar(&requestKiB, "max-request-kib", requestKiB, "cut larger batches, `KIB`")
	f.IntVar(&recordMiB, "max-record-mib", recordMiB, "longest line or message in a file, `MIB`")
	f.BoolVar(&cfg.Strict, "strict", false, "stop at the first line or message that cannot be read")
	f.BoolVarP(&quiet, "quiet", "q", false, "no progress, notes or text summary; errors only")
	f.StringVar(&metrics, "decisions", defaultMetrics, "then say what smart_tail_sampling kept, by the collector's own metrics at this `URL`; \"\" for not")
	outputFlag(cmd, &output)
	cmd.MarkFlagsMutuallyExclusive("max", "speed")
	cmd.MarkFlagsMutuallyExclusive("max", "max-gap")
	cmd.MarkFlagsMutuallyExclusive("rebase", "no-rebase")
	for flag, values := range map[string][]string{"protocol": {"grpc", "http"}, "compression": {"none", "gzip", "zstd"}} {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // fails for unknown flags only
	}
	return cmd
}

// runReplay returns how many spans were accepted.
func runReplay(ctx context.Context, cfg replay.Config, s streams, output string, quiet bool) (accepted int64, err error) {
	if err := cfg.Validate(); err != nil {
		return 0, err
	}
	if !quiet {
		bar := terminal.NewProgress(s.err)
		defer bar.Done()
		cfg.Note = bar.Print
		cfg.Progress = func(st replay.Status) {
			if st.Final {
				bar.Done()
				return
			}
			bar.Set(st.Done, replayStatus(st))
		}
	}
	sum, err := replay.Run(ctx, cfg)
	var connection *replay.ConnectionError
	unconnected := errors.As(err, &connection)
	switch {
	case output == outputJSON:
		err = errors.Join(err, writeJSON(s.out, sum))
	case !quiet && (!unconnected || sum.Accepted > 0):
		err = errors.Join(err, sum.WriteText(s.out))
	}
	switch {
	case unconnected:
		return sum.Accepted, &exitError{exitUsage, err}
	case err != nil:
		return sum.Accepted, &exitError{exitFailed, err}
	case sum.Interrupted:
		return sum.Accepted, &exitError{code: exitInterrupted}
	case sum.Complete():
		return sum.Accepted, nil
	default:
		return sum.Accepted, &exitError{code: exitFailed}
	}
}

// replayStatus is the text beside the progress bar.
func replayStatus(st replay.Status) string {
	parts := []string{fmt.Sprintf("%d spans", st.Accepted)}
	if s := st.Elapsed.Seconds(); s >= 1 {
		parts = append(parts, fmt.Sprintf("%.0f/s", float64(st.Accepted)/s))
	}
	for _, n := range []struct {
		count int64
		name  string
	}{{st.Refused, "refused"}, {st.Retries, "retries"}, {st.Broken, "broken"}} {
		if n.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n.count, n.name))
		}
	}
	if st.Wait >= time.Second {
		parts = append(parts, fmt.Sprintf("next in %v", st.Wait.Round(time.Second)))
	}
	return strings.Join(parts, ", ")
}
