package console

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSharedAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		var s Shared[int]
		ask := func(context.Context) (int, error) {
			asked++
			return asked, nil
		}
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				n, err := s.Get(t.Context(), "q", ask)
				assert.Equal(t, []any{1, nil}, []any{n, err})
			})
		}
		all.Wait()
		assert.Equal(t, 1, asked, "ten browsers ask once")
		<-time.After(sharedFor)
		n, _ := s.Get(t.Context(), "q", ask)
		assert.Equal(t, 2, n)

		other, _ := s.Get(t.Context(), "another", ask)
		assert.Equal(t, 3, other)

		<-time.After(sharedFor)
		_, err := s.Get(t.Context(), "q", func(context.Context) (int, error) { return 0, errors.New("gone") })
		require.Error(t, err)
		n, err = s.Get(t.Context(), "q", ask)
		require.NoError(t, err)
		assert.Equal(t, 4, n, "an error serves nobody else")
		for n := range 10 * mostShared {
			_, err := s.Get(t.Context(), strconv.Itoa(n), ask)
			require.NoError(t, err)
			assert.LessOrEqual(t, len(s.answers), mostShared)
		}
	})
}
