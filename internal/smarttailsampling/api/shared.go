package api

import (
	"context"
	"sync"
	"time"
)

// freshFor is how long an answer of the sampler serves everybody who asks: decisions wait while it is asked, and ten open browsers ask ten
// times as often as one.
const freshFor = 2 * time.Second

// shared is the last answer to a question without parameters.
type shared[T any] struct {
	mu    sync.Mutex // guards everything below; those who come while the question is asked wait for its answer
	asked time.Time
	last  T
}

func (s *shared[T]) get(ctx context.Context, ask func(context.Context) (T, error)) (T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if !s.asked.IsZero() && now.Sub(s.asked) < freshFor {
		return s.last, nil
	}
	answer, err := ask(ctx)
	if err == nil {
		s.last, s.asked = answer, time.Now()
	}
	return answer, err
}
