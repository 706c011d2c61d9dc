package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
	"go.uber.org/zap"
)

// patience is how long one call may take, connecting and migrating included. Callers with less say so in their context.
const patience = 15 * time.Second

// migrationAttempts is how often migrating is tried: another process that migrates at the same time makes it fail.
const migrationAttempts = 3

// database implements Store for both dialects.
type database struct {
	dialect *dialect
	logger  *zap.Logger

	mu     sync.Mutex // guards everything below; held while connecting
	db     *sql.DB    // nil until it could be opened and migrated
	closed bool
}

var _ Store = (*database)(nil)

// opened connects and migrates, unless that has been done.
func (d *database) opened(ctx context.Context) (*sql.DB, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, fmt.Errorf("%w: it is closed", ErrUnavailable)
	}
	if d.db != nil {
		return d.db, nil
	}
	db, err := d.dialect.open()
	if err == nil {
		for range migrationAttempts {
			if err = d.migrate(ctx, db); err == nil || ctx.Err() != nil || d.dialect.damage(err) {
				break
			}
		}
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}
	if err != nil {
		return nil, d.setAside(fmt.Errorf("%w: %w", ErrUnavailable, err))
	}
	d.db = db
	return db, nil
}

func (d *database) migrate(ctx context.Context, db *sql.DB) error {
	provider, err := goose.NewProvider(d.dialect.name, db, d.dialect.migrations, d.dialect.options...)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// setAside moves a damaged database away, so that the next call begins a new one. It returns err. The caller holds mu.
func (d *database) setAside(err error) error {
	if !d.dialect.damage(err) {
		return err
	}
	if d.db != nil {
		err = errors.Join(err, d.db.Close()) // else the file stays open under its new name
		d.db = nil
	}
	place, failed := d.dialect.setAside()
	if failed != nil {
		return errors.Join(err, failed)
	}
	d.logger.Error("The database of trace_diff is damaged. It was set aside, and a new one begins without its history",
		zap.String("set_aside", place), zap.Error(err))
	return err
}

// damaged looks at an error of an open database.
func (d *database) damaged(err error) error {
	if !isDamage(err) {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.setAside(err)
}

// Close ends all connections. Later calls fail.
func (d *database) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	if d.db == nil {
		return nil
	}
	db := d.db
	d.db = nil
	return db.Close()
}

// querier is what a database and a transaction have in common.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// session runs statements in the database's dialect.
type session struct {
	querier
	dialect *dialect
}

// exec returns the number of rows that a statement changed.
func (s session) exec(ctx context.Context, statement string, args ...any) (int64, error) {
	result, err := s.ExecContext(ctx, s.dialect.sql(statement), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// row scans one row; ErrNotFound if there is none.
func (s session) row(ctx context.Context, statement string, args, into []any) error {
	err := s.QueryRowContext(ctx, s.dialect.sql(statement), args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// rows calls read for each row.
func (s session) rows(ctx context.Context, statement string, args []any, read func(scan func(...any) error) error) error {
	rows, err := s.QueryContext(ctx, s.dialect.sql(statement), args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // Err below says what went wrong
	for rows.Next() {
		if err := read(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// read runs f outside of a transaction.
func (d *database) read(ctx context.Context, f func(context.Context, session) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	db, err := d.opened(ctx)
	if err != nil {
		return err
	}
	return d.explain(f(ctx, session{db, d.dialect}))
}

// write runs f in a transaction, again if another one stood in its way.
func (d *database) write(ctx context.Context, f func(context.Context, session) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := d.attempt(ctx, f)
		if err == nil || !d.dialect.transient(err) || ctx.Err() != nil {
			return d.explain(err)
		}
	}
}

func (d *database) attempt(ctx context.Context, f func(context.Context, session) error) (err error) {
	db, err := d.opened(ctx)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback() // the database rolls back by itself when the connection is gone
		}
	}()
	if err := f(ctx, session{tx, d.dialect}); err != nil {
		return err
	}
	return tx.Commit()
}

// explain turns what the database says into the errors of this package.
func (d *database) explain(err error) error {
	switch {
	case err == nil, errors.Is(err, ErrUnavailable):
		return err
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrExists), errors.Is(err, ErrLost), errors.Is(err, ErrDamaged):
		return err
	case d.dialect.conflict(err):
		return fmt.Errorf("%w: %w", ErrExists, err)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, d.damaged(err))
}

// nanos is how times are stored; the zero time is 0.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func fromNanos(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}
