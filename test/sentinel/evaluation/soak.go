package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/assayhq/assay/internal/sentinel/verify"
	"github.com/assayhq/assay/test/scorecard"
	"github.com/assayhq/assay/test/sentinel/rehearsal"
)

// soakLength is in virtual time.
const soakLength = 72 * time.Hour

// soak lets a healthy pipeline run for three days while everything around it is disturbed: no alarm is right.
func soak(o *options, p *scorecard.Part) error {
	s, err := stream(1)
	if err != nil {
		return err
	}
	t := scorecard.NewTable("vantage", "manifests", "disturbances", "traces delivered", "unknown or not sent", "false alarms")
	var mu sync.Mutex
	alarms := 0
	type run struct {
		vantage rehearsal.Vantage
		direct  bool
	}
	runs := []run{{rehearsal.PipelineEnd, false}, {rehearsal.PipelineEnd, true}, {rehearsal.Jaeger, true}, {rehearsal.Tempo, true}}
	rows := make([][]string, len(runs))
	err = parallel(len(runs), func(i int) error {
		set := rehearsal.Setting{Stream: s, LateAfter: verify.DefaultLateAfter, LostAfter: verify.DefaultLostAfter, Direct: runs[i].direct}
		soaked, err := set.Soak(runs[i].vantage, soakLength, o.seed+uint64(i))
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		if len(soaked.Alarms) > 0 {
			fmt.Fprintln(os.Stderr, runs[i].vantage, soaked.Alarms[0])
		}
		disturbances := 0
		for _, n := range soaked.Disturbances {
			disturbances += n
		}
		road := "through the pipeline"
		if runs[i].direct {
			road = "on a road of their own"
		}
		delivered := soaked.Verdicts[verify.Delivered]
		if delivered < uint64(soakLength.Seconds())/2 {
			return fmt.Errorf("soak at %s: only %d traces were delivered: such a run proves nothing", runs[i].vantage, delivered)
		}
		alarms += len(soaked.Alarms)
		rows[i] = []string{
			string(runs[i].vantage), road, strconv.Itoa(disturbances), strconv.FormatUint(delivered, 10),
			strconv.FormatUint(soaked.Verdicts[verify.Unknown]+soaked.Verdicts[verify.GeneratorGap], 10), strconv.Itoa(len(soaked.Alarms)),
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, row := range rows {
		t.Row(row...)
	}
	p.Target(alarms == 0, "false alarms in 72 h without a fault of the pipeline", "0", "%d in %d runs", alarms, len(runs))
	p.Section("Soak", "One trace a second for 72 h of virtual time, with the default times. Every few minutes something happens that is no fault of the pipeline: "+
		"the generator restarts or is stopped for up to 20 s, the verifier's process is stopped for up to a minute, the wall clock is set ahead or back by up to an hour, "+
		"the backend answers with errors for up to a minute. An alarm is any verdict against the pipeline, or a trace that is called overdue.", t.String())
	return nil
}
