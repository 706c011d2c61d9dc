package alertcycle

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A burst of five minutes from minute 0 on. With these intervals it fires within 70 s, is told within 80 s, and clears within
// 115 s after its end.
var (
	zero      = time.Unix(1_800_000_000, 0)
	burst     = Burst{Start: zero, End: at(300)}
	intervals = Intervals{
		Scrape: 15 * time.Second, Evaluation: 10 * time.Second, Range: time.Minute, For: 10 * time.Second,
		GroupWait: 5 * time.Second, GroupInterval: 10 * time.Second, Slack: 10 * time.Second,
	}
)

func at(seconds int) time.Time { return zero.Add(time.Duration(seconds) * time.Second) }

func TestDeadlines(t *testing.T) {
	assert.Equal(t, Deadlines{Fire: 70 * time.Second, Notify: 80 * time.Second, Clear: 115 * time.Second}, intervals.Deadlines())
	require.NoError(t, intervals.Check(15*time.Minute, 5*time.Minute))
	err := intervals.Check(3*time.Minute, 70*time.Second)
	require.ErrorContains(t, err, "for: must be longer than 1m20s")
	require.ErrorContains(t, err, "every: must leave more than 1m55s between two bursts of 1m10s for the alert to clear; got 3m0s")
	short := intervals
	short.Range = 20 * time.Second
	require.ErrorContains(t, short.Check(time.Hour, 5*time.Minute), "range: must hold two scrapes, at least 30s, got 20s")
}

// seen plays a chain that works but for what breaks it. It polls every five seconds.
type seen struct {
	rule      func(second int) Rule
	held      func(second int) Held
	noProm    bool
	noManager bool
	told      int // second of the notification, -1 never
	resolved  int
	says      map[int]bool // what somebody else tells the webhook: firing, or not
}

func working() seen {
	return seen{
		rule: func(s int) Rule {
			if s >= 40 && s < 370 {
				return RuleFiring
			}
			return RuleInactive
		},
		held: func(s int) Held {
			return Held{Present: s >= 45 && s < 380, Receivers: []string{"sentinel"}}
		},
		told: 55, resolved: 385,
	}
}

func (p seen) play(until int) *Cycle {
	c := New(burst, intervals.Deadlines(), "sentinel")
	for s := -20; s <= until; s += 5 {
		if p.noProm {
			c.PrometheusFailed(at(s))
		} else {
			c.SawRule(at(s), p.rule(s))
		}
		if p.noManager {
			c.AlertmanagerFailed(at(s))
		} else {
			c.SawHeld(at(s), p.held(s))
		}
		if s == p.told {
			c.Notified(at(s), true)
		}
		if s == p.resolved {
			c.Notified(at(s), false)
		}
		if firing, ok := p.says[s]; ok {
			c.Notified(at(s), firing)
		}
	}
	return c
}

func TestWorkingChainIsVerified(t *testing.T) {
	for until, want := range map[int]Outcome{30: Waiting, 60: Waiting, 380: Waiting, 385: Verified, 900: Verified} {
		assert.Equal(t, want, working().play(until).Result(at(until)).Outcome, until)
	}
	r := working().play(900).Result(at(900))
	assert.Equal(t, Result{Burst: burst, Outcome: Verified, Fired: 40 * time.Second, Told: 55 * time.Second, Cleared: 85 * time.Second}, r)
}

// Whatever breaks the chain is named.
func TestBrokenLinksAreNamed(t *testing.T) {
	never := func(int) Rule { return RuleInactive }
	nothing := func(int) Held { return Held{} }
	for _, c := range []struct {
		name    string
		change  func(*seen)
		outcome Outcome
		broken  Link
	}{
		{"rule without effect", func(s *seen) { s.rule, s.held, s.told = never, nothing, -1 }, Missed, LinkRule},
		{"no rule", func(s *seen) { s.rule, s.held, s.told = func(int) Rule { return RuleAbsent }, nothing, -1 }, Missed, LinkRule},
		{"not delivered", func(s *seen) { s.held, s.told = nothing, -1 }, Missed, LinkDelivery},
		{"inhibited", func(s *seen) {
			s.held = func(n int) Held {
				return Held{Present: n >= 45 && n < 380, Inhibited: true, Receivers: []string{"sentinel"}}
			}
			s.told = -1
		}, Missed, LinkInhibition},
		{"silenced", func(s *seen) {
			s.held = func(n int) Held {
				return Held{Present: n >= 45 && n < 380, Silenced: true, Receivers: []string{"sentinel"}}
			}
			s.told = -1
		}, Missed, LinkSilence},
		{"routed elsewhere", func(s *seen) {
			s.held = func(n int) Held { return Held{Present: n >= 45 && n < 380, Receivers: []string{"night shift"}} }
			s.told = -1
		}, Missed, LinkRoute},
		{"webhook", func(s *seen) { s.told = -1 }, Missed, LinkWebhook},
		{"told late", func(s *seen) { s.told = 200 }, Late, LinkWebhook},
		{"fires late", func(s *seen) {
			s.rule = func(n int) Rule {
				if n >= 150 && n < 370 {
					return RuleFiring
				}
				return RulePending
			}
			s.told = 200
		}, Late, LinkRule},
		{"clears in the burst", func(s *seen) {
			s.rule = func(n int) Rule {
				if n >= 40 && n < 190 {
					return RuleFiring
				}
				return RuleInactive
			}
			s.resolved = 200
		}, Missed, LinkRule},
		{"a stranger says that it is over", func(s *seen) { s.says = map[int]bool{200: false} }, Verified, ""},
		{"a stranger says that it has come back", func(s *seen) { s.says = map[int]bool{400: true} }, Verified, ""},
		{"clears late", func(s *seen) { s.resolved = 500 }, Late, LinkWebhook},
		{"rule stays", func(s *seen) { s.rule, s.resolved = func(int) Rule { return RuleFiring }, -1 }, Stuck, LinkRule},
		{"Alertmanager keeps it", func(s *seen) {
			s.held = func(int) Held { return Held{Present: true, Receivers: []string{"sentinel"}} }
			s.resolved = -1
		}, Stuck, LinkDelivery},
		{"nobody says that it is over", func(s *seen) { s.resolved = -1 }, Stuck, LinkWebhook},
		{"nobody can be asked", func(s *seen) { s.noProm, s.noManager, s.told = true, true, -1 }, Unknown, ""},
		{"Prometheus is away", func(s *seen) { s.noProm, s.held, s.told = true, nothing, -1 }, Unknown, ""},
		{"only Alertmanager is away", func(s *seen) { s.noManager, s.told = true, -1 }, Unknown, ""},
		{"Alertmanager has what never fired", func(s *seen) { s.rule, s.told = never, -1 }, Missed, LinkRule},
		{"a notification of what never fired", func(s *seen) { s.rule, s.held = never, nothing }, Missed, LinkRule},
		{"Alertmanager lies from end to end", func(s *seen) { s.rule = never }, Missed, LinkRule},
		{"over, says the webhook alone", func(s *seen) { s.rule = func(int) Rule { return RuleFiring } }, Stuck, LinkRule},
		{"away, but told in time", func(s *seen) { s.noProm, s.noManager = true, true }, Verified, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := working()
			c.change(&s)
			r := s.play(900).Result(at(900))
			assert.Equal(t, c.outcome, r.Outcome)
			assert.Equal(t, c.broken, r.Broken)
		})
	}
}

// What comes before the burst says nothing about it.
func TestEarlierAlertIsNotThisOne(t *testing.T) {
	c := New(burst, intervals.Deadlines(), "")
	c.Notified(at(-10), true)
	c.SawRule(at(-10), RuleFiring)
	assert.Equal(t, time.Duration(-1), c.Result(at(0)).Told)
	assert.Equal(t, time.Duration(-1), c.Result(at(0)).Fired)
}

func TestWatchGoesFromBurstToBurst(t *testing.T) {
	start := zero.Truncate(15 * time.Minute).Add(time.Minute) // in the middle of a burst
	w := NewWatch(Schedule{Every: 15 * time.Minute, For: 5 * time.Minute}, intervals, "", start)
	var outcomes []Outcome
	first := start.Truncate(15 * time.Minute).Add(15 * time.Minute)
	for now := start; now.Before(first.Add(time.Hour)); now = now.Add(5 * time.Second) {
		second := int(now.Sub(first).Seconds())
		n, s := second/900, second%900
		rule := working().rule(s)
		if n == 2 && s >= 595 && s < 660 {
			rule = RuleFiring
		}
		w.SawRule(now, rule)
		if second >= 0 && n != 1 { // the second burst's notification is lost
			if s == 55 {
				w.Notified(now, true)
			}
			if s == 385 {
				w.Notified(now, false)
			}
		}
		if n == 2 && (s == 600 || s == 660) { // and there is one that nobody asked for
			w.Notified(now, s == 600)
			assert.Equal(t, s == 600, w.Stray().Cleared < 0)
		}
		w.SawHeld(now, Held{Present: s >= 45 && s < 380})
		for _, r := range w.Advance(now) {
			outcomes = append(outcomes, r.Outcome)
		}
	}
	assert.Equal(t, []Outcome{Verified, Missed, Verified, Spurious, Verified}, outcomes)
}

// After a long sleep, bursts that nobody watched are not judged one by one.
func TestWatchAfterASleep(t *testing.T) {
	start := zero.Truncate(15 * time.Minute)
	w := NewWatch(Schedule{Every: 15 * time.Minute, For: 5 * time.Minute}, intervals, "", start)
	out := w.Advance(start.Add(1000 * time.Hour))
	require.Len(t, out, 1)
	assert.Equal(t, Unknown, out[0].Outcome)
	assert.Equal(t, start.Add(1000*time.Hour), w.Current(start.Add(1000*time.Hour)).Burst.Start)
}
