package tailsampling

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/journal"
)

// victimVariable makes the test binary the process that is killed: it names the folder to work in.
const victimVariable = "ASSAY_TEST_JOURNAL_VICTIM"

// appender is a next consumer that appends what it takes to a file, one span a line.
type appender struct{ file *os.File }

func (a appender) ConsumeTraces(_ context.Context, td ptrace.Traces) error {
	var b strings.Builder
	for _, rs := range td.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, s := range ss.Spans().All() {
				fmt.Fprintf(&b, "%s %s\n", s.TraceID(), s.SpanID())
			}
		}
	}
	_, err := a.file.WriteString(b.String())
	return err
}

// victim samples until it is killed, and says which batches it has taken in. It begins with batch number first, and ends by itself when
// it is told to take none.
func victim(folder string) error {
	out, err := os.OpenFile(filepath.Join(folder, "out"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := out.WriteString("\n"); err != nil { // the last one may have been killed in the middle of a line
		return err
	}
	j, err := journal.Open(journal.Options{Directory: filepath.Join(folder, "journal"), MaxBytes: 16 << 20})
	if err != nil {
		return err
	}
	e := New(configured(func(cfg *Config) {
		cfg.Budget.Value = 100
		cfg.Completion = Completion{Target: 0.99, InitialWait: 200 * time.Millisecond, MinWait: 100 * time.Millisecond, MaxWait: time.Second}
	}), appender{out}, NopObserver{}, time.Now)
	e.UseJournal(j, JournalObserver{Changed: func(err error) { panic(err) }}) // it is large enough
	e.Start()
	first, err := strconv.Atoi(os.Args[len(os.Args)-1])
	for n := first; err == nil && first > 0; n++ {
		if err = e.Consume(context.Background(), numbered(n)); err == nil {
			_, err = fmt.Println(n)
		}
	}
	if err == nil {
		err = e.Shutdown(context.Background())
	}
	return err
}

const spansPerNumber = 20

// numbered is a batch of spans of traces that go on in later batches.
func numbered(n int) ptrace.Traces {
	td := ptrace.NewTraces()
	for i := range spansPerNumber {
		makeBatch(traceID(n/5*7+i%7, 0.5), spec{service: "shop", name: "GET /", end: time.Second, attribute: strings.Repeat("x", 10*i)}).
			ResourceSpans().MoveAndAppendTo(td.ResourceSpans())
		td.ResourceSpans().At(i).ScopeSpans().At(0).Spans().At(0).SetSpanID(numberedSpan(n, i))
	}
	return td
}

func numberedSpan(n, i int) pcommon.SpanID {
	return pcommon.SpanID{byte(n >> 16), byte(n >> 8), byte(n), byte(i), 1}
}

// A process that is killed at any moment, again and again, loses nothing that it has taken in.
func TestKilledProcessLosesNothing(t *testing.T) {
	folder := t.TempDir()
	first, rounds := 1, 12
	if testing.Short() {
		rounds = 3
	}
	acknowledged := map[int]bool{}
	for round := range rounds {
		cmd := exec.Command(os.Args[0], strconv.Itoa(first)) //nolint:noctx,gosec // it is killed below, and is this test
		cmd.Env = append(os.Environ(), victimVariable+"="+folder)
		cmd.Stderr = os.Stderr
		stdout, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		for lines, stop := bufio.NewScanner(stdout), 20+37*round; lines.Scan(); stop-- {
			n, err := strconv.Atoi(lines.Text())
			require.NoError(t, err)
			acknowledged[n] = true
			first = n + 2 // the next one may have been taken in without a word
			if stop == 0 {
				require.NoError(t, cmd.Process.Kill())
			}
		}
		require.Error(t, cmd.Wait(), "it was killed")
	}
	cmd := exec.Command(os.Args[0], "0") //nolint:noctx,gosec // it ends by itself, and is this test
	cmd.Env = append(os.Environ(), victimVariable+"="+folder)
	said, err := cmd.CombinedOutput()
	require.NoError(t, err, string(said))
	require.Zero(t, segments(t, filepath.Join(folder, "journal")), "all was sent")
	b, err := os.ReadFile(filepath.Join(folder, "out"))
	require.NoError(t, err)
	sent := map[string]int{}
	for line := range strings.Lines(string(b)) {
		sent[strings.TrimSpace(line)]++
	}
	require.NotEmpty(t, acknowledged)
	for n := range acknowledged {
		for i := range spansPerNumber {
			require.Positive(t, sent[fmt.Sprintf("%s %s", traceID(n/5*7+i%7, 0.5), numberedSpan(n, i))], "span %d of batch %d", i, n)
		}
	}
	t.Logf("%d batches acknowledged, %d spans sent, %d of them once", len(acknowledged), len(b)/50, len(sent))
}
