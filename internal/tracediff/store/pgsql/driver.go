// Package pgsql makes pgx a driver of database/sql, with as much of it as the store needs: statements without a name,
// transactions, and connections that are thrown away when they break. database/sql keeps the pool.
package pgsql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Open makes a pool of connections; it connects when it is first used.
func Open(config *pgx.ConnConfig) *sql.DB {
	return sql.OpenDB(&connector{config})
}

type connector struct{ config *pgx.ConnConfig }

// Connect implements driver.Connector.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, c.config.Copy())
	if err != nil {
		return nil, err
	}
	return &connection{conn: conn}, nil
}

// Driver implements driver.Connector.
func (c *connector) Driver() driver.Driver { return noDriver{} }

type noDriver struct{}

// Open implements driver.Driver.
func (noDriver) Open(string) (driver.Conn, error) { return nil, errors.New("use pgsql.Open") }

// connection is one session with the server. database/sql uses it from one goroutine at a time.
type connection struct{ conn *pgx.Conn }

var (
	_ driver.ConnBeginTx       = (*connection)(nil)
	_ driver.ExecerContext     = (*connection)(nil)
	_ driver.QueryerContext    = (*connection)(nil)
	_ driver.Pinger            = (*connection)(nil)
	_ driver.Validator         = (*connection)(nil)
	_ driver.NamedValueChecker = (*connection)(nil)
)

// closing bounds how long a farewell may take.
const closing = 3 * time.Second

// Close implements driver.Conn.
func (c *connection) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	return c.conn.Close(ctx)
}

// IsValid implements driver.Validator: a session that an error or an ended context has closed is not used again.
func (c *connection) IsValid() bool { return !c.conn.IsClosed() }

// Ping implements driver.Pinger.
func (c *connection) Ping(ctx context.Context) error { return c.conn.Ping(ctx) }

// CheckNamedValue implements driver.NamedValueChecker: pgx knows what to do with every Go value.
func (c *connection) CheckNamedValue(*driver.NamedValue) error { return nil }

// ExecContext implements driver.ExecerContext.
func (c *connection) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	tag, err := c.conn.Exec(ctx, query, values(args)...)
	if err != nil {
		return nil, c.broken(err)
	}
	return driver.RowsAffected(tag.RowsAffected()), nil
}

// QueryContext implements driver.QueryerContext.
func (c *connection) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	found, err := c.conn.Query(ctx, query, values(args)...)
	if err != nil {
		return nil, c.broken(err)
	}
	return &rows{found}, nil
}

// broken tells database/sql to try on another connection, where the server cannot have seen the statement.
func (c *connection) broken(err error) error {
	if c.conn.IsClosed() && pgconn.SafeToRetry(err) {
		return driver.ErrBadConn
	}
	return err
}

// Begin implements driver.Conn.
func (c *connection) Begin() (driver.Tx, error) { return nil, errors.New("use BeginTx") }

// BeginTx implements driver.ConnBeginTx.
func (c *connection) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	if options.Isolation != 0 || options.ReadOnly {
		return nil, fmt.Errorf("only the default isolation is supported, got %v", sql.IsolationLevel(options.Isolation))
	}
	tx, err := c.conn.Begin(ctx)
	if err != nil {
		return nil, c.broken(err)
	}
	return &transaction{tx}, nil
}

// Prepare implements driver.Conn.
func (c *connection) Prepare(query string) (driver.Stmt, error) {
	return &statement{c, query}, nil
}

type transaction struct{ tx pgx.Tx }

// ending bounds how long the end of a transaction may take: database/sql gives no context for it.
const ending = 15 * time.Second

// Commit implements driver.Tx.
func (t *transaction) Commit() error {
	ctx, cancel := context.WithTimeout(context.Background(), ending)
	defer cancel()
	return t.tx.Commit(ctx)
}

// Rollback implements driver.Tx.
func (t *transaction) Rollback() error {
	ctx, cancel := context.WithTimeout(context.Background(), ending)
	defer cancel()
	return t.tx.Rollback(ctx)
}

// statement is a statement by its text; pgx keeps its own cache of prepared ones.
type statement struct {
	*connection
	query string
}

// Close implements driver.Stmt; the connection stays.
func (s *statement) Close() error { return nil }

// NumInput implements driver.Stmt: the server checks the number.
func (s *statement) NumInput() int { return -1 }

// Exec implements driver.Stmt.
func (s *statement) Exec([]driver.Value) (driver.Result, error) {
	return nil, errors.New("use ExecContext")
}

// Query implements driver.Stmt.
func (s *statement) Query([]driver.Value) (driver.Rows, error) {
	return nil, errors.New("use QueryContext")
}

type rows struct{ pgx.Rows }

// Columns implements driver.Rows.
func (r *rows) Columns() []string {
	names := make([]string, len(r.FieldDescriptions()))
	for i, f := range r.FieldDescriptions() {
		names[i] = f.Name
	}
	return names
}

// Close implements driver.Rows.
func (r *rows) Close() error {
	r.Rows.Close()
	return r.Err()
}

// Next implements driver.Rows.
func (r *rows) Next(into []driver.Value) error {
	if !r.Rows.Next() {
		if err := r.Err(); err != nil {
			return err
		}
		return io.EOF
	}
	row, err := r.Values()
	if err != nil {
		return err
	}
	for i, v := range row {
		switch v := v.(type) {
		case int16:
			into[i] = int64(v)
		case int32:
			into[i] = int64(v)
		case float32:
			into[i] = float64(v)
		default:
			into[i] = v
		}
	}
	return nil
}

func values(args []driver.NamedValue) []any {
	plain := make([]any, len(args))
	for i, a := range args {
		plain[i] = a.Value
	}
	return plain
}
