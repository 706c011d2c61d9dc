package api

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestSharedAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		var s shared[int]
		ask := func(context.Context) (int, error) {
			asked++
			return asked, nil
		}
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				n, err := s.get(t.Context(), ask)
				assert.NoError(t, err)
				assert.Equal(t, 1, n)
			})
		}
		all.Wait()
		assert.Equal(t, 1, asked, "ten browsers ask once")
		time.Sleep(freshFor)
		n, _ := s.get(t.Context(), ask)
		assert.Equal(t, 2, n)

		time.Sleep(freshFor)
		_, err := s.get(t.Context(), func(context.Context) (int, error) { return 0, errors.New("gone") })
		assert.Error(t, err)
		n, err = s.get(t.Context(), ask)
		assert.NoError(t, err)
		assert.Equal(t, 3, n, "an error serves nobody else")
	})
}
