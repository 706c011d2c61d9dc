package tracebuffer

import (
	"bufio"
	"io"
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

func newLines(r io.Reader) *bufio.Scanner {
	s := bufio.NewScanner(r)
	s.Buffer(nil, 64<<20)
	return s
}

// Recorded traces come out as they went in.
func TestRecordedTraces(t *testing.T) {
	for _, name := range []string{"hotrod", "mixed", "tgen"} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t, Options{})
			all := ptrace.NewTraces()
			for _, td := range recorded(t, "../../testdata/traces/"+name+".jsonl.zst") {
				s.add(td)
				td.ResourceSpans().MoveAndAppendTo(all.ResourceSpans())
			}
			requireSame(t, canon(t, all), canon(t, s.decoded()))
		})
	}
}
