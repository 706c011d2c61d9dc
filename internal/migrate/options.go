package migrate

import (
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"
)

// options reads what is not a policy.
func (s *section) options(n *yaml.Node) {
	r := &reader{section: resolved(n)}
	if !isNull(r.section) && r.section.Kind != yaml.MappingNode {
		s.add(n.Line, oldType, Lost, "tail_sampling is "+described(r.section), "nothing: it must be a mapping")
		return
	}
	s.wait(r)
	known := map[string]func(*section, *reader, int, string){
		"policies":                          (*section).policyList,
		"decision_wait":                     nil, // by wait
		"decision_wait_after_root_received": (*section).waitAfterRoot,
		"num_traces":                        (*section).numTraces,
		"block_on_overflow":                 (*section).overflow,
		"expected_new_traces_per_sec":       (*section).expectedTraces,
		"decision_cache":                    (*section).cache,
		"tail_storage":                      (*section).storage,
		"sample_on_first_match":             (*section).firstMatch,
		"sampling_strategy":                 (*section).strategy,
		"drop_pending_traces_on_shutdown":   (*section).pending,
		"maximum_trace_size_bytes":          (*section).traceSize,
		"num_shards":                        (*section).shards,
	}
	for _, f := range fields(r.section) {
		key, line := f.key.Value, f.key.Line
		do, ok := known[key]
		switch {
		case !ok:
			s.add(line, key, Lost, "no option of tail_sampling up to v0.161", "nothing")
		case do != nil:
			do(s, r, line, value(f.value))
			s.broken(r, line, key)
		}
	}
}

func value(n *yaml.Node) string {
	if n = resolved(n); n.Kind == yaml.ScalarNode {
		return n.Value
	}
	return described(n)
}

func (s *section) add(line int, subject string, k Kind, was, now string) {
	s.found = append(s.found, Difference{Line: line, Subject: subject, Kind: k, Was: was, Now: now})
}

// broken lists what could not be read of an option.
func (s *section) broken(r *reader, line int, key string) {
	for _, problem := range r.problems {
		s.add(line, key, Lost, problem, "nothing")
	}
	r.problems = nil
}

func (s *section) policyList(r *reader, _ int, _ string) {
	r.list("policies")
}

// wait: decision_wait counts from the first span, and was the only thing that a decision waited for.
func (s *section) wait(r *reader) {
	line := 0
	for _, f := range fields(r.section) {
		if f.key.Value == "decision_wait" {
			line = f.key.Line
			if v := value(f.value); reference.MatchString(v) {
				s.maxWait = v
				s.add(line, "decision_wait", Differs, "decided "+v+" after the first span",
					"decided when the trace is complete, after "+v+" at the latest (completion::max_wait, which must not be less than completion::initial_wait, 10s)")
				return
			}
		}
	}
	const byDefault, longestInitial, shortest = 30 * time.Second, 10 * time.Second, time.Second
	wait, set := r.duration("decision_wait")
	s.broken(r, line, "decision_wait")
	if !set {
		wait = byDefault
	}
	wait = max(wait, shortest)
	s.maxWait = wait.String()
	if wait < longestInitial {
		s.initialWait = wait.String()
	}
	if set {
		s.add(line, "decision_wait", Differs, fmt.Sprintf("decided %v after the first span", wait),
			fmt.Sprintf("decided when the trace is complete, after %v at the latest (completion::max_wait)", wait))
	}
}

func (s *section) waitAfterRoot(_ *reader, line int, v string) {
	s.add(line, "decision_wait_after_root_received", Differs, "decided "+v+" after the root span",
		"not needed: how long traces of a shape take after their root is learned; completion::target says how sure it must be")
}

func (s *section) numTraces(_ *reader, line int, v string) {
	s.add(line, "num_traces", Differs, "up to "+v+" traces in memory",
		"memory is bounded by its size, memory::limit_mib (1024)")
}

func (s *section) overflow(r *reader, line int, _ string) {
	if r.boolean("block_on_overflow") {
		s.add(line, "block_on_overflow", Differs, "at num_traces it took no more spans until a decision made room",
			"at 90 % of memory::limit_mib the oldest traces are decided early, at 100 % senders are told to try again")
		return
	}
	s.add(line, "block_on_overflow", Differs, "at num_traces the oldest trace was dropped without a decision",
		"at 90 % of memory::limit_mib the oldest traces are decided early, and none is dropped without a decision")
}

func (s *section) expectedTraces(_ *reader, line int, _ string) {
	s.add(line, "expected_new_traces_per_sec", Same, "room set aside at the start", "not needed: memory grows as traces come")
}

func (s *section) cache(r *reader, line int, _ string) {
	section := r.below("decision_cache")
	s.cacheKept, s.cacheDropped = section.integer("sampled_cache_size"), section.integer("non_sampled_cache_size")
	r.rest(section)
	s.add(line, "decision_cache", Same, fmt.Sprintf("remembered %d sampled and %d other traces", s.cacheKept, s.cacheDropped),
		"decision_cache::kept and dropped; a size that is not set is 200000 and 2000000")
}

func (s *section) storage(_ *reader, line int, v string) {
	s.add(line, "tail_storage", Lost, "undecided spans were kept in "+v, "nothing: undecided spans are in memory, as bytes")
}

func (s *section) firstMatch(r *reader, line int, _ string) {
	if r.boolean("sample_on_first_match") {
		s.add(line, "sample_on_first_match", Same, "the first policy that sampled decided", "the first rule that matches decides; no policy takes back what another samples")
		return
	}
	s.add(line, "sample_on_first_match", Same, "all policies were asked", "the first rule that matches decides; rules are in an order in which that makes no difference")
}

func (s *section) strategy(r *reader, line int, v string) {
	switch v {
	case "trace-complete":
		s.add(line, "sampling_strategy", Same, "decided on all spans of the trace", "the same")
	case "span-ingest":
		s.add(line, "sampling_strategy", Differs, "decided by the batch that came in, when a policy sampled it",
			"decided when the trace is complete, on all of its spans: conditions that were to be met in one batch may be met anywhere, and spans wait in memory")
	default:
		s.add(line, "sampling_strategy", Lost, v+" is no strategy, and tail_sampling does not start", "nothing")
	}
	r.used = append(r.used, "sampling_strategy")
}

func (s *section) pending(r *reader, line int, _ string) {
	if r.boolean("drop_pending_traces_on_shutdown") {
		s.add(line, "drop_pending_traces_on_shutdown", Lost, "at a shutdown undecided traces were dropped", "nothing: they are all decided")
		return
	}
	s.add(line, "drop_pending_traces_on_shutdown", Same, "at a shutdown undecided traces were decided", "the same")
}

func (s *section) traceSize(_ *reader, line int, v string) {
	if v == "0" {
		s.add(line, "maximum_trace_size_bytes", Same, "no trace was too large", "the same")
		return
	}
	s.add(line, "maximum_trace_size_bytes", Lost, "traces of more than "+v+" bytes were dropped as soon as they were",
		"nothing: they are decided like others; one that costs more than two seconds of a budget is sampled by itself (reason large)")
}

func (s *section) shards(_ *reader, line int, v string) {
	s.add(line, "num_shards", Same, v+" loops, each with a part of num_traces and of the limits", "not needed: intake is spread over the processors, and limits are one")
}
