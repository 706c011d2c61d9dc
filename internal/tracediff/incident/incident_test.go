package incident

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/snapshot"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// diffOf is the diff of the nth window of a minute under a baseline. It is written as causes: "cart: cart/add C, web/get s" is what happened in
// cart, the first change being its main one. A letter says how each stands: s suspected, C confirmed, l lasting, f lasting but not shown
// by this window, g cleared because it is gone, r because its baseline was replaced.
func diffOf(n int, baseline string, causes ...string) *compare.Diff {
	start := noon.Add(time.Duration(n) * time.Minute)
	d := &compare.Diff{B: compare.Side{SnapshotID: fmt.Sprint("w", n), Start: start, End: start.Add(time.Minute)}}
	for _, text := range causes {
		service, rest, _ := strings.Cut(text, ": ")
		cause := compare.Cause{Service: service, Main: -1, Symptom: -1}
		for _, word := range strings.Split(rest, ", ") {
			name, letter, _ := strings.Cut(word, " ")
			of, operation, _ := strings.Cut(name, "/")
			c := compare.Change{
				Identity: snapshot.Identity{Kind: snapshot.Operation, Service: of, Value: operation}, Measure: compare.Latency, Verdict: compare.Slower,
				Flagged: true, Since: start.Add(-time.Minute),
			}
			switch letter {
			case "s":
				c.Standing = compare.Suspected
			case "C":
				c.Standing = compare.Confirmed
			case "l":
				c.Standing = compare.Lasting
			case "f":
				c.Standing, c.Fading = compare.Lasting, true
			case "g":
				c.Standing, c.Reason, c.Flagged = compare.Cleared, compare.IsGone, false
			case "r":
				c.Standing, c.Reason, c.Flagged = compare.Cleared, compare.BaselineReplaced, false
			default:
				panic("no letter in " + word)
			}
			d.Changes = append(d.Changes, c)
			at := len(d.Changes) - 1
			switch {
			case !c.Flagged:
			case cause.Main < 0:
				cause.Main, cause.Site, cause.Measure = at, c.Identity, c.Measure
			default:
				cause.Explains = append(cause.Explains, at)
			}
		}
		if cause.Main >= 0 {
			d.Causes = append(d.Causes, cause)
		}
	}
	d.Name(fmt.Sprint("d", n, baseline), "q", baseline, d.B.End)
	return d
}

// said is what a window says of incidents, in words and in their order.
func said(events []Event) (words []string) {
	for _, e := range events {
		word := [...]string{"began", "goes on", "ended"}[e.Kind] + " " + e.Incident.Culprit
		if e.Kind == Ended {
			word += " " + string(e.Change.Reason)
		}
		words = append(words, word)
	}
	slices.Sort(words)
	return words
}

// Each story is a list of windows, with what each of them says of incidents.
var stories = map[string][]struct {
	diffs []*compare.Diff
	want  []string
}{
	"one cause with many changes": {
		{[]*compare.Diff{diffOf(0, "previous", "cart: cart/add s, web/get s")}, nil},
		{[]*compare.Diff{diffOf(1, "previous", "cart: cart/add C, web/get C, shop/buy C")}, []string{"began cart"}},
		{[]*compare.Diff{diffOf(2, "previous", "cart: cart/add l, web/get l, shop/buy l, web/put C")}, []string{"goes on cart"}},
		{[]*compare.Diff{diffOf(3, "previous", "cart: cart/add g, web/get l, shop/buy l, web/put l")}, []string{"goes on cart"}},
		{[]*compare.Diff{diffOf(4, "previous", "cart: web/get g, shop/buy g, web/put g")}, []string{"ended cart gone"}},
		{[]*compare.Diff{diffOf(5, "previous")}, nil},
	},
	"three baselines": {
		{[]*compare.Diff{diffOf(1, "previous", "cart: cart/add C"), diffOf(1, "24h", "cart: cart/add s"), diffOf(1, "pin:w0", "web: web/get C")}, []string{"began cart", "began web"}},
		{[]*compare.Diff{diffOf(2, "previous", "cart: cart/add l"), diffOf(2, "24h", "cart: cart/add C"), diffOf(2, "pin:w0", "cart: cart/add C")}, []string{"goes on cart"}},
		{[]*compare.Diff{diffOf(3, "previous", "cart: cart/add r"), diffOf(3, "24h", "cart: cart/add l"), diffOf(3, "pin:w0", "cart: cart/add l")}, []string{"goes on cart"}},
		{[]*compare.Diff{diffOf(4, "previous"), diffOf(4, "24h", "cart: cart/add g"), diffOf(4, "pin:w0", "cart: cart/add g")}, []string{"ended cart gone"}},
	},
	"what it affects joins, under whatever name": {
		{[]*compare.Diff{diffOf(1, "previous", "cart: cart/add C, web/get s")}, []string{"began cart"}},
		{[]*compare.Diff{diffOf(2, "previous", "cart: cart/add l", "web: web/get C")}, []string{"goes on cart"}},
		{[]*compare.Diff{diffOf(3, "previous", "cart: cart/add l, web/get l", "mail: mail/send C, cart/list s")}, []string{"goes on cart"}},
	},
	"another service at the same time is another incident": {
		{[]*compare.Diff{diffOf(1, "previous", "cart: cart/add C", "mail: mail/send C")}, []string{"began cart", "began mail"}},
		{[]*compare.Diff{diffOf(2, "previous", "cart: cart/add l", "mail: mail/send g")}, []string{"ended mail gone", "goes on cart"}},
		{[]*compare.Diff{diffOf(3, "previous", "cart: cart/add g")}, []string{"ended cart gone"}},
	},
	"what happens there much later is another incident": {
		{[]*compare.Diff{diffOf(1, "previous", "cart: cart/add C")}, []string{"began cart"}},
		{[]*compare.Diff{diffOf(2, "previous", "cart: cart/add l, cart/get C")}, []string{"goes on cart"}},
		{[]*compare.Diff{diffOf(90, "previous", "cart: cart/add l, cart/get l, cart/pay C")}, []string{"began cart", "goes on cart"}},
		{[]*compare.Diff{diffOf(91, "previous", "cart: cart/add l, cart/get l, cart/pay g")}, []string{"ended cart gone", "goes on cart"}},
	},
	"so it is in a service that it affected": {
		{[]*compare.Diff{diffOf(1, "previous", "cart: cart/add C, web/get C")}, []string{"began cart"}},
		{[]*compare.Diff{diffOf(90, "previous", "cart: cart/add l, web/get l", "web: web/put C")}, []string{"began web", "goes on cart"}},
	},
	"a baseline that is replaced is the reason": {
		{[]*compare.Diff{diffOf(1, "version:previous", "cart: cart/add C, web/get C")}, []string{"began cart"}},
		{[]*compare.Diff{diffOf(2, "version:previous", "cart: cart/add r, web/get r")}, []string{"ended cart baseline_replaced"}},
	},
	"half of it is gone and nothing shows the rest": {
		{[]*compare.Diff{diffOf(1, "previous", "cart: cart/add C, web/get C")}, []string{"began cart"}},
		{[]*compare.Diff{diffOf(2, "previous", "cart: web/get f, cart/add g")}, []string{"ended cart gone"}},
		{[]*compare.Diff{diffOf(3, "previous", "cart: web/get l")}, nil},
	},
	"nothing of it is gone though a window does not show it": {
		{[]*compare.Diff{diffOf(1, "previous", "cart: cart/add C, web/get C")}, []string{"began cart"}},
		{[]*compare.Diff{diffOf(2, "previous", "cart: cart/add f, web/get f")}, []string{"goes on cart"}},
		{[]*compare.Diff{diffOf(3, "previous", "cart: cart/add l, web/get l")}, []string{"goes on cart"}},
	},
	"windows without a diff say nothing": {
		{[]*compare.Diff{diffOf(1, "previous", "cart: cart/add C")}, []string{"began cart"}},
		{nil, nil},
		{[]*compare.Diff{diffOf(3, "previous", "cart: cart/add l")}, []string{"goes on cart"}},
	},
	"causes without a service": {
		{[]*compare.Diff{diffOf(1, "previous", ": /a C, /b C", ": /c C")}, []string{"began ", "began "}},
	},
}

func TestStories(t *testing.T) {
	for name, windows := range stories {
		t.Run(name, func(t *testing.T) {
			book, ids := &Book{}, map[string]string{}
			for n, w := range windows {
				events := book.Update(w.diffs)
				assert.Equal(t, w.want, said(events), "window %d of the story", n)
				assert.True(t, slices.IsSortedFunc(events, func(x, y Event) int { return int(x.Kind) - int(y.Kind) }))
				for _, e := range events {
					require.NotNil(t, e.Diff)
					assert.Len(t, e.Incident.ID, 16)
					switch e.Kind {
					case Began:
						assert.NotContains(t, ids, e.Incident.ID)
						ids[e.Incident.ID] = e.Incident.Culprit
						assert.NotZero(t, e.Incident.Began)
						assert.NotNil(t, e.Cause)
					case GoesOn:
						assert.Contains(t, ids, e.Incident.ID)
						assert.NotNil(t, e.Cause)
					case Ended:
						assert.Contains(t, ids, e.Incident.ID)
						assert.NotNil(t, e.Change)
						assert.NotContains(t, book.IDs(), e.Incident.ID)
					}
				}
			}
		})
	}
}

// A restart between any two windows changes nothing, and neither does who keeps the book.
func TestBooksSurviveARestart(t *testing.T) {
	for name, windows := range stories {
		t.Run(name, func(t *testing.T) {
			without, with := &Book{}, &Book{}
			for _, w := range windows {
				want, got := without.Update(w.diffs), with.Update(w.diffs)
				assert.Equal(t, said(want), said(got))
				for i := range want {
					assert.Equal(t, want[i].Incident.ID, got[i].Incident.ID)
					assert.True(t, want[i].Incident.Began.Equal(got[i].Incident.Began))
				}
				data, err := json.Marshal(with)
				require.NoError(t, err)
				with = &Book{}
				require.NoError(t, json.Unmarshal(data, with))
				assert.Equal(t, without.IDs(), with.IDs())
			}
		})
	}
}

// What cannot be read is refused, and what makes no sense is left out.
func TestBooksOfOthers(t *testing.T) {
	b := &Book{}
	for _, text := range []string{`{"version": 7}`, `{"version": "x"}`, `[]`, `{`} {
		require.Error(t, json.Unmarshal([]byte(text), b), text)
	}
	require.NoError(t, json.Unmarshal([]byte(`{"version": 1, "open": [null, {"id": "x"}, {"id": "y", "culprit": "cart", "members": {}}]}`), b))
	assert.Empty(t, b.IDs())
	assert.Equal(t, []string{"began cart"}, said(b.Update([]*compare.Diff{diffOf(1, "previous", "cart: cart/add C")})))
}

// When it began is when its cause did, or when its first change did.
func TestBeginningOfAnIncident(t *testing.T) {
	d := diffOf(3, "previous", "cart: cart/add C")
	assert.Equal(t, d.Changes[0].Since, (&Book{}).Update([]*compare.Diff{d})[0].Incident.Began)
	d.Causes[0].Onset = noon.Add(42 * time.Second)
	assert.Equal(t, noon.Add(42*time.Second), (&Book{}).Update([]*compare.Diff{d})[0].Incident.Began)
}
