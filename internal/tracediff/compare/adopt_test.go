package compare

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// failing is a flagged change of the errors of an operation that began in the nth window of a minute.
func failing(service string, began int) Change {
	return Change{
		Identity: snapshot.Identity{Kind: snapshot.Operation, Service: service, Value: "op"}, Measure: Errors, Verdict: MoreErrors, Flagged: true,
		Since: time.Unix(0, 0).Add(time.Duration(began) * time.Minute), Fingerprint: service,
	}
}

// grouped is a diff of services in which something was just found, each with a cause of its own, with what lasts added.
func grouped(t *testing.T, lasting []Change, found ...Change) *Diff {
	t.Helper()
	d := &Diff{B: Side{Start: time.Unix(0, 0), End: time.Unix(60, 0)}}
	for n, c := range found {
		d.Changes = append(d.Changes, c)
		d.Causes = append(d.Causes, Cause{Service: c.Service, Site: c.Identity, Measure: c.Measure, Verdict: c.Verdict, Main: n, Symptom: -1})
	}
	d.addLasting(lasting, calling([4]string{"web", "op", "shop", "op"}, [4]string{"shop", "op", "db", "op"}, [4]string{"web", "op", "mail", "op"}))
	eachUnderOneCause(t, d)
	return d
}

func of(d *Diff, cause int) (services []string) {
	c := &d.Causes[cause]
	for _, n := range append([]int{c.Main}, c.Explains...) {
		services = append(services, d.Changes[n].Service)
	}
	return services
}

// A caller that was noticed later, because it fails less often, still follows from what is certain by then; who does not call it does not, and neither
// does what began much later.
func TestFoundLaterUnderALastingCause(t *testing.T) {
	db := failing("db", 10)
	db.Standing, db.Culprit, db.Cause = Lasting, "db", "db"
	d := grouped(t, []Change{db}, failing("mail", 11), failing("shop", 11), failing("web", 13))
	require.Len(t, d.Causes, 2)
	assert.Equal(t, []string{"db", "shop", "web"}, of(d, 0))
	assert.Equal(t, []string{"mail"}, of(d, 1))

	d = grouped(t, []Change{db}, failing("web", 500))
	require.Len(t, d.Causes, 2)
	d = grouped(t, []Change{db}, failing("web", 5))
	require.Len(t, d.Causes, 2, "it was there before")
	d = grouped(t, []Change{db})
	require.Len(t, d.Causes, 1)
}

// What goes wrong in a service hours after something that lasts is another cause, though it is the same service.
func TestAnotherCauseInTheSameService(t *testing.T) {
	old := failing("db", 10)
	old.Value, old.Standing, old.Culprit, old.Cause, old.Fingerprint = "other", Lasting, "db", "other", "other"
	d := grouped(t, []Change{old}, failing("db", 11))
	require.Len(t, d.Causes, 1)
	d = grouped(t, []Change{old}, failing("db", 300))
	require.Len(t, d.Causes, 2)
	assert.Equal(t, "other", d.Changes[d.Causes[0].Main].Value)
	assert.Equal(t, "op", d.Changes[d.Causes[1].Main].Value)
}

// A cause whose main change follows from one that lasts goes on with what is left of it, or goes.
func TestWhatIsLeftOfACause(t *testing.T) {
	db := failing("db", 10)
	db.Standing, db.Culprit, db.Cause = Lasting, "db", "db"
	d := &Diff{B: Side{Start: time.Unix(0, 0), End: time.Unix(60, 0)}, Changes: []Change{failing("shop", 11), failing("mail", 11), failing("web", 11)}}
	d.Causes = []Cause{{Service: "shop", Site: d.Changes[0].Identity, Measure: Errors, Main: 0, Explains: []int{1, 2}, Symptom: 2}}
	d.addLasting([]Change{db}, calling([4]string{"web", "op", "shop", "op"}, [4]string{"shop", "op", "db", "op"}))
	eachUnderOneCause(t, d)
	require.Len(t, d.Causes, 2)
	assert.Equal(t, []string{"db", "shop", "web"}, of(d, 0))
	assert.Equal(t, []string{"mail"}, of(d, 1))

	// One whose place was only likely goes with what it was to explain.
	d = &Diff{B: Side{Start: time.Unix(0, 0), End: time.Unix(60, 0)}, Changes: []Change{failing("web", 11), failing("shop", 11)}}
	d.Changes[1].Flagged = false
	d.Causes = []Cause{{Service: "shop", Site: d.Changes[1].Identity, Measure: Errors, Main: 1, Explains: []int{0}, Symptom: 0}}
	d.addLasting([]Change{db}, calling([4]string{"web", "op", "shop", "op"}, [4]string{"shop", "op", "db", "op"}))
	eachUnderOneCause(t, d)
	require.Len(t, d.Causes, 1)
	assert.Equal(t, []string{"db", "web"}, of(d, 0))
}

// Of what lasts, that for the worse comes first, and then what explains most.
func TestOrderOfLastingCauses(t *testing.T) {
	lasts := func(service, culprit string, v Verdict, m Measure) Change {
		c := failing(service, 1)
		c.Culprit, c.Cause, c.Verdict, c.Measure, c.Standing = culprit, culprit, v, m, Lasting
		c.Fingerprint = string(v) + service
		return c
	}
	d := grouped(t, []Change{
		lasts("a", "a", Faster, Latency), lasts("b", "b", New, Presence), lasts("c", "c", Slower, Latency),
		lasts("d", "d", Slower, Latency), lasts("e", "d", Slower, Latency), lasts("f", "a", Faster, Latency), lasts("g", "a", Faster, Latency),
	})
	var order []string
	for i := range d.Causes {
		order = append(order, d.Causes[i].Service)
	}
	assert.Equal(t, []string{"d", "c", "b", "a"}, order)
}

// A change that lasts is still another name.
func TestLastingCauseKeepsItsKind(t *testing.T) {
	c := failing("shop", 1)
	c.Measure, c.Verdict, c.Standing, c.Culprit, c.Cause, c.Fingerprint, c.CauseKind, c.Was = Presence, New, Lasting, "shop", "f", "f", Renamed, "buy"
	d := grouped(t, []Change{c})
	require.Len(t, d.Causes, 1)
	assert.Equal(t, Renamed, d.Causes[0].Kind)
	assert.Equal(t, "buy", d.Causes[0].Was)
	assert.Equal(t, Renamed, d.Changes[0].CauseKind)
}
