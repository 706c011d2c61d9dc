package compare

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// failer is a test or a rapid one.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
}

// eachUnderOneCause checks what holds of the causes of every diff: each flagged change belongs to exactly one, as its main change or as one that
// it explains, and says so.
func eachUnderOneCause(t failer, d *Diff) {
	t.Helper()
	under := make([]int, len(d.Changes))
	for i := range d.Causes {
		c := &d.Causes[i]
		for k, n := range append([]int{c.Main}, c.Explains...) {
			if n < 0 || n >= len(d.Changes) {
				t.Errorf("cause %d is about change %d of %d", i, n, len(d.Changes))
				return
			}
			under[n]++
			o := &d.Changes[n]
			if k > 0 && !o.Flagged {
				t.Errorf("cause %d explains %+v, which is not flagged", i, o.Identity)
			}
			if o.Flagged && (o.Cause != d.Changes[c.Main].Fingerprint || o.Culprit != c.Service) {
				t.Errorf("%+v is under cause %d and says something else", o.Identity, i)
			}
		}
		m := &d.Changes[c.Main]
		assert.Equal(t, m.Identity, c.Site)
		assert.Equal(t, m.Measure, c.Measure)
		if c.Symptom >= 0 {
			assert.Contains(t, c.Explains, c.Symptom)
		} else {
			assert.Empty(t, c.Explains)
		}
		assert.False(t, c.Share < 0 || c.Share > 1, "share %v", c.Share)
	}
	for n := range d.Changes {
		switch flagged := d.Changes[n].Flagged; {
		case flagged && under[n] != 1:
			t.Errorf("%+v %s is flagged and under %d causes", d.Changes[n].Identity, d.Changes[n].Measure, under[n])
		case under[n] > 1:
			t.Errorf("%+v is the main change of %d causes", d.Changes[n].Identity, under[n])
		}
	}
}

// drawDiff is a diff whose causes share out its flagged changes in any way.
func drawDiff(t *rapid.T) *Diff {
	d := &Diff{}
	flagged := rapid.IntRange(1, 12).Draw(t, "flagged")
	for n := range flagged + rapid.IntRange(0, 3).Draw(t, "others") {
		d.Changes = append(d.Changes, Change{
			Identity: snapshot.Identity{Kind: snapshot.Service, Value: string(rune('a' + n))}, Measure: Latency, Verdict: Slower, Flagged: n < flagged,
		})
	}
	causes := rapid.IntRange(1, flagged).Draw(t, "causes")
	for n := range flagged {
		if n < causes {
			m := &d.Changes[n]
			d.Causes = append(d.Causes, Cause{Service: m.Value, Site: m.Identity, Measure: m.Measure, Main: n, Symptom: -1, Share: math.NaN()})
			continue
		}
		c := &d.Causes[rapid.IntRange(0, causes-1).Draw(t, "cause")]
		c.Explains = append(c.Explains, n)
		c.Symptom = c.Explains[rapid.IntRange(0, len(c.Explains)-1).Draw(t, "symptom")]
	}
	if len(d.Changes) > flagged && rapid.Bool().Draw(t, "a main change that is not flagged") {
		c := &d.Causes[0]
		c.Explains, c.Main, c.Site = append(c.Explains, c.Main), flagged, d.Changes[flagged].Identity
		c.Symptom = c.Explains[0]
	}
	d.Name("d", "q", "previous", d.CalculatedAt)
	return d
}

// A part of the changes of a diff has the causes of that part, and none of another.
func TestCausesOfAPart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDiff(t)
		eachUnderOneCause(t, d)
		mark := map[string]bool{}
		want := 0
		for i := range d.Changes {
			mark[d.Changes[i].Value] = rapid.Bool().Draw(t, "asked for")
			if mark[d.Changes[i].Value] {
				want++
			}
		}
		d.Only(func(c *Change) bool { return mark[c.Value] })
		d.Name("d", "q", "", d.CalculatedAt)
		if len(d.Changes) != want {
			t.Fatalf("%d changes, want %d", len(d.Changes), want)
		}
		eachUnderOneCause(t, d)
	})
}
