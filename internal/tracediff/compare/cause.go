package compare

import (
	"time"

	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// CauseKind is how a cause is to be read, where the change of its site alone would mislead.
type CauseKind string

// Kinds of causes.
const (
	Plain    CauseKind = ""
	Renamed  CauseKind = "renamed"  // the site is new, and was called Was
	Inserted CauseKind = "inserted" // the site is new, and between two of which one called the other before
	// SpansMissing: the site is called as often as before, as far as others show; some of its spans never arrived.
	SpansMissing CauseKind = "spans_missing"
	// OnTheWay: of a wait that one service has for another; each of them, or what lies between them, can be at fault.
	OnTheWay CauseKind = "on_the_way"
)

// Cause is one thing that happened, and all that follows from it: the callers that wait for it, the services and paths they belong to,
// the total. A report is a list of causes.
type Cause struct {
	Service string            // where it happened; "" where it is not about a service, as a value of an attribute
	Site    snapshot.Identity // the operation or call that changed most, or what else it is about
	Measure Measure           // what changed there
	Verdict Verdict
	Kind    CauseKind
	Was     string // the name of before, of what is Renamed; else empty
	// Main is the number in Diff.Changes of the change of the site. It is not always flagged itself: where its callers are surely slower,
	// the place to which their time went needs less evidence.
	Main int
	// Symptom is the number of the change that users notice most among those explained, an operation at the edge of the system by
	// preference; -1 where nothing else changed.
	Symptom int
	// Share is which part of the time that all traces lost or won went to the service, or of those that fail more or less it makes fail; 0 to 1. It
	// is NaN where that is not known: where all traces together did not change in that, and of what is not slower or fails more by itself.
	Share    float64
	Explains []int     // numbers of the other changes that follow from it, by impact
	Onset    time.Time // the earliest time at which it shows; zero where that is not known
	Ended    time.Time // when it was over, where that was inside of B
	Deployed *Deployment
}

// Deployment is a service of which A and B had different versions for the most part.
type Deployment struct {
	Service  string
	From, To string // versions
}

// deployments are the services whose main version differs between the sides.
func deployments(a, b []snapshot.Version) map[string]*Deployment {
	before, after := MainVersions(a), MainVersions(b)
	found := map[string]*Deployment{}
	for service, to := range after {
		if from, ok := before[service]; ok && from != to {
			found[service] = &Deployment{service, from, to}
		}
	}
	return found
}

// MainVersions is, for each service, the version that most of its spans had.
func MainVersions(versions []snapshot.Version) map[string]string {
	most, weight := map[string]string{}, map[string]float64{}
	for _, v := range versions {
		if v.Weight > weight[v.Service] {
			most[v.Service], weight[v.Service] = v.Version, v.Weight
		}
	}
	return most
}
