package tracediff

import (
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tracediff/store"
)

// availability notices when the store stops to answer, and when it does again.
type availability struct {
	logger *zap.Logger
	tell   func(error)

	mu   sync.Mutex      // guards away
	away map[string]bool // by goroutine: those that it does not answer
}

func (a *availability) note(who string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before := len(a.away)
	if errors.Is(err, store.ErrUnavailable) {
		a.away[who] = true
	} else {
		delete(a.away, who)
		if err != nil {
			a.logger.Error("Something could not be written", zap.Error(err))
		}
	}
	switch {
	case before == 0 && len(a.away) > 0:
		a.logger.Warn("The database does not answer; windows are kept in memory until it does", zap.Error(err))
		a.tell(err)
	case before > 0 && len(a.away) == 0:
		a.logger.Info("The database answers again")
		a.tell(nil)
	}
}

// rhythm remembers when things were done last. It belongs to the store's goroutine.
type rhythm struct {
	last map[string]time.Time
	took map[string]time.Duration
}

// due says whether something should be done now, and notes that it is.
func (r *rhythm) due(what string, now time.Time, every time.Duration) bool {
	if last, ok := r.last[what]; ok && now.Sub(last) < every && !now.Before(last) {
		return false
	}
	r.last[what] = now
	return true
}

// again makes something due at once.
func (r *rhythm) again(what string) { delete(r.last, what) }
