package store

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func checkLeases(t *testing.T, open func(*testing.T) Store) {
	s := open(t)
	lease := func(holder string, at, until int) bool {
		t.Helper()
		held, err := s.Lease(t.Context(), "q1", holder, noon.Add(time.Duration(at)*time.Second), noon.Add(time.Duration(until)*time.Second))
		require.NoError(t, err)
		return held
	}
	assert.True(t, lease("c1", 0, 10))
	assert.False(t, lease("c2", 5, 15))
	assert.True(t, lease("c1", 5, 15), "the holder prolongs it")
	assert.False(t, lease("c2", 12, 20))
	assert.True(t, lease("c2", 16, 26), "after its end another may take it")
	assert.False(t, lease("c1", 17, 30))
	require.NoError(t, s.Leave(t.Context(), "c2"))
	assert.True(t, lease("c1", 18, 30), "who leaves gives back")
}

// Of many that ask at once one gets the lease.
func checkLeaseIsTakenOnce(t *testing.T, open func(*testing.T) Store) {
	one, two := open(t), open(t)
	var all sync.WaitGroup
	var holders atomic.Int32
	for n := range 16 {
		s := one
		if n%2 == 1 {
			s = two
		}
		all.Go(func() {
			held, err := s.Lease(t.Context(), "q1", fmt.Sprint("c", n), noon, noon.Add(time.Minute))
			if err != nil {
				t.Error(err)
			}
			if held {
				holders.Add(1)
			}
		})
	}
	all.Wait()
	assert.Equal(t, int32(1), holders.Load())
}

func checkCollectors(t *testing.T, open func(*testing.T) Store) {
	s := open(t)
	require.NoError(t, s.Seen(t.Context(), "c1", noon))
	require.NoError(t, s.Seen(t.Context(), "c2", noon.Add(time.Second)))
	require.NoError(t, s.Seen(t.Context(), "c1", noon.Add(2*time.Second)))
	list, err := s.Collectors(t.Context(), noon.Add(time.Second))
	require.NoError(t, err)
	assert.Equal(t, []string{"c1", "c2"}, list)
	require.NoError(t, s.Leave(t.Context(), "c1"))
	list, err = s.Collectors(t.Context(), noon)
	require.NoError(t, err)
	assert.Equal(t, []string{"c2"}, list)
}
