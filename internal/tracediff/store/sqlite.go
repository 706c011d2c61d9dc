package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"go.uber.org/zap"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations/sqlite/*.sql migrations/postgres/*.sql
var migrations embed.FS

// busyTimeout is how long a statement waits for another process's lock.
const busyTimeout = 5 * time.Second

// OpenSQLite keeps the history in a file. The directory must exist; the file is made. now is the clock.
func OpenSQLite(path string, logger *zap.Logger, now func() time.Time) (Store, error) {
	if err := CheckSQLite(path); err != nil {
		return nil, err
	}
	files, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return nil, err
	}
	return &database{logger: logger, dialect: &dialect{
		name:       goose.DialectSQLite3,
		migrations: files,
		options:    []goose.ProviderOption{goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true)},
		open:       func() (*sql.DB, error) { return openSQLite(path) },
		conflict:   func(err error) bool { return sqliteCode(err)&0xff == sqlite3.SQLITE_CONSTRAINT },
		transient:  func(error) bool { return false }, // busyTimeout has waited already
		damage:     func(err error) bool { return isDamage(err) || brokenInside(path, err) },
		setAside:   func() (string, error) { return setFileAside(path, now()) },
	}}, nil
}

const versionTable = "trace_diff_version"

// CheckSQLite says what is wrong with a path before it is opened.
func CheckSQLite(path string) error {
	switch {
	case path == "":
		return errors.New(`must be the path of a file, got ""`)
	case strings.Contains(path, ":memory:"):
		return fmt.Errorf("must be the path of a file: a history in memory would not outlive a restart, got %q", path)
	case strings.HasPrefix(path, "file:"), strings.ContainsAny(path, "?#"):
		return fmt.Errorf("must be a plain path; options are set by trace_diff itself, got %q", path)
	}
	return nil
}

func openSQLite(path string) (*sql.DB, error) {
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("the directory of %s must exist: %w", path, err)
	}
	options := url.Values{"_txlock": {"immediate"}}
	for _, pragma := range []string{
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), // first: the next one may have to wait
		"journal_mode(WAL)", "synchronous(NORMAL)", "journal_size_limit(16777216)",
	} {
		options.Add("_pragma", pragma)
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+options.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(4) // one writes, others read
	return db, nil
}

func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// isDamage says whether SQLite found its file to be no database, or a broken one.
func isDamage(err error) bool {
	code := sqliteCode(err) & 0xff
	return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB
}

// brokenInside looks for damage that showed as another error: a page of the schema that reads as empty, say.
func brokenInside(path string, err error) bool {
	if sqliteCode(err)&0xff != sqlite3.SQLITE_ERROR {
		return false
	}
	db, err := openSQLite(path)
	if err != nil {
		return false
	}
	defer func() { _ = db.Close() }()
	var verdict string
	ctx, cancel := context.WithTimeout(context.Background(), patience) // who finds the damage may be out of time
	defer cancel()
	err = db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict)
	return isDamage(err) || err == nil && verdict != "ok"
}

// setFileAside renames a database and what belongs to it.
func setFileAside(path string, now time.Time) (string, error) {
	place := path + ".damaged-" + now.UTC().Format("20060102T150405.000")
	if err := os.Rename(path, place); err != nil {
		return "", fmt.Errorf("a damaged database cannot be set aside: %w", err)
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Rename(path+suffix, place+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("a damaged database cannot be set aside: %w", err)
		}
	}
	return place, nil
}
