package verify

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/sentinel/backend"
)

// asking is a bench whose traces are looked up, all of them accepted in the slot of noon.
func asking(t *testing.T) *bench {
	b := newBench(t, func(c *Config) { c.Lookup = 1 })
	b.pass(2 * time.Second)
	b.tell(true, 1, noon, b.report(noon))
	return b
}

func (b *bench) questions() []Question {
	var due []Question
	for _, q := range b.Questions(b.now(), 1000) {
		if q.Trace.Slot == noon {
			due = append(due, q)
		}
	}
	return due
}

// A backend whose last answer does not come has not said that a trace is missing: neither where the first question was the last
// one, since those before it took so long, nor where an earlier one was answered.
func TestLastQuestionUnderWayIsUnknown(t *testing.T) {
	for name, earlier := range map[string]bool{"never answered": false, "answered before": true} {
		t.Run(name, func(t *testing.T) {
			b := asking(t)
			if earlier {
				b.pass(6 * time.Second)
				due := b.questions()
				require.Len(t, due, 10)
				for _, q := range due {
					b.Answer(b.now(), q, backend.Answer{}, nil)
				}
				b.pass(10 * time.Second)
			} else {
				b.pass(16 * time.Second)
			}
			require.Len(t, b.questions(), 10)
			b.pass(patience + 2*time.Second)
			assert.Equal(t, some(Unknown, 10), b.verdicts(noon))
			want := "the backend did not answer"
			if earlier {
				want = "the backend has not answered since the trace was"
			}
			assert.Contains(t, b.of(noon, 0).Detail, want)
		})
	}
}

// The same holds where the last question is asked again after an error.
func TestRepeatedLastQuestionIsUnknown(t *testing.T) {
	b := asking(t)
	b.pass(16 * time.Second)
	for _, q := range b.questions() {
		b.Answer(b.now(), q, backend.Answer{}, errors.New("503"))
	}
	b.pass(2 * time.Second)
	require.Len(t, b.questions(), 10)
	b.pass(patience)
	assert.Equal(t, some(Unknown, 10), b.verdicts(noon))
}

// Negative control: what the backend has answered last, that it has nothing, is a loss.
func TestAnsweredLastQuestionIsMissing(t *testing.T) {
	b := asking(t)
	b.pass(16 * time.Second)
	for _, q := range b.questions() {
		b.Answer(b.now(), q, backend.Answer{}, nil)
	}
	assert.Equal(t, some(Missing, 10), b.verdicts(noon))
}
