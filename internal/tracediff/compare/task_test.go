package compare_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/assayhq/assay/internal/tracediff/compare"
)

// task is what an operation does for a request: half of its own work, its calls one after the other, and the other half.
type task struct {
	service, name string
	own           time.Duration // about
	way           time.Duration // about, there and back
	fails         float64       // share of the requests, beside those in which a call fails
	client        string        // name of the caller's span of the call; "-": there is none; default "HTTP POST"
	lost          float64       // share of the requests in which its spans are lost
	calls         []task
}

// request draws the spans of a request.
func (k task) request(r *rand.Rand) []spanned {
	var spans []spanned
	k.serve(r, &spans, -1, 0)
	return spans
}

// serve adds the spans of a task that begins at some time, and returns when it is done and whether it failed.
func (k task) serve(r *rand.Rand, spans *[]spanned, parent int, at time.Duration) (done time.Duration, failed bool) {
	n := len(*spans)
	lost := r.Float64() < k.lost
	*spans = append(*spans, spanned{service: k.service, name: k.name, kind: server, parent: parent, at: at, lost: lost})
	own := about(r, k.own)
	done = at + own/2
	failed = r.Float64() < k.fails
	for _, c := range k.calls {
		way, from := about(r, c.way+ms/10), n
		if c.client != "-" {
			from = len(*spans)
			name := c.client
			if name == "" {
				name = "HTTP POST"
			}
			*spans = append(*spans, spanned{service: k.service, name: name, kind: client, parent: n, at: done, lost: lost})
		}
		end, wrong := c.serve(r, spans, from, done+way/2)
		if from != n {
			(*spans)[from].lasts, (*spans)[from].failed = end+way/2-done, wrong
		}
		done, failed = end+way/2, failed || wrong
	}
	done += own / 2
	(*spans)[n].lasts, (*spans)[n].failed = done-at, failed
	return done, failed
}

// either is one of two tasks, the first for so large a share of the requests.
func either(share float64, x, y task) func(*rand.Rand) []spanned {
	return func(r *rand.Rand) []spanned {
		if r.Float64() < share {
			return x.request(r)
		}
		return y.request(r)
	}
}

// compared are two minutes of a system.
func compared(t *testing.T, before, after func(*rand.Rand) []spanned) *compare.Diff {
	t.Helper()
	return compare.Compare(replayed(t, 0, 800, before), replayed(t, 3, 800, after), nil, compare.DefaultThresholds())
}

// under are the changes of a cause, its main one first.
func under(d *compare.Diff, cause int) (list []compare.Change) {
	c := &d.Causes[cause]
	for _, n := range append([]int{c.Main}, c.Explains...) {
		list = append(list, d.Changes[n])
	}
	return list
}
