package watch

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/assayhq/assay/internal/sentinel/verify"
)

// A failure that was revised is listed as what it is now, or not at all.
func TestRevisedFailuresLeave(t *testing.T) {
	now, f := time.Unix(0, 0), failures{}
	for range 2 {
		f.note(now, "end", &verify.Judgement{Verdict: verify.Duplicate}, nil)
	}
	f.revise(&verify.Judgement{Verdict: verify.Delivered, Was: verify.Duplicate}, nil)
	require.Len(t, f.list(now, time.Minute), 1)
	assert.EqualValues(t, 1, f.list(now, time.Minute)[0].Count)
	f.revise(&verify.Judgement{Verdict: verify.Delivered, Was: verify.Missing}, nil)
	require.Len(t, f.list(now, time.Minute), 1, "another failure")
	f.revise(&verify.Judgement{Verdict: verify.Delivered, Was: verify.Duplicate}, nil)
	assert.Empty(t, f.list(now, time.Minute))
}

// So does a place list it.
func TestPlaceTakesOutWhatIsRevised(t *testing.T) {
	p := watching(t, nil)
	judge, err := newPlace(p.Watch, "end", Pipeline, p.place)
	require.NoError(t, err)
	judge.note(&verify.Judgement{Verdict: verify.Duplicate, Traces: 1})
	require.Len(t, judge.failing, 1)
	judge.note(&verify.Judgement{Verdict: verify.Delivered, Was: verify.Duplicate, Traces: 1})
	assert.Empty(t, judge.failing)
	assert.Zero(t, judge.verdicts["duplicate"])
}
