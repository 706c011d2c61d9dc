package watch

import (
	"regexp"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/assayhq/assay/internal/sentinel/identity"
	"github.com/assayhq/assay/internal/sentinel/traffic"
	"github.com/assayhq/assay/internal/sentinel/verify"
)

// stored is a watch over a store named jaeger that is behind a healthy pipeline.
func stored(t *testing.T, share float64) *pipeline {
	t.Helper()
	s := newStore()
	p := watching(t, func(c *Config) {
		c.Backends = []BackendConfig{{Name: "jaeger", Backend: s, Share: share}}
		c.LateAfter, c.LostAfter = verify.DefaultLateAfter, verify.DefaultLostAfter
	})
	p.store = s
	return p.sending(testStream(t, nil))
}

// one says whether a trace is among one in n, by chance.
func oneIn(n byte, span ptrace.Span) bool { return span.TraceID()[7]%n == 0 }

// losing lets the store lose some spans, by the trace and the span's service.
func (p *pipeline) losing(lose func(id identity.TraceID, span ptrace.Span, service string) bool) {
	key, stream := testKey(p.t), testStream(p.t, nil)
	p.store.behind(func(span ptrace.Span) bool {
		id, ours := key.Open(span.TraceID())
		if !ours || traffic.IsManifest(id) {
			return true
		}
		var plan traffic.Trace
		stream.Trace(id, &plan)
		index, _ := key.OpenSpan(id, span.SpanID())
		return !lose(id, span, plan.Spans[index].Service.Name)
	})
}

// What is lost between an exporter and its backend is said in the first sentence, as soon as traces are overdue: who, how much, since when,
// and whose spans; and when it is over, that it is.
func TestWhoLosesWhatSinceWhen(t *testing.T) {
	for name, tc := range map[string]struct {
		lose      func(id identity.TraceID, span ptrace.Span, service string) bool
		low, high float64 // percent
		what      string
		long      bool
	}{
		"a service's spans in a fifth of the traces": {
			func(_ identity.TraceID, span ptrace.Span, service string) bool {
				return oneIn(5, span) && service == "catalog"
			}, 12, 24, "spans of catalog", true,
		},
		"the spans of who calls": {
			func(_ identity.TraceID, span ptrace.Span, service string) bool {
				return oneIn(5, span) && service == "frontend"
			}, 14, 26, "spans of frontend", false,
		},
		"whole traces": {
			func(_ identity.TraceID, span ptrace.Span, _ string) bool { return oneIn(5, span) }, 14, 26, "whole traces", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := stored(t, 1)
				pass(2 * time.Minute)
				require.Equal(t, OK, p.State(), p.Report().Reasons)
				onset := time.Now()
				p.losing(tc.lose)
				p.until(Degraded, time.Minute)
				assert.LessOrEqual(t, time.Since(onset), verify.DefaultLateAfter+4*time.Second)
				assert.Regexp(t, `^The collector is fine; jaeger has lost \d+ of `, p.Report().Summary)
				pass(time.Minute)
				said := regexp.MustCompile(`^The collector is fine; jaeger has lost ([\d.]+) % of the traces since (\S+) UTC: (.*)\.$`).FindStringSubmatch(p.Report().Summary)
				require.NotNil(t, said, p.Report().Summary)
				share, err := strconv.ParseFloat(said[1], 64)
				require.NoError(t, err)
				assert.True(t, share >= tc.low && share <= tc.high, said[1])
				first, err := time.Parse(time.TimeOnly, said[2])
				require.NoError(t, err)
				assert.Less(t, secondsOfDay(first)-secondsOfDay(onset), 3.0, "after the onset")
				assert.GreaterOrEqual(t, secondsOfDay(first)-secondsOfDay(onset), -1.0, "before the onset")
				assert.Equal(t, tc.what, said[3])
				for _, f := range p.Report().Failing {
					assert.Equal(t, overdue, f.Verdict, "nothing is given up yet, and")
					assert.NotEmpty(t, f.Operation)
				}

				if !tc.long {
					p.end()
					return
				}
				// Later it is the last ones that are counted.
				pass(6 * time.Minute)
				assert.Regexp(t, `^The collector is fine; jaeger has lost traces since `+said[2]+` UTC, [\d.]+ % of the traces in the last 5m0s: `, p.Report().Summary)

				end := time.Now()
				p.store.behind(nil)
				pass(verify.DefaultLateAfter + 30*time.Second)
				over := regexp.MustCompile(`^The collector is fine; jaeger lost ([\d.]+) % of the traces from (\S+) UTC to (\S+) UTC: (.*); none of the \d+ traces since\.$`).FindStringSubmatch(p.Report().Summary)
				require.NotNil(t, over, p.Report().Summary)
				last, err := time.Parse(time.TimeOnly, over[3])
				require.NoError(t, err)
				assert.InDelta(t, secondsOfDay(end), secondsOfDay(last), 3)
				p.until(OK, 10*time.Minute)
				assert.Equal(t, "The collector and jaeger are fine.", p.Report().Summary)
				p.end()
			})
		})
	}
}

func secondsOfDay(t time.Time) float64 {
	t = t.UTC()
	return t.Sub(t.Truncate(24 * time.Hour)).Seconds()
}

// Total loss is all traces, and what is listed as overdue says of each kind of request that nothing of it is there.
func TestAllIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := stored(t, 1)
		pass(2 * time.Minute)
		p.losing(func(identity.TraceID, ptrace.Span, string) bool { return true })
		pass(verify.DefaultLateAfter + 10*time.Second)
		assert.Regexp(t, `^The collector is fine; jaeger has lost all traces since \S+ UTC\.$`, p.Report().Summary)
		require.Len(t, p.Report().Failing, 4)
		for _, f := range p.Report().Failing {
			assert.Equal(t, "nothing of it is here", f.Detail)
			assert.Len(t, f.Trace, 32)
			assert.Positive(t, f.Count)
		}
		p.end()
	})
}

// What is overdue and then comes was late, and lost at no time.
func TestLateIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := stored(t, 1)
		pass(2 * time.Minute)
		held := p.store
		p.mu.Lock()
		p.store = nil
		p.between = func(td ptrace.Traces, deliver func(ptrace.Traces)) {
			deliver(td)
			kept := ptrace.NewTraces()
			td.CopyTo(kept)
			time.AfterFunc(40*time.Second, func() { held.put(kept) })
		}
		p.mu.Unlock()
		pass(90 * time.Second)
		assert.Contains(t, p.Report().Summary, "jaeger has lost")
		assert.Contains(t, p.Report().Summary, "has delayed")
		p.mu.Lock()
		p.store, p.between = held, nil
		p.mu.Unlock()
		pass(90 * time.Second)
		assert.Regexp(t, `^The collector is fine; jaeger delayed (\d+ % of the|all|nearly all) traces from \S+ UTC to \S+ UTC; none of the \d+ traces since\.$`, p.Report().Summary)
		assert.NotContains(t, p.Report().Summary, "lost")
		p.end()
	})
}

// The page and its text say no more than what is known, in words and numbers that a person can take in.
func TestPageForSomebodyWokenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := stored(t, 1)
		show := func(query string) string { return p.get("/status" + query).Body.String() }
		for _, query := range []string{"?format=text", "?format=html"} {
			assert.Contains(t, show(query), "Nothing is known yet")
		}
		pass(87 * time.Second)
		for _, query := range []string{"?format=text", "?format=html"} {
			text := show(query)
			assert.Contains(t, text, "The collector and jaeger are fine.")
			assert.NotContains(t, text, "30 days", "nobody has watched for so long")
			assert.Contains(t, text, "of the 1m27s that were watched")
		}
		p.losing(func(identity.TraceID, ptrace.Span, string) bool { return true })
		for range 6 {
			pass(time.Minute)
			for _, query := range []string{"?format=text", "?format=html"} {
				text := show(query)
				assert.NotRegexp(t, `-\d|e\+|NaN|Inf`, regexp.MustCompile(`(?s)<style>.*</style>|[0-9a-f]{32}|\d{4}-\d\d-\d\d|<code>|UTF-8|utf-8|charset.*?>|width=.*?>`).ReplaceAllString(text, ""))
				for _, said := range regexp.MustCompile(`whole, unchanged and once: ([\d,]+) of ([\d,]+) traces`).FindAllStringSubmatch(text, -1)[:1] {
					assert.NotEqual(t, said[1], said[2], "what is overdue counts")
				}
				assert.Contains(t, text, "jaeger has lost")
			}
			assert.Contains(t, show("?format=html"), `http-equiv="refresh"`)
			p.answersAll()
		}
		t.Log(show("?format=text"))
		p.end()
	})
}
