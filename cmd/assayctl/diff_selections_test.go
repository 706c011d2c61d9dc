package main

import (
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/wire"
)

// till is a minute of orders: each has a tenant, a host and an id, and of those of the slow host most take a second. Spans arrive one
// by one, the slow work after its caller has ended.
func till(t *testing.T, seed uint64, state string) string {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	var lines strings.Builder
	m := ptrace.JSONMarshaler{}
	for i := range 1200 {
		at := monday.Add(time.Duration(i) * 50 * time.Millisecond)
		host, tenant := "host-"+strconv.Itoa(r.IntN(6)), []string{"acme", "globex", "initech"}[r.IntN(3)]
		took := time.Duration((20 + 30*r.Float64()) * float64(time.Millisecond))
		if host == "host-4" && r.Float64() < 0.9 {
			took += time.Second
		}
		for n, service := range []string{"till", "mail"} {
			td := ptrace.NewTraces()
			rs := td.ResourceSpans().AppendEmpty()
			rs.Resource().Attributes().PutStr("service.name", service)
			rs.Resource().Attributes().PutStr("host.name", host)
			sp := rs.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
			var id pcommon.TraceID
			binary.BigEndian.PutUint64(id[:], seed)
			binary.BigEndian.PutUint64(id[8:], uint64(i+1))
			sp.SetTraceID(id)
			sp.SetSpanID([8]byte{byte(n + 1)})
			if n > 0 {
				sp.SetParentSpanID([8]byte{1})
			}
			sp.SetName([]string{"POST /order", "send"}[n])
			start := at.Add(time.Duration(n) * took)
			sp.SetStartTimestamp(pcommon.NewTimestampFromTime(start))
			sp.SetEndTimestamp(pcommon.NewTimestampFromTime(start.Add(15 * time.Millisecond)))
			sp.Attributes().PutStr("order.id", strconv.FormatUint(r.Uint64(), 16))
			sp.Attributes().PutInt("order.bytes", int64(500+r.IntN(4000)))
			if n == 0 {
				sp.Attributes().PutStr("tenant", tenant)
			}
			sp.TraceState().FromRaw(state)
			b, err := m.MarshalTraces(td)
			require.NoError(t, err)
			lines.Write(append(b, '\n'))
		}
	}
	path := filepath.Join(t.TempDir(), "till.jsonl")
	require.NoError(t, os.WriteFile(path, []byte(lines.String()), 0o600))
	return path
}

// Slow traces against the rest: the host that they run on is what tells them apart, which nobody named. No single span is slow.
func TestWhatTellsSlowTracesApart(t *testing.T) {
	file := till(t, 1, "")
	got := assayctl(t, "", "diff", "--b-query", "trace.duration > 500ms", file)
	assert.Equal(t, exitFailed, got.code, got.err)
	assert.Empty(t, got.err)
	for _, want := range []string{
		`^\d+ properties of traces tell B from A \(`, `A +all others `, `B +trace\.duration > 500ms `,
		`What tells B from A\n\n +TRACES WITH.*\n +host\.name = host-4 +\d\.\d\d % +100 % +\+\d\d points \(\d\d to \d\d\) +<0\.0001 +trace `,
		`only the presence and common values were compared: order\.id\.`, `compared in powers of two: order\.bytes\.`,
		`Changes of latency are left out`,
	} {
		assert.Regexp(t, want, got.out)
	}
	assert.NotContains(t, got.out, "tenant = ")

	got = assayctl(t, "", "diff", "--b-query", "trace.duration > 500ms", "-o", "json", till(t, 2, "ot=th:c"))
	var doc wire.Comparison
	require.NoError(t, json.Unmarshal([]byte(got.out), &doc))
	first := doc.SideBySide.Telling[0]
	assert.Equal(t, "host.name host-4", first.Key+" "+first.Value)
	assert.InDelta(t, 1, float64(first.ShareB), 1e-9)
	assert.Greater(t, float64(first.Low), 0.7)
	assert.Equal(t, []string{"order.bytes"}, doc.SideBySide.Captured.Ranges)
	assert.Equal(t, uint64(1200), doc.A.Coverage.Traces+doc.B.Coverage.Traces)
	assert.Zero(t, doc.A.Coverage.WithoutThreshold)
	assert.Contains(t, assayctl(t, "", "diff", "--b-query", "trace.duration > 500ms", "-o", "markdown", file).out, "| host.name = host-4 |")
}

// The usual diff goes along: one tenant's traces against another's differ in nothing but their tenant, unless they do.
func TestTenantAgainstTenant(t *testing.T) {
	file := till(t, 3, "")
	got := assayctl(t, "", "diff", "--a-query", `tenant = "acme"`, "--b-query", `tenant = "globex"`, file)
	assert.Equal(t, exitOK, got.code, got.out)
	assert.Contains(t, got.out, "Nothing that was compared tells B from A")
	assert.Regexp(t, `What they were selected by(.|\n)* tenant = acme +100 % +0\.00 % +-100 points`, got.out)

	got = assayctl(t, "", "diff", "--b-query", `host.name = "host-4"`, file)
	assert.Equal(t, exitFailed, got.code)
	assert.Regexp(t, `How they differ beside that(.|\n)*slower +all traces`, got.out)
}

// Two files give one side each.
func TestSelectionsOfTwoFiles(t *testing.T) {
	before, after := till(t, 4, ""), till(t, 5, "")
	got := assayctl(t, "", "diff", "-o", "json", "--b-query", `host.name = "host-1"`, before, after)
	var doc wire.Comparison
	require.NoError(t, json.Unmarshal([]byte(got.out), &doc), got.err)
	assert.Equal(t, uint64(1200), doc.A.Coverage.Traces, "all of the first")
	assert.Less(t, doc.B.Coverage.Traces, uint64(300))
	got = assayctl(t, "", "diff", "-o", "json", "--a-query", `host.name = "host-2"`, "--b-query", `host.name = "host-1"`, before, after)
	require.NoError(t, json.Unmarshal([]byte(got.out), &doc), got.err)
	assert.Less(t, doc.A.Coverage.Traces, uint64(300))
}

func TestSelectionsThatCannotBeCompared(t *testing.T) {
	file := till(t, 6, "")
	saved := save(t, file)
	for _, tt := range []struct {
		args []string
		err  string
	}{
		{[]string{"--a-query", "a = 1", file}, "--a-query: takes --b-query too"},
		{[]string{"--b-query", "", file}, "--b-query: query: column 1: expected a key"},
		{[]string{"--a-query", "a =", "--b-query", "b = 1", file}, "--a-query: query: column 4: expected"},
		{[]string{"--b-query", `tenant = "nobody"`, file}, `--b-query: no trace of ` + file + ` matches tenant = "nobody"`},
		{[]string{"--b-query", `service = "till"`, file}, "--b-query: every trace of " + file + ` matches service = "till", so that there is nothing to compare them with; choose fewer`},
		{[]string{"--a-query", `tenant = "acme"`, "--b-query", `tenant != "globex"`, file}, `--a-query: no trace of ` + file + ` matches tenant = "acme", but such as match --b-query as well`},
		{[]string{"--b-query", "b = 1", saved}, saved + ": is a snapshot, which holds sums, not spans to choose from with --b-query; name the recording"},
		{[]string{"--b-query", "b = 1", "-"}, "is read twice, which standard input cannot"},
		{[]string{"--b-query", "b = 1", "nowhere.jsonl"}, "nowhere.jsonl: no such file"},
		{[]string{"--b-query", "b = 1", "--history", file, "--history", file, file}, "--history: is about whole windows; leave it out with --b-query"},
		{[]string{"--b-query", "b = 1", "--save", "x", file}, "--save: is about whole windows"},
		{[]string{"--b-query", "b = 1", "--url", "http://localhost:4000", file}, "--b-query: a collector holds sums of windows, not spans to choose from"},
		{[]string{"--side-by-side", file, file}, "--side-by-side: compares two queries of a collector; name it with --url"},
		{[]string{"--b-query", "b = 1"}, "accepts between 1 and 2 arg(s)"},
	} {
		got := assayctl(t, "", append([]string{"diff"}, tt.args...)...)
		assert.Equal(t, exitUsage, got.code, tt.args)
		assert.Contains(t, got.err, tt.err)
	}
	got := assayctl(t, "", "gate", "--b-query", "b = 1", file, file)
	assert.Contains(t, got.err, "unknown flag: --b-query")
}
