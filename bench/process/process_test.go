package process

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// burn takes CPU and makes garbage until ctx ends.
func burn(ctx context.Context) (kept [][]byte) {
	for ctx.Err() == nil {
		kept = append(kept[:len(kept)%8], make([]byte, 1<<20))
	}
	return kept
}

func TestUsageGrowsWithWhatIsUsed(t *testing.T) {
	before, err := ReadUsage()
	require.NoError(t, err)
	outside, err := CPU(os.Getpid())
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	burn(ctx)
	after, err := ReadUsage()
	require.NoError(t, err)
	outsideAfter, err := CPU(os.Getpid())
	require.NoError(t, err)

	require.Greater(t, after.CPU, before.CPU)
	require.Greater(t, after.Bytes, before.Bytes+1<<20)
	require.Greater(t, after.Objects, before.Objects)
	require.InDelta(t, (after.CPU - before.CPU).Seconds(), (outsideAfter - outside).Seconds(), 0.05)
}

func TestResidentGrowsWithWhatIsTouched(t *testing.T) {
	const size = 64 << 20
	before, _, err := Resident("self")
	require.NoError(t, err)
	touched := make([]byte, size)
	for i := 0; i < size; i += 4096 {
		touched[i] = 1
	}
	after, peak, err := Resident("self")
	require.NoError(t, err)
	require.Greater(t, after, before+size*3/4)
	require.GreaterOrEqual(t, peak, after)
	require.NotNil(t, touched)
	_, _, err = Resident("0")
	require.ErrorContains(t, err, "/proc/0/status")
}

func TestCollectionsAreCountedFromEndToEnd(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	go burn(ctx)
	c, err := WatchCollections(ctx, 400*time.Millisecond)
	require.NoError(t, err)
	require.Positive(t, c.Cycles)
	require.Positive(t, c.CPU)
	require.Greater(t, c.Used, c.CPU)
	require.GreaterOrEqual(t, c.Has, c.Used)
	require.Positive(t, c.LongStop)
	require.GreaterOrEqual(t, c.Stops, c.LongStop/4)
}

// Without two ends of cycles there is no window, and no figure is made up.
func TestNoCollectionsIsAnError(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := WatchCollections(ctx, time.Hour)
	require.ErrorContains(t, err, "watch longer")
}
