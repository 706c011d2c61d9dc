package tracediff

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/assayhq/assay/internal/tracediff/compare"
	"github.com/assayhq/assay/internal/tracediff/store"
)

// Errors of what the API asks for.
var (
	// ErrReadOnly is for queries of the configuration.
	ErrReadOnly = errors.New("the query is part of the configuration, and can only be changed there")
	// ErrTooMany is for one query more than there may be.
	ErrTooMany = fmt.Errorf("there can be %d queries, of which one with trace.duration counts for two or more; delete one first", maxQueries)
)

// InvalidError is what is wrong with a definition that came over the API.
type InvalidError []KeyError

func (i InvalidError) Error() string {
	lines := make([]string, len(i))
	for n, p := range i {
		lines[n] = p.Error()
	}
	return strings.Join(lines, "; ")
}

const (
	maxQueries = 200
	follow     = 5 * time.Second // how soon a query that another collector was given is known here
)

// ConfigID is the id of a query of the configuration, the same after a restart and in all collectors.
func ConfigID(name string) string {
	sum := sha256.Sum256([]byte("config:" + name))
	return hex.EncodeToString(sum[:6])
}

// Queries lists those that live, oldest first.
func (s *Service) Queries() []store.Query { return s.queries.list() }

// Query is one that lives.
func (s *Service) Query(id string) (store.Query, error) {
	q, ok := s.queries.get(id)
	if !ok {
		return q, store.ErrNotFound
	}
	return q, nil
}

// KnownQuery is one that lives or lived; it is empty if nothing is known of it any more.
func (s *Service) KnownQuery(id string) store.Query {
	q, _ := s.queries.known(id)
	return q
}

// complete fills in and checks a definition from the API.
func (s *Service) complete(q *store.Query) error {
	s.config.Defaults.Complete(q)
	targets := make([]string, 0, len(s.config.Targets))
	for name := range s.config.Targets {
		targets = append(targets, name)
	}
	slices.Sort(targets)
	if wrong := Check(q, targets); len(wrong) > 0 {
		return InvalidError(wrong)
	}
	return nil
}

// CreateQuery adds a query, and evaluates it at once.
func (s *Service) CreateQuery(ctx context.Context, q store.Query) (store.Query, error) {
	q.ID, q.Source = randomID(), store.FromAPI
	if q.CreatedAt.IsZero() {
		q.CreatedAt = s.now().Truncate(time.Second)
	}
	if err := s.complete(&q); err != nil {
		return q, err
	}
	if err := s.queries.create(ctx, q); err != nil {
		return q, err
	}
	s.showWindow(ctx, &q)
	return q, nil
}

// showWindow makes the present window of a query visible at once. If that fails, the next checkpoint does it.
func (s *Service) showWindow(ctx context.Context, q *store.Query) {
	if err := s.saveOpen(ctx, q, time.Time{}); err != nil {
		s.logger.Warn("The window of a new query shows later", zap.String("query", q.Name), zap.Error(err))
	}
}

// UpdateQuery replaces a definition. If that changes what is aggregated, its history begins anew.
func (s *Service) UpdateQuery(ctx context.Context, id string, q store.Query) (store.Query, error) {
	have, err := s.writable(id)
	if err != nil {
		return q, err
	}
	q.ID, q.Source = id, store.FromAPI
	if q.CreatedAt.IsZero() {
		q.CreatedAt = have.CreatedAt
	}
	if err := s.complete(&q); err != nil {
		return q, err
	}
	anew, err := s.queries.replace(ctx, &q, s.now())
	if err == nil && anew {
		s.showWindow(ctx, &q)
	}
	return q, err
}

// DeleteQuery ends a query and its alerts. Its snapshots and diffs stay for as long as the retention says.
func (s *Service) DeleteQuery(ctx context.Context, id string) (store.Query, error) {
	q, err := s.writable(id)
	if err != nil {
		return q, err
	}
	return q, s.queries.remove(ctx, id, s.now())
}

func (s *Service) writable(id string) (store.Query, error) {
	q, err := s.Query(id)
	if err == nil && q.Source != store.FromAPI {
		err = ErrReadOnly
	}
	return q, err
}

// Thresholds are those of queries that name none.
func (s *Service) Thresholds() compare.Thresholds { return s.config.Defaults.Thresholds }
