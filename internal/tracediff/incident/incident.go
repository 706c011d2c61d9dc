// Package incident makes one story of the changes that one fault confirms: in several groups, under several baselines, in this window
// and the next. Each story is told once when it begins and once when it is over.
//
//	diffs of a window --> Book.Update --> Began, GoesOn, Ended --> alerts
package incident

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

// Incident is the story of one fault.
type Incident struct {
	ID       string            `json:"id"` // 16 hexadecimal digits, stable over restarts
	Began    time.Time         `json:"began"`
	Opened   time.Time         `json:"opened"` // start of the window in which its first change was confirmed
	Culprit  string            `json:"culprit"`
	Services []string          `json:"services"` // of the changes that it explained when it was opened
	Members  map[string]string `json:"members"`  // confirmed changes: fingerprint to what it is about, whatever the baseline
	Gone     int               `json:"gone"`     // changes that were members and are measured to be gone
}

// Event is what a window says of an incident.
type Event struct {
	Incident *Incident
	Kind     Kind
	Diff     *compare.Diff   // that says most of it; of one that ended, the last that had a change of it
	Cause    *compare.Cause  // in Diff; nil of one that ended
	Change   *compare.Change // of one that ended: the change that was cleared last
}

// Kind of an event.
type Kind int

// Kinds.
const (
	Began Kind = iota
	GoesOn
	Ended
)

// Book has the incidents of one query that are open.
type Book struct {
	open   []*Incident
	stored bool // it was restored: changes that last and belong to no incident have had theirs
}

const formatVersion = 1

type storedBook struct {
	Version int         `json:"version"`
	Open    []*Incident `json:"open"`
}

// MarshalJSON encodes the open incidents.
func (b *Book) MarshalJSON() ([]byte, error) { return json.Marshal(storedBook{formatVersion, b.open}) }

// UnmarshalJSON restores them.
func (b *Book) UnmarshalJSON(data []byte) error {
	var s storedBook
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("incidents: %w", err)
	}
	if s.Version != formatVersion {
		return errors.New("incidents: are of another version of this program")
	}
	s.Open = slices.DeleteFunc(s.Open, func(i *Incident) bool { return i == nil || len(i.Members) == 0 })
	b.open, b.stored = s.Open, true
	return nil
}

// IDs are those of the open incidents.
func (b *Book) IDs() (ids []string) {
	for _, i := range b.open {
		ids = append(ids, i.ID)
	}
	return ids
}

const (
	// nearby is for how many windows after its beginning an incident may grow by services that it affected.
	nearby = 2
	// sameService is for how many windows it may grow by what else happens in the service at fault. A change that lasts, such as
	// one that was deployed, must not keep secret what goes wrong there hours later.
	sameService = 12
)

// Update takes in the diffs of one window of a query, one for each baseline. Incidents that began come first, then those that
// go on, then those that ended. One is over when half of its changes or more are measured to be gone and this window shows none of the
// others, or when its baselines were replaced.
func (b *Book) Update(diffs []*compare.Diff) (events []Event) {
	says := map[*Incident]Event{}
	holds, cleared := map[*Incident]bool{}, map[*Incident]Event{}
	note := func(i *Incident, e Event) {
		if old, ok := says[i]; !ok || e.Kind < old.Kind || e.Kind == old.Kind && old.Cause == nil {
			e.Incident = i
			says[i] = e
		}
	}
	for _, d := range diffs {
		for n := range d.Changes {
			c := &d.Changes[n]
			switch c.Standing {
			case compare.Confirmed, compare.Lasting:
				cause := causeOf(d, n)
				if cause == nil {
					continue
				}
				i, kind := b.member(c.Fingerprint), GoesOn
				if i == nil {
					if c.Standing == compare.Lasting && b.stored {
						continue
					}
					i, kind = b.join(d, cause, c)
				}
				i.Members[c.Fingerprint] = about(c)
				holds[i] = holds[i] || !c.Fading
				note(i, Event{Kind: kind, Diff: d, Cause: cause})
			case compare.Cleared:
				if i := b.member(c.Fingerprint); i != nil {
					delete(i.Members, c.Fingerprint)
					if c.Reason == compare.IsGone {
						i.Gone++
					}
					cleared[i] = Event{Kind: Ended, Incident: i, Diff: d, Change: c}
				}
			}
		}
	}
	for _, i := range b.open {
		switch over := len(i.Members) == 0 || i.Gone >= len(i.Members) && !holds[i]; {
		case over && cleared[i].Change != nil:
			says[i] = cleared[i]
			i.Members = nil
		case over && says[i].Diff != nil:
			says[i] = Event{Kind: Ended, Incident: i, Diff: says[i].Diff, Change: &compare.Change{Reason: compare.IsGone}}
			i.Members = nil
		}
	}
	for _, e := range says {
		events = append(events, e)
	}
	b.open = slices.DeleteFunc(b.open, func(i *Incident) bool { return len(i.Members) == 0 })
	b.stored = true
	slices.SortFunc(events, func(x, y Event) int {
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), x.Incident.Opened.Compare(y.Incident.Opened), cmp.Compare(x.Incident.ID, y.Incident.ID))
	})
	return events
}

// member is the incident that a change belongs to.
func (b *Book) member(fingerprint string) *Incident {
	for _, i := range b.open {
		if _, ok := i.Members[fingerprint]; ok {
			return i
		}
	}
	return nil
}

// join finds the incident that a confirmed change is part of, or opens one.
func (b *Book) join(d *compare.Diff, cause *compare.Cause, c *compare.Change) (*Incident, Kind) {
	what := about(c)
	for _, i := range b.open {
		switch {
		case cause.Service != "" && i.Culprit == cause.Service && i.near(d, sameService),
			slices.Contains(slices.Collect(maps.Values(i.Members)), what),
			cause.Service == "" && i.has(d, cause),
			i.near(d, nearby) && (slices.Contains(i.Services, cause.Service) || slices.Contains(servicesOf(d, cause), i.Culprit)):
			return i, GoesOn
		}
	}
	i := &Incident{
		Began: cause.Onset, Opened: d.B.Start, Culprit: cause.Service, Services: servicesOf(d, cause), Members: map[string]string{},
	}
	if i.Began.IsZero() {
		i.Began = c.Since
	}
	sum := sha256.Sum256([]byte(d.QueryID + "\x00" + c.Fingerprint + "\x00" + d.B.Start.UTC().String()))
	i.ID = hex.EncodeToString(sum[:8])
	b.open = append(b.open, i)
	return i, Began
}

// has tells whether some change that a cause explains is a member.
func (i *Incident) has(d *compare.Diff, cause *compare.Cause) bool {
	return slices.ContainsFunc(append([]int{cause.Main}, cause.Explains...), func(n int) bool {
		_, ok := i.Members[d.Changes[n].Fingerprint]
		return ok
	})
}

// near tells whether a window is at most so many after the beginning of an incident.
func (i *Incident) near(d *compare.Diff, windows int) bool {
	return d.B.Start.Sub(i.Opened) <= time.Duration(windows)*d.B.End.Sub(d.B.Start)
}

// about is what a change is about, the same under every baseline.
func about(c *compare.Change) string { return compare.Fingerprint("", "", &c.Identity, c.Measure) }

// causeOf is the cause that a change belongs to.
func causeOf(d *compare.Diff, n int) *compare.Cause {
	for i := range d.Causes {
		if c := &d.Causes[i]; c.Main == n || slices.Contains(c.Explains, n) {
			return c
		}
	}
	return nil
}

// servicesOf are the services that a cause and what it explains are about.
func servicesOf(d *compare.Diff, cause *compare.Cause) (services []string) {
	for _, n := range append([]int{cause.Main}, cause.Explains...) {
		c := &d.Changes[n]
		of := c.Service
		if c.Kind == snapshot.Service {
			of = c.Value
		}
		for _, s := range []string{of, c.CallerService} {
			if s != "" && !slices.Contains(services, s) {
				services = append(services, s)
			}
		}
	}
	return services
}
