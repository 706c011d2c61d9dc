package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"go.uber.org/zap"
)

// Codes of PostgreSQL's appendix A.
const (
	uniqueViolation      = "23505"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
)

// migrationLock is what collectors that start together take turns by.
const migrationLock = 0x7472616365646966 // "tracedif"

// OpenPostgres keeps the history in a PostgreSQL database, which several collectors may share.
func OpenPostgres(dsn string, logger *zap.Logger) (Store, error) {
	config, err := parsePostgres(dsn)
	if err != nil {
		return nil, err
	}
	files, err := fs.Sub(migrations, "migrations/postgres")
	if err != nil {
		return nil, err
	}
	turns, err := lock.NewPostgresSessionLocker(lock.WithLockID(migrationLock), lock.WithLockTimeout(1, 10))
	if err != nil {
		return nil, err
	}
	return &database{logger: logger, dialect: &dialect{
		name:       goose.DialectPostgres,
		numbered:   true,
		migrations: files,
		options: []goose.ProviderOption{
			goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true), goose.WithSessionLocker(turns),
		},
		open:     func() (*sql.DB, error) { return openPostgres(config), nil },
		conflict: func(err error) bool { return postgresCode(err) == uniqueViolation },
		damage:   func(error) bool { return false }, // an administrator's to judge
		transient: func(err error) bool {
			code := postgresCode(err)
			return code == serializationFailure || code == deadlockDetected
		},
	}}, nil
}

// CheckPostgres says what is wrong with a DSN before it is opened.
func CheckPostgres(dsn string) error {
	_, err := parsePostgres(dsn)
	return err
}

func parsePostgres(dsn string) (*pgx.ConnConfig, error) {
	if dsn == "" {
		return nil, errors.New(`must be set, such as postgres://assay:PASSWORD@db:5432/assay`)
	}
	config, err := pgx.ParseConfig(dsn) // its errors hide the password
	if err != nil {
		return nil, fmt.Errorf("must be a PostgreSQL URL or key=value pairs: %w", err)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	return config, nil
}

func openPostgres(config *pgx.ConnConfig) *sql.DB {
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(8)
	db.SetMaxIdleConns(2)
	db.SetConnMaxIdleTime(time.Minute)
	db.SetConnMaxLifetime(30 * time.Minute) // follows a failover, and a change of the address
	return db
}

func postgresCode(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
