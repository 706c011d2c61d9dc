package console

import (
	"context"
	"maps"
	"sync"
	"time"
)

// Shared keeps answers for a moment, so that ten browsers that ask the same cost what one costs. The zero value is ready.
type Shared[T any] struct {
	mu      sync.Mutex // guards everything below; those who come while a question is asked wait for its answer
	answers map[string]sharedAnswer[T]
}

type sharedAnswer[T any] struct {
	asked time.Time
	value T
}

const (
	sharedFor  = 2 * time.Second
	mostShared = 16 // questions; answers are large
)

// Get is the answer to a question: that of a moment ago, or what ask returns now. An error is for the one who asked alone.
func (s *Shared[T]) Get(ctx context.Context, question string, ask func(context.Context) (T, error)) (T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.answers[question]; ok && time.Since(known.asked) < sharedFor {
		return known.value, nil
	}
	value, err := ask(ctx)
	if err != nil {
		return value, err
	}
	maps.DeleteFunc(s.answers, func(_ string, old sharedAnswer[T]) bool { return time.Since(old.asked) >= sharedFor })
	if s.answers == nil || len(s.answers) >= mostShared {
		s.answers = map[string]sharedAnswer[T]{}
	}
	s.answers[question] = sharedAnswer[T]{time.Now(), value}
	return value, nil
}
